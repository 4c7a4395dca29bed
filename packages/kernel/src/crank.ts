/**
 * One crank, applied: what a vat did during a delivery becomes kernel state, in
 * one savepoint, or none of it does. Everything that the vat names goes through
 * its c-list.
 */
import harden from '@endo/harden';
import {
  fail,
  isPromiseRef,
  type CapData,
  type KRef,
  type VRef,
  type VatId,
} from '@ocap/kernel-utils';
import { IllegalSyscall } from './illegal-syscall.ts';
import { problemOf } from './kernel-errors.ts';
import { vatKeysOf } from './liveslots-keys.ts';
import { applyWrites } from './loose-state.ts';
import type { Messages } from './messages.ts';
import type { References } from './references.ts';
import type { KernelStore } from './store/kernel-store.ts';
import type { Giver } from './store/rows.ts';
import type { DoneFrame, Resolution, Syscall } from './vat/protocol.ts';

/** The vat ended itself; with `failure` the crank does not count. */
export type VatExit = Readonly<{ failure: boolean; info: CapData<KRef> }>;

/** Thrown to roll back the crank of a vat that ended itself with a failure. */
export class ExitWithFailure extends Error {
  constructor(info: CapData) {
    super(`it ended itself with a failure (${problemOf(info)})`);
  }
}

export type ApplySyscalls = (
  vatId: VatId,
  done: Pick<DoneFrame, 'syscalls' | 'writes'>,
) => VatExit | undefined;

export const makeApplySyscalls = ({
  store,
  refs,
  messages,
}: Readonly<{
  store: KernelStore;
  refs: References;
  messages: Messages;
}>): ApplySyscalls => {
  /** The promise, if this vat is the one that may settle it. */
  const decidedBy = (vatId: VatId, ref: VRef): KRef => {
    const kref = refs.toKernel(vatId, ref);
    const { state, decider } = refs.promise(kref);
    if (state !== 'unresolved' || decider !== vatId) {
      throw new IllegalSyscall(`it settles ${ref}, which it does not decide`);
    }
    return kref;
  };

  const giver = (vatId: VatId): Giver => {
    const row = store.vats.get(vatId);
    if (row === undefined) {
      throw fail('VAT_UNKNOWN', { vat: vatId });
    }
    return row.subclusterId;
  };

  const send = (
    vatId: VatId,
    target: VRef,
    methargs: CapData<VRef>,
    result: VRef | null,
  ): void => {
    const message = {
      sender: giver(vatId),
      target: refs.toKernel(vatId, target),
      methargs: refs.toKernelData(vatId, methargs),
      result: result === null ? null : decidedBy(vatId, result),
    };
    if (message.result !== null) {
      // Whoever the message reaches decides it from then on.
      store.promises.set(message.result, {
        ...refs.promise(message.result),
        decider: null,
      });
    }
    messages.send(message);
  };

  const resolve = (vatId: VatId, resolutions: readonly Resolution[]): void => {
    const settled = resolutions.map(([ref, rejected, data]) => ({
      kref: decidedBy(vatId, ref),
      rejected,
      data: refs.toKernelData(vatId, data),
    }));
    for (const { kref, rejected, data } of settled) {
      if (refs.promise(kref).state !== 'unresolved') {
        throw new IllegalSyscall('it settles one promise twice');
      }
      messages.resolve(kref, rejected, data, giver(vatId));
    }
    for (const { kref } of settled) {
      refs.forgetPromise(vatId, kref);
    }
  };

  const subscribe = (vatId: VatId, ref: VRef): void => {
    const kref = refs.toKernel(vatId, ref);
    messages.subscribe(vatId, kref);
  };

  /** Returns how the vat ended itself, if this syscall did. */
  const apply = (vatId: VatId, syscall: Syscall): VatExit | undefined => {
    switch (syscall[0]) {
      case 'send':
        send(vatId, syscall[1], syscall[2], syscall[3]);
        return undefined;
      case 'subscribe':
        subscribe(vatId, syscall[1]);
        return undefined;
      case 'resolve':
        resolve(vatId, syscall[1]);
        return undefined;
      case 'dropImports':
        syscall[1].forEach((ref) => refs.dropImport(vatId, ref));
        return undefined;
      case 'retireImports':
        syscall[1].forEach((ref) => refs.retireImport(vatId, ref));
        return undefined;
      case 'retireExports':
      case 'abandonExports':
        syscall[1].forEach((ref) => refs.retireExport(vatId, ref));
        return undefined;
      case 'exit':
        return {
          failure: syscall[1],
          info: refs.toKernelData(vatId, syscall[2]),
        };
      default:
        syscall satisfies never;
        return undefined;
    }
  };

  return harden((vatId, { syscalls, writes }) => {
    let exit: VatExit | undefined;
    for (const syscall of syscalls) {
      // The first exit stands: a vat that has failed cannot take it back.
      const ended = apply(vatId, syscall);
      exit ??= ended;
    }
    if (exit?.failure === true) {
      throw new ExitWithFailure(exit.info);
    }
    applyWrites(vatKeysOf(store, vatId), writes);
    return exit;
  });
};

/** Every promise that settles together with `kref` as far as the vat is concerned. */
export const settledTogether = (
  refs: References,
  kref: KRef,
): readonly KRef[] => {
  const found = new Set<KRef>([kref]);
  for (const next of found) {
    for (const slot of refs.promise(next).data?.slots ?? []) {
      if (isPromiseRef(slot) && refs.promise(slot).state !== 'unresolved') {
        found.add(slot);
      }
    }
  }
  return [...found];
};
