/**
 * Ordered rows that belong to something: the inbox of a vat, the messages that
 * wait for a promise. The order (`seq`) is kept in memory for all pending rows;
 * their contents are read through the table.
 */
import harden from '@endo/harden';
import type { Journal } from './journal.ts';
import type { Table } from './table.ts';

export type Queues<Owner extends string, Row> = Readonly<{
  append(owner: Owner, row: Row): number;
  get(seq: number): Row | undefined;
  update(seq: number, row: Row): void;
  remove(owner: Owner, seq: number): void;
  /** In the order of arrival. */
  list(owner: Owner): readonly number[];
  /** The first `count` after `after` (0 for the beginning), in order. */
  following(owner: Owner, after: number): number | undefined;
  size(owner: Owner): number;
  owners(): readonly Owner[];
}>;

export const makeQueues = <Owner extends string, Row>(
  journal: Journal,
  table: Table<number, Row>,
  pending: Iterable<Readonly<{ seq: number; owner: Owner }>>,
  /** Told of every row that comes and goes. */
  note: (row: Row, sign: 1 | -1) => void,
): Queues<Owner, Row> => {
  const members = new Map<Owner, Set<number>>();
  let last = 0;

  const insert = (owner: Owner, seq: number): void => {
    const set = members.get(owner);
    if (set === undefined) {
      members.set(owner, new Set([seq]));
    } else {
      set.add(seq);
    }
  };
  const drop = (owner: Owner, seq: number): void => {
    const set = members.get(owner);
    set?.delete(seq);
    if (set?.size === 0) {
      members.delete(owner);
    }
  };
  for (const { seq, owner } of pending) {
    insert(owner, seq);
    last = Math.max(last, seq);
  }

  return harden({
    append: (owner: Owner, row: Row): number => {
      last += 1;
      const seq = last;
      table.add(seq, row);
      insert(owner, seq);
      note(row, 1);
      journal.record(() => drop(owner, seq));
      return seq;
    },
    get: (seq: number) => table.get(seq),
    update: (seq: number, row: Row) => table.set(seq, row),
    remove: (owner: Owner, seq: number) => {
      const row = table.get(seq);
      if (row !== undefined) {
        note(row, -1);
      }
      table.delete(seq);
      drop(owner, seq);
      journal.record(() => {
        // Back to its place: a set keeps the order of insertion.
        const sorted = [...(members.get(owner) ?? []), seq].sort(
          (a, b) => a - b,
        );
        members.set(owner, new Set(sorted));
      });
    },
    list: (owner: Owner) => [...(members.get(owner) ?? [])],
    following: (owner: Owner, after: number) => {
      for (const seq of members.get(owner) ?? []) {
        if (seq > after) {
          return seq;
        }
      }
      return undefined;
    },
    size: (owner: Owner) => members.get(owner)?.size ?? 0,
    owners: () => [...members.keys()],
  });
};
