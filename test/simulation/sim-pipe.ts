/**
 * One direction of a simulated link: what is put in comes out in order, each
 * thing in a step of its own, some of it late. What is under way when the pipe
 * breaks is lost.
 */
import type { Random } from '../support/random.ts';
import type { Scheduler } from './scheduler.ts';

export type SimPipe = Readonly<{
  /** After the end, or the break, it is lost. */
  push(label: string, task: () => void): void;
  /** The last thing that comes out; nothing goes in any more. */
  end(label: string, task: () => void): void;
  /** Nothing comes out any more. */
  break(): void;
}>;

/** Belongs to no kernel: what is on its way survives its sender. */
export const NETWORK = 'net';
/** Of how many things one comes late. */
const LATE_ONE_IN = 20;
const LATE_MS = 1500;

export const makeSimPipe = (
  { random, scheduler }: Readonly<{ random: Random; scheduler: Scheduler }>,
  name: string,
  isFaulty: () => boolean,
): SimPipe => {
  const waiting: { label: string; task: () => void }[] = [];
  let isMoving = false;
  let isOpen = true;

  const move = (): void => {
    const [next] = waiting;
    isMoving = next !== undefined;
    if (next === undefined) {
      return;
    }
    const arrive = (): void => {
      waiting.shift();
      next.task();
      move();
    };
    const isLate = isFaulty() && random.integer(1, LATE_ONE_IN) === 1;
    if (isLate) {
      const ms = random.integer(1, LATE_MS);
      scheduler.after(NETWORK, ms, `${next.label}, late`, arrive);
    } else {
      scheduler.push(`${NETWORK}/${name}`, next.label, arrive);
    }
  };

  const push = (label: string, task: () => void): void => {
    if (isOpen) {
      waiting.push({ label, task });
      if (!isMoving) {
        move();
      }
    }
  };

  return {
    push,
    end: (label, task) => {
      push(label, task);
      isOpen = false;
    },
    break: () => {
      isOpen = false;
      for (const one of waiting) {
        one.task = () => undefined;
      }
    },
  };
};
