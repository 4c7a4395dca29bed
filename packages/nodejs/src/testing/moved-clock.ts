/** Moves the wall clock of this process: leases end by it. Undone after the test. */
import { onTestFinished } from 'vitest';

/** Returns how to move on by so many ms. */
export const openMovedClock = (): ((ms: number) => void) => {
  const RealDate = globalThis.Date;
  let ahead = 0;
  // A class of its own: under lockdown the real one cannot be changed.
  globalThis.Date = class extends RealDate {
    static override now(): number {
      return RealDate.now() + ahead;
    }
  } as DateConstructor;
  onTestFinished(() => {
    globalThis.Date = RealDate;
  });
  return (ms) => {
    ahead += ms;
  };
};
