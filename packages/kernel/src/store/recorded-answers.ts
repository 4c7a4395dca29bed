/**
 * The recorded answers to idempotent calls, and how much is recorded for each
 * access: whoever has only that may make what it likes of the ids.
 */
import harden from '@endo/harden';
import type { Journal } from './journal.ts';
import { charsOf, type Answers } from './remote-answers.ts';
import type { RequestRow } from './rows.ts';
import type { Table } from './table.ts';
import { makeTally } from './tally.ts';

export type RecordedAnswers = Pick<
  Table<string, RequestRow>,
  'get' | 'set' | 'delete'
> &
  Readonly<{
    /** Characters, and what each row takes beside them. */
    sizeFor(access: string): number;
  }>;

/** What a row takes beside what was answered. */
const ROW_CHARS = 400;

/** The access (`a1`) that a request is of; undefined if it is the owner's. */
export const accessOf = (requestId: string): string | undefined =>
  /^(a[1-9]\d*) /u.exec(requestId)?.[1];

const sizeOf = (row: RequestRow | undefined): number =>
  row === undefined ? 0 : ROW_CHARS + charsOf(row.data);

export const makeRecordedAnswers = (
  journal: Journal,
  table: Table<string, RequestRow>,
  /** Of each access. */
  before: Iterable<readonly [access: string, Answers]>,
): RecordedAnswers => {
  const tally = makeTally<string>(
    journal,
    [...before].map(([access, { count, chars }]) => [
      access,
      count * ROW_CHARS + chars,
    ]),
  );
  const replace = (id: string, row?: RequestRow): void => {
    const access = accessOf(id);
    if (access !== undefined) {
      tally.note(access, sizeOf(row) - sizeOf(table.get(id)));
    }
  };
  return harden({
    get: table.get,
    set: (id: string, row: RequestRow) => {
      replace(id, row);
      table.set(id, row);
    },
    delete: (id: string) => {
      replace(id);
      table.delete(id);
    },
    sizeFor: tally.of,
  });
};
