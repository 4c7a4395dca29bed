/** Long work of many, a part of one of them at a time, with pauses in which others have their turns. */
import harden from '@endo/harden';
import type { Powers } from './powers.ts';

/** Resolves when others have had a turn. */
export const aTurn = async ({
  nextTurn,
}: Pick<Powers, 'nextTurn'>): Promise<void> => new Promise(nextTurn);

export type InTurns = Readonly<{
  /** To be called when there may be something to do. */
  schedule(): void;
  stop(): void;
}>;

export const makeInTurns = <Key, Value>(
  powers: Pick<Powers, 'after'>,
  /** Who has something left to be done; whoever had a turn goes to the end. */
  waiting: Map<Key, Value>,
  {
    pauseMs,
    doSome,
  }: Readonly<{
    pauseMs: number;
    /** Takes out of `waiting` what is done. */
    doSome: (key: Key) => void;
  }>,
): InTurns => {
  let cancel: (() => void) | undefined;

  const goOn = (): void => {
    cancel = undefined;
    const [first] = waiting;
    if (first !== undefined) {
      const [key, value] = first;
      waiting.delete(key);
      waiting.set(key, value);
      doSome(key);
    }
    schedule();
  };

  const schedule = (): void => {
    if (waiting.size > 0) {
      cancel ??= powers.after(pauseMs, goOn);
    }
  };

  return harden({ schedule, stop: () => cancel?.() });
};
