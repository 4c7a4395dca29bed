/**
 * Timers of one vat. A timer that is due does not call the vat's code: it is
 * noted, and the vat is given a turn, so that what the callback does is a crank
 * like any other, with its syscalls collected and its outcome kept or undone.
 * Timers live in the heap and end with the vat's process; what must fire after
 * a restart belongs to a durable clock.
 */
import harden from '@endo/harden';

/** Timers that a vat may have at once. */
const MAX_TIMERS = 1000;

export type HostTimers = Readonly<{
  /** Returns what cancels it. */
  after(ms: number, task: () => void): () => void;
}>;

type Callback = (...args: unknown[]) => unknown;

export type VatTimers = Readonly<{
  globals: Readonly<{
    setTimeout(callback: Callback, ms?: number, ...args: unknown[]): number;
    setInterval(callback: Callback, ms?: number, ...args: unknown[]): number;
    clearTimeout(id: unknown): void;
    clearInterval(id: unknown): void;
  }>;
  /** Runs every callback that is due. */
  runDue(report: (error: unknown) => void): void;
  /** Whether anything will fire. */
  arePending(): boolean;
  /** Nothing fires any more. */
  stop(): void;
}>;

export const makeVatTimers = (
  timers: HostTimers,
  requestTurn: () => void,
): VatTimers => {
  const pending = new Map<number, () => void>();
  const due = new Map<number, () => void>();
  let lastId = 0;

  const clear = (id: unknown): void => {
    pending.get(id as number)?.();
    pending.delete(id as number);
    due.delete(id as number);
  };

  const set = (
    callback: Callback,
    ms: number,
    args: readonly unknown[],
    repeats: boolean,
  ): number => {
    if (typeof callback !== 'function') {
      throw TypeError('a timer needs a function to call');
    }
    if (pending.size + due.size >= MAX_TIMERS) {
      throw RangeError(`a vat can have at most ${MAX_TIMERS} timers`);
    }
    const id = (lastId += 1);
    // As in every engine: whatever is not a delay counts as the shortest.
    const delay = Math.min(Math.max(Number(ms) || 0, 1), 2 ** 31 - 1);
    const arm = (): void => {
      pending.set(
        id,
        timers.after(delay, () => {
          pending.delete(id);
          due.set(id, () => {
            if (repeats) {
              arm();
            }
            callback(...args);
          });
          requestTurn();
        }),
      );
    };
    arm();
    return id;
  };

  return harden({
    globals: {
      setTimeout: (callback: Callback, ms = 0, ...args: unknown[]) =>
        set(callback, ms, args, false),
      setInterval: (callback: Callback, ms = 0, ...args: unknown[]) =>
        set(callback, ms, args, true),
      clearTimeout: clear,
      clearInterval: clear,
    },
    runDue: (report: (error: unknown) => void) => {
      // Only what is due now: a callback cannot keep its own turn going.
      for (const [id, run] of [...due]) {
        if (due.delete(id)) {
          try {
            run();
          } catch (error) {
            report(error);
          }
        }
      }
    },
    arePending: () => pending.size + due.size > 0,
    stop: () => {
      pending.forEach((cancel) => cancel());
      pending.clear();
      due.clear();
    },
  });
};
