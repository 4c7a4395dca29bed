/**
 * How much of what they were answered is kept for other kernels: settlements
 * that they are still to be told, and those that they were told and have not
 * forgotten. They hold the promises, so the values stay until then.
 */
import harden from '@endo/harden';
import { isRemoteId, type KRef, type RemoteId } from '@ocap/kernel-utils';
import type { Journal } from './journal.ts';
import type { InboxRow, PromiseRow } from './rows.ts';
import { makeTally } from './tally.ts';

export type Answers = Readonly<{
  count: number;
  /** Characters of the values, and of the references in them. */
  chars: number;
}>;

export type RemoteAnswers = Readonly<{
  of(remote: RemoteId): Answers;
  /** One more settlement is kept for it, or one less; the promise is still there. Undone with the savepoint. */
  note(remote: RemoteId, promise: KRef, sign: 1 | -1): void;
  /** The same of its inbox; what is for others is ignored. */
  noteRow(row: InboxRow, sign: 1 | -1): void;
}>;

/** As the database has them; none where nothing is settled yet. */
export const charsOf = (data: PromiseRow['data']): number =>
  data === null ? 0 : data.body.length + JSON.stringify(data.slots).length;

export const makeRemoteAnswers = (
  journal: Journal,
  before: Iterable<readonly [RemoteId, Answers]>,
  promiseOf: (kref: KRef) => PromiseRow | undefined,
): RemoteAnswers => {
  const known = [...before];
  const counts = makeTally<RemoteId>(
    journal,
    known.map(([id, { count }]) => [id, count]),
  );
  const chars = makeTally<RemoteId>(
    journal,
    known.map(([id, answers]) => [id, answers.chars]),
  );
  const note = (remote: RemoteId, promise: KRef, sign: 1 | -1): void => {
    counts.note(remote, sign);
    chars.note(remote, sign * charsOf(promiseOf(promise)?.data ?? null));
  };
  return harden({
    of: (remote: RemoteId) => ({
      count: counts.of(remote),
      chars: chars.of(remote),
    }),
    note,
    noteRow: (row: InboxRow, sign: 1 | -1) => {
      if (row.kind === 'notify' && isRemoteId(row.vatId)) {
        note(row.vatId, row.target, sign);
      }
    },
  });
};
