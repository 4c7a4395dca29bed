/**
 * Owns everything that is under way in the simulated world and picks what
 * happens next by the seed. What travels on one lane keeps its order; between
 * lanes everything is possible. Time is virtual: it passes a little with each
 * event, and leaps to the next timer when the seed says so.
 */
import type { Random } from '../support/random.ts';

type Task = () => void | Promise<void>;
type Event = Readonly<{ label: string; task: Task }>;
type Timer = Event & Readonly<{ due: number; owner: string }>;

export type Scheduler = Readonly<{
  /** Virtual milliseconds. */
  now(): number;
  pass(ms: number): void;
  /** A lane belongs to what its name begins with, up to the first `/`. */
  push(lane: string, label: string, task: Task): void;
  after(owner: string, ms: number, label: string, task: Task): () => void;
  /** Takes what waits on a lane off it. */
  clear(lane: string): void;
  /** Everything of this owner is lost. */
  forget(owner: string): void;
  /** Whether something is under way that needs no time to pass. */
  isBusy(): boolean;
  /** Runs one event; false if there is none. Patient: time passes only when nothing else can. */
  step(patient: boolean): Promise<boolean>;
}>;

/** Of how many picks one lets time leap, while other things are under way. */
const LEAP_ONE_IN = 25;

export const makeScheduler = (
  random: Random,
  note: (text: string) => void,
): Scheduler => {
  const lanes = new Map<string, Event[]>();
  const timers: Timer[] = [];
  let now = 0;

  const nextTimer = (): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (next === undefined || timer.due < next.due) {
        next = timer;
      }
    }
    return next;
  };

  const takeTimer = (timer: Timer): Event => {
    timers.splice(timers.indexOf(timer), 1);
    now = Math.max(now, timer.due);
    return timer;
  };

  const takeFromLane = (): Event | undefined => {
    const busy = [...lanes.keys()];
    if (busy.length === 0) {
      return undefined;
    }
    const lane = random.pick(busy);
    const events = lanes.get(lane) ?? [];
    const event = events.shift();
    if (events.length === 0) {
      lanes.delete(lane);
    }
    return event;
  };

  const take = (patient: boolean): Event | undefined => {
    const timer = nextTimer();
    const leaps =
      timer !== undefined &&
      (timer.due <= now ||
        lanes.size === 0 ||
        (!patient && random.integer(1, LEAP_ONE_IN) === 1));
    return leaps ? takeTimer(timer) : takeFromLane();
  };

  return {
    now: () => now,
    pass: (ms) => {
      now += ms;
    },
    push: (lane, label, task) => {
      const events = lanes.get(lane);
      if (events === undefined) {
        lanes.set(lane, [{ label, task }]);
      } else {
        events.push({ label, task });
      }
    },
    after: (owner, ms, label, task) => {
      const timer = { owner, label, task, due: now + ms };
      timers.push(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) {
          timers.splice(index, 1);
        }
      };
    },
    clear: (lane) => {
      lanes.delete(lane);
    },
    forget: (owner) => {
      for (const lane of [...lanes.keys()]) {
        if (lane.startsWith(`${owner}/`)) {
          lanes.delete(lane);
        }
      }
      const others = timers.filter((timer) => timer.owner !== owner);
      timers.splice(0, timers.length, ...others);
    },
    isBusy: () => lanes.size > 0,
    step: async (patient) => {
      const event = take(patient);
      if (event === undefined) {
        return false;
      }
      now += random.integer(0, 2);
      note(event.label);
      await event.task();
      await microtasksDone();
      return true;
    },
  };
};

/** Microtasks are worked off before the event loop turns, however long their chain. */
export const microtasksDone = async (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
