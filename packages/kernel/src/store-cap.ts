/**
 * The cap on what a vat keeps. A crank that makes a store larger than it may be
 * is undone; one that only makes it smaller is not, so that a vat can help
 * itself.
 */
import type { VatId } from '@ocap/kernel-utils';
import type { KernelContext } from './context.ts';
import type { Writes } from './loose-state.ts';
import { sizeOf } from './store/vatstore-sizes.ts';
import { vatstoreLimit } from './vat-limits.ts';
import type { DoneFrame } from './vat/protocol.ts';

/** Thrown to undo a crank that counts as a failed delivery. */
export class BeyondLimit extends Error {
  constructor(limit: string, max: number) {
    super(`it went beyond the limit ${limit} (${max})`);
  }
}

/** Growth after which it is worth asking how large a store is, as a part of the cap. */
const LOOK_AFTER = 1 / 16;

/**
 * To be called before the savepoint of a crank that has done this; what it
 * returns, within it and after the writes. @throws BeyondLimit
 */
export const beginStoreCheck = (
  context: Pick<KernelContext, 'store' | 'powers' | 'lateWork'>,
  vatId: VatId,
  done: Pick<DoneFrame, 'syscalls' | 'writes'>,
): (() => void) => {
  const { sizes } = context.store.vatstore;
  const { writes } = done;
  const max = vatstoreLimit(context, vatId);
  const before = sizes.grown(vatId);
  const written = writes.reduce(
    (sum, [key, value]) => sum + key.length + (value?.length ?? 0),
    0,
  );
  if (before + written <= max * LOOK_AFTER) {
    return () => undefined;
  }
  const room = max - sizes.total(vatId);
  if (written <= room) {
    return () => undefined;
  }
  // What is put off does not show yet.
  const growth = context.lateWork.isLate(vatId, done)
    ? growthBy(context.store, vatId, writes)
    : undefined;
  return () => {
    const added = growth ?? sizes.grown(vatId) - before;
    if (added > 0 && added > room) {
      throw new BeyondLimit('vatstoreBytes', max);
    }
  };
};

/** Reads what each write replaces. */
const growthBy = (
  { vatstore }: KernelContext['store'],
  vatId: VatId,
  writes: Writes,
): number =>
  writes.reduce(
    (sum, [key, value]) =>
      sum + sizeOf(key, value) - sizeOf(key, vatstore.get(vatId, key)),
    0,
  );
