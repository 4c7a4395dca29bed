/**
 * The undo list behind savepoints. Everything that changes kernel state in
 * memory records how to take the change back; a savepoint that throws runs
 * those in reverse, so a crank is kept whole or not at all.
 */
import harden from '@endo/harden';
export type Journal = Readonly<{
  record(undo: () => void): void;
  /** Runs `body`; if it throws, everything recorded within it is undone. May nest. */
  savepoint<T>(body: () => T): T;
  /** Runs `task` once the outermost savepoint is kept; never if it is undone. */
  whenKept(task: () => void): void;
  isOpen(): boolean;
}>;

export const makeJournal = (): Journal => {
  const undos: (() => void)[] = [];
  const kept: (() => void)[] = [];
  let depth = 0;

  const undoTo = (mark: number): void => {
    while (undos.length > mark) {
      undos.pop()?.();
    }
  };

  const runKept = (): void => {
    for (const task of kept.splice(0)) {
      task();
    }
  };

  return harden({
    record: (undo: () => void) => {
      if (depth > 0) {
        undos.push(undo);
      }
    },
    savepoint: <T>(body: () => T): T => {
      const mark = undos.length;
      const keptMark = kept.length;
      depth += 1;
      let result: T;
      try {
        result = body();
      } catch (error) {
        undoTo(mark);
        kept.length = keptMark;
        throw error;
      } finally {
        depth -= 1;
        if (depth === 0) {
          undos.length = 0;
        }
      }
      if (depth === 0) {
        runKept();
      }
      return result;
    },
    whenKept: (task: () => void) => {
      if (depth > 0) {
        kept.push(task);
      } else {
        task();
      }
    },
    isOpen: () => depth > 0,
  });
};
