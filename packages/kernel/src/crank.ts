/**
 * One crank, applied: what a vat did during a delivery becomes kernel state, in
 * one savepoint, or none of it does. Everything that the vat names goes through
 * its c-list.
 */
import harden from '@endo/harden';
import {
  fail,
  isVatId,
  type CapData,
  type KRef,
  type LimitValues,
  type VRef,
  type EndpointId,
} from '@ocap/kernel-utils';
import type { Caps } from './caps.ts';
import { IllegalSyscall } from './illegal-syscall.ts';
import { problemOf } from './kernel-errors.ts';
import { isGivingUp, oneOf, type LateWork } from './late-work.ts';
import { KERNELS_OWN, vatKeysOf } from './liveslots-keys.ts';
import { applyWrites } from './loose-state.ts';
import type { Messages } from './messages.ts';
import type { References } from './references.ts';
import { decidedBy, readSettlements } from './settlements.ts';
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

type CrankLimits = Pick<
  LimitValues,
  'crankBytes' | 'crankSyscalls' | 'messageSlots'
>;

export type ApplySyscalls = (
  vatId: EndpointId,
  done: Pick<DoneFrame, 'syscalls' | 'writes' | 'illegal'>,
) => VatExit | undefined;

export const makeApplySyscalls = ({
  store,
  refs,
  messages,
  caps: { granteeOf },
  lateWork,
  powers: { limits },
}: Readonly<{
  store: KernelStore;
  refs: References;
  messages: Messages;
  caps: Pick<Caps, 'granteeOf'>;
  lateWork: Pick<LateWork, 'isLate' | 'putOff'>;
  powers: Readonly<{ limits: CrankLimits }>;
}>): ApplySyscalls => {
  const giver = (endpoint: EndpointId): Giver => {
    const grantee = granteeOf(endpoint);
    if (grantee === undefined) {
      throw fail('VAT_UNKNOWN', { vat: endpoint });
    }
    return grantee;
  };

  const send = (
    vatId: EndpointId,
    target: VRef,
    methargs: CapData<VRef>,
    result: VRef | null,
  ): void => {
    const message = {
      sender: giver(vatId),
      target: refs.toKernel(vatId, target),
      methargs: refs.toKernelData(vatId, methargs),
      result: result === null ? null : decidedBy(refs, vatId, result),
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

  const resolve = (
    vatId: EndpointId,
    resolutions: readonly Resolution[],
  ): void => {
    const settled = readSettlements(refs, vatId, resolutions);
    for (const { kref, rejected, data } of settled) {
      messages.resolve(kref, rejected, data, giver(vatId));
    }
    for (const { kref } of settled) {
      refs.forgetPromise(vatId, kref);
    }
  };

  const subscribe = (vatId: EndpointId, ref: VRef): void => {
    const kref = refs.toKernel(vatId, ref);
    messages.subscribe(vatId, kref);
  };

  /** Returns how the vat ended itself, if this syscall did. */
  const apply = (vatId: EndpointId, syscall: Syscall): VatExit | undefined => {
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
      case 'retireImports':
      case 'retireExports':
      case 'abandonExports': {
        const [name, given] = syscall;
        given.forEach((ref) => refs[oneOf[name]](vatId, ref));
        return undefined;
      }
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

  return harden((vatId, { syscalls, writes, illegal }) => {
    if (illegal !== undefined) {
      throw new IllegalSyscall(illegal);
    }
    insistWithin(limits, { syscalls, writes });
    const later =
      isVatId(vatId) && lateWork.isLate(vatId, { syscalls, writes });
    let exit: VatExit | undefined;
    for (const syscall of syscalls) {
      if (later && isGivingUp(syscall)) {
        continue;
      }
      // The first exit stands: a vat that has failed cannot take it back.
      const ended = apply(vatId, syscall);
      exit ??= ended;
    }
    if (exit?.failure === true) {
      throw new ExitWithFailure(exit.info);
    }
    if (later) {
      lateWork.putOff(vatId, { syscalls, writes });
    } else if (isVatId(vatId)) {
      applyWrites(vatKeysOf(store, vatId), writes);
    }
    return exit;
  });
};

/** An honest host keeps these itself, and says so instead of what is too much. */
const insistWithin = (
  limits: CrankLimits,
  { syscalls, writes }: Pick<DoneFrame, 'syscalls' | 'writes'>,
): void => {
  const max = limits.messageSlots;
  if (charsOf({ syscalls, writes }) > limits.crankBytes) {
    throw new IllegalSyscall('it says and writes more than a crank may');
  }
  if (writes.some(([key]) => key.startsWith(KERNELS_OWN))) {
    throw new IllegalSyscall('it writes what is the kernel’s in its store');
  }
  if (syscalls.length > limits.crankSyscalls) {
    throw new IllegalSyscall('it makes more syscalls than a crank may');
  }
  for (const syscall of syscalls) {
    if (passedOn(syscall).some(({ slots }) => slots.length > max)) {
      throw new IllegalSyscall('it passes more references than a message may');
    }
  }
};

/** What it passes on. */
const passedOn = (syscall: Syscall): readonly CapData<VRef>[] => {
  switch (syscall[0]) {
    case 'send':
      return [syscall[2]];
    case 'resolve':
      return syscall[1].map(([, , data]) => data);
    default:
      return [];
  }
};

/** About how many rows it makes or changes. */
export const rowsOf = ({ syscalls }: Pick<DoneFrame, 'syscalls'>): number => {
  let sum = syscalls.length;
  for (const syscall of syscalls) {
    for (const { slots } of passedOn(syscall)) {
      sum += slots.length;
    }
  }
  return sum;
};

/** Characters of what a crank says and writes. */
export const charsOf = ({
  syscalls,
  writes,
}: Pick<DoneFrame, 'syscalls' | 'writes'>): number => {
  let sum = 0;
  for (const syscall of syscalls) {
    for (const { body } of passedOn(syscall)) {
      sum += body.length;
    }
  }
  for (const [key, value] of writes) {
    sum += value === null ? 0 : key.length + value.length;
  }
  return sum;
};
