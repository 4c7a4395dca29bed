/**
 * Names of promises that another kernel was told the value of, and that it may
 * still say. How many it has is known without looking: one that never forgets
 * any is not told anything more.
 */
import harden from '@endo/harden';
import type { KRef, RemoteId, VRef } from '@ocap/kernel-utils';
import type { Journal } from './journal.ts';
import type { ExportNewness } from './newness.ts';
import type { RemoteAnswers } from './remote-answers.ts';
import type { Table } from './table.ts';
import { makeTally } from './tally.ts';

export type StaleNames = Readonly<{
  get(remote: RemoteId, name: VRef): KRef | undefined;
  /** It was not one before. */
  add(remote: RemoteId, name: VRef, kref: KRef): void;
  /** Its promise is still there. */
  delete(remote: RemoteId, name: VRef): void;
  size(remote: RemoteId): number;
}>;

export const makeStaleNames = (
  journal: Journal,
  /** Key: `remote vref`. */
  table: Table<string, KRef>,
  /** That of the table. */
  newness: Pick<ExportNewness, 'note'>,
  /** How many there are already. */
  before: Iterable<readonly [RemoteId, number]>,
  answers: Pick<RemoteAnswers, 'note'>,
): StaleNames => {
  const sizes = makeTally<RemoteId>(journal, before);
  return harden({
    get: (remote: RemoteId, name: VRef) =>
      sizes.of(remote) === 0 ? undefined : table.get(`${remote} ${name}`),
    add: (remote: RemoteId, name: VRef, kref: KRef) => {
      sizes.note(remote, 1);
      answers.note(remote, kref, 1);
      table.add(`${remote} ${name}`, kref);
      newness.note(remote, name);
    },
    delete: (remote: RemoteId, name: VRef) => {
      const kref = table.get(`${remote} ${name}`);
      if (kref !== undefined) {
        sizes.note(remote, -1);
        answers.note(remote, kref, -1);
        table.delete(`${remote} ${name}`);
      }
    },
    size: sizes.of,
  });
};

/** Of rows of the table. */
export function* namesIn(
  rows: Iterable<readonly [key: string, KRef]>,
): Generator<VRef> {
  for (const [key] of rows) {
    yield key.slice(key.indexOf(' ') + 1) as VRef;
  }
}
