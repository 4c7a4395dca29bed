/**
 * Messages to promises that other kernels decide, for as long as they wait for
 * a frame: which ones there are for each promise. When it settles they go where
 * it leads, ahead of whatever is sent there from then on.
 */
import harden from '@endo/harden';
import { isPromiseRef, isRemoteId, type KRef } from '@ocap/kernel-utils';
import type { KernelStore } from './store/kernel-store.ts';
import type { InboxRow } from './store/rows.ts';

export type Pipelined = Readonly<{
  /** The inbox has a message to this promise, under that number. */
  note(promise: KRef, seq: number): void;
  /** Takes those that still wait off the inbox, oldest first. Within a savepoint. */
  take(promise: KRef): readonly (InboxRow & { kind: 'message' })[];
}>;

export const makePipelined = ({
  inbox,
  whenKept,
}: Pick<KernelStore, 'inbox' | 'whenKept'>): Pipelined => {
  /** May name some that have left since. */
  const waiting = new Map<KRef, number[]>();

  const rowOf = (promise: KRef, seq: number) => {
    const row = inbox.get(seq);
    return row?.kind === 'message' && row.target === promise ? row : undefined;
  };

  const note = (promise: KRef, seq: number): void => {
    const seqs = waiting.get(promise);
    if (seqs === undefined) {
      waiting.set(promise, [seq]);
      return;
    }
    // They leave in their order, so the list stays as long as what waits.
    while (seqs[0] !== undefined && rowOf(promise, seqs[0]) === undefined) {
      seqs.shift();
    }
    seqs.push(seq);
  };

  for (const owner of inbox.owners().filter(isRemoteId)) {
    for (const seq of inbox.list(owner)) {
      const row = inbox.get(seq);
      if (row?.kind === 'message' && isPromiseRef(row.target)) {
        note(row.target, seq);
      }
    }
  }

  return harden({
    note,
    take: (promise: KRef) => {
      const seqs = waiting.get(promise) ?? [];
      whenKept(() => waiting.delete(promise));
      return seqs.flatMap((seq) => {
        const row = rowOf(promise, seq);
        if (row === undefined) {
          return [];
        }
        inbox.remove(row.vatId, seq);
        return [row];
      });
    },
  });
};
