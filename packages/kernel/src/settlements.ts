/**
 * What an endpoint may settle: promises that it decides, each once. The same for
 * a vat that resolves its promises, and for another kernel that does.
 */
import {
  isPromiseRef,
  type CapData,
  type EndpointId,
  type KRef,
  type VRef,
} from '@ocap/kernel-utils';
import { IllegalSyscall } from './illegal-syscall.ts';
import type { References } from './references.ts';
import type { Resolution } from './vat/protocol.ts';

export type Settlement = Readonly<{
  kref: KRef;
  rejected: boolean;
  data: CapData<KRef>;
}>;

type Refs = Pick<References, 'toKernel' | 'toKernelData' | 'promise'>;

/** The promise, if this endpoint is the one that may settle it. @throws IllegalSyscall */
export const decidedBy = (
  refs: Refs,
  endpoint: EndpointId,
  ref: VRef,
): KRef => {
  const kref = refs.toKernel(endpoint, ref);
  const { state, decider } = refs.promise(kref);
  if (state !== 'unresolved' || decider !== endpoint) {
    throw new IllegalSyscall(`it settles ${ref}, which it does not decide`);
  }
  return kref;
};

/**
 * All that it settles together, in the kernel's names. Nothing is settled yet,
 * because one may be named in the value of another. @throws IllegalSyscall
 */
export const readSettlements = (
  refs: Refs,
  endpoint: EndpointId,
  resolutions: readonly Resolution[],
): readonly Settlement[] => {
  const settled = new Set<KRef>();
  return resolutions.map(([ref, rejected, data]) => {
    const kref = decidedBy(refs, endpoint, ref);
    if (settled.has(kref)) {
      throw new IllegalSyscall('it settles one promise twice');
    }
    settled.add(kref);
    return { kref, rejected, data: refs.toKernelData(endpoint, data) };
  });
};

/** Every promise that settles together with `kref` as far as the vat is concerned. */
export const settledTogether = (
  refs: Pick<References, 'promise'>,
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
