/**
 * What a crank writes or gives up, where it is so much that doing all of it at
 * once would keep everybody else waiting. It is stored with the crank, in a few
 * large rows of the vat's own store, and done a row at a time; a crash in
 * between changes nothing (a redo log). Until then nobody reads the store but
 * the vat's host, over whose answers its own writes stand until they are
 * confirmed, and the vat is given nothing new: it waits for its own work, and
 * nobody else does.
 */
import harden from '@endo/harden';
import { isExport, type VatId, type VRef } from '@ocap/kernel-utils';
import { IllegalSyscall } from './illegal-syscall.ts';
import { makeInTurns } from './in-turns.ts';
import { isThere } from './is-there.ts';
import { KERNELS_OWN, vatKeysOf } from './liveslots-keys.ts';
import { applyWrites, type Writes } from './loose-state.ts';
import type { Outbox } from './outbox.ts';
import type { Powers } from './powers.ts';
import type { References } from './references.ts';
import type { KernelStore } from './store/kernel-store.ts';
import type { DoneFrame, Syscall } from './vat/protocol.ts';

type GivingUp = Extract<Syscall, readonly [string, readonly VRef[]]>;
/** The value of a row, as JSON: a part of what a crank has done. */
type Part = GivingUp | readonly ['write', Writes];

type Work = Pick<DoneFrame, 'syscalls' | 'writes'>;

export type LateWork = Readonly<{
  /** Whether there is so much of it, or earlier work of the vat that has to be done first. */
  isLate(vatId: VatId, work: Work): boolean;
  /** Stores what of it is done later: its writes, and what it gives up. Within the savepoint of its crank. */
  putOff(vatId: VatId, work: Work): void;
  /** Whether something of this daemon is still to be done. */
  isPending(vatId: VatId): boolean;
  /** Does the oldest part, also of an earlier daemon; whether there was one. Not within a savepoint. */
  doSome(vatId: VatId): boolean;
  stop(): void;
}>;

const ROWS = `${KERNELS_OWN}late.`;
const DIGITS = 10;
/** Between two rows, in ms. */
const PAUSE_MS = 1;

/** What is done for each reference that is given up. */
export const oneOf = {
  dropImports: 'dropImport',
  retireImports: 'retireImport',
  retireExports: 'retireExport',
  abandonExports: 'retireExport',
} as const satisfies Record<GivingUp[0], keyof References>;

export const isGivingUp = (syscall: Syscall): syscall is GivingUp =>
  Object.hasOwn(oneOf, syscall[0]);

export const makeLateWork = ({
  store,
  refs,
  outbox,
  powers,
  wake,
  condemn,
}: Readonly<{
  store: KernelStore;
  refs: References;
  outbox: Pick<Outbox, 'touch'>;
  powers: Powers;
  /** All is done. */
  wake: (vatId: VatId) => void;
  /** What is to be done breaks the rules: the vat must end. */
  condemn: (vatId: VatId, error: IllegalSyscall) => void;
}>): LateWork => {
  const atOnce = powers.limits.writesAtOnce;
  // The number of the next row.
  const pending = new Map<VatId, number>();

  const giveUp = (vatId: VatId, [name, vrefs]: GivingUp): void => {
    const exported = name.endsWith('Exports');
    for (const vref of vrefs) {
      // Whoever else could recognize it may have given it up meanwhile.
      const isKnown = store.clist.krefOf(vatId, vref) !== undefined;
      if (!isKnown || isExport(vref) !== exported) {
        continue;
      }
      refs[oneOf[name]](vatId, vref);
    }
  };

  const doPart = (vatId: VatId, part: Part): void => {
    if (part[0] === 'write') {
      applyWrites(vatKeysOf(store, vatId), part[1], { isPart: true });
    } else {
      giveUp(vatId, part);
      refs.collect();
    }
  };

  const doSome = (vatId: VatId): boolean => {
    // The rows of a vat that has ended are being deleted.
    const [row] = isThere(store, vatId)
      ? store.vatstore.following(vatId, ROWS, 1)
      : [];
    if (row === undefined || !row[0].startsWith(ROWS)) {
      pending.delete(vatId);
      return false;
    }
    const [key, text] = row;
    try {
      store.savepoint(() => {
        doPart(vatId, JSON.parse(text) as Part);
        store.vatstore.set(vatId, key, null);
      });
    } catch (error) {
      if (!(error instanceof IllegalSyscall)) {
        throw error;
      }
      pending.delete(vatId);
      condemn(vatId, error);
      return false;
    }
    outbox.touch();
    return true;
  };

  // Of many vats, perhaps.
  const inTurns = makeInTurns(powers, pending, {
    pauseMs: PAUSE_MS,
    doSome: (vatId) => {
      if (!doSome(vatId)) {
        wake(vatId);
      }
    },
  });

  return harden({
    isLate: (vatId: VatId, { syscalls, writes }: Work) =>
      pending.has(vatId) ||
      writes.length > atOnce ||
      countGivenUp(syscalls) > atOnce,
    putOff: (vatId: VatId, work: Work) => {
      let next = pending.get(vatId) ?? 1;
      for (const part of partsOf(work, atOnce)) {
        const key = `${ROWS}${String(next).padStart(DIGITS, '0')}`;
        store.vatstore.set(vatId, key, JSON.stringify(part));
        next += 1;
      }
      store.whenKept(() => {
        pending.set(vatId, next);
        inTurns.schedule();
      });
    },
    isPending: (vatId: VatId) => pending.has(vatId),
    doSome,
    stop: inTurns.stop,
  });
};

const countGivenUp = (syscalls: readonly Syscall[]): number =>
  syscalls.filter(isGivingUp).reduce((sum, [, vrefs]) => sum + vrefs.length, 0);

function* partsOf({ syscalls, writes }: Work, size: number): Generator<Part> {
  for (const [name, vrefs] of syscalls.filter(isGivingUp)) {
    for (let at = 0; at < vrefs.length; at += size) {
      yield [name, vrefs.slice(at, at + size)];
    }
  }
  for (let at = 0; at < writes.length; at += size) {
    yield ['write', writes.slice(at, at + size)];
  }
}
