/** How many rows something has, or how large they are, kept in memory so that nobody has to count. */
import harden from '@endo/harden';
import type { Journal } from './journal.ts';

export type Tally<Owner> = Readonly<{
  of(owner: Owner): number;
  /** Undone with the savepoint. */
  note(owner: Owner, change: number): void;
}>;

export const makeTally = <Owner>(
  journal: Journal,
  /** How many there are already. */
  before: Iterable<readonly [Owner, number]>,
): Tally<Owner> => {
  const counts = new Map<Owner, number>(before);
  const of = (owner: Owner): number => counts.get(owner) ?? 0;
  const put = (owner: Owner, count: number): void => {
    if (count > 0) {
      counts.set(owner, count);
    } else {
      counts.delete(owner);
    }
  };
  return harden({
    of,
    note: (owner: Owner, change: number) => {
      const was = of(owner);
      put(owner, was + change);
      journal.record(() => put(owner, was));
    },
  });
};
