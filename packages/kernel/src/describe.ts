/**
 * What an object is, as far as the kernel knows and its vat will tell. Methods
 * and guards are asked for with the messages that every Endo remotable answers
 * (`__getMethodNames__`) and every exo with an interface guard does
 * (`__getInterfaceGuard__`).
 */
import harden from '@endo/harden';
import {
  isPromiseRef,
  isRemoteId,
  KERNEL,
  type CapData,
  type KRef,
  type OwnerId,
  type RemoteId,
  type VatId,
} from '@ocap/kernel-utils';
import type { Clients } from './clients.ts';
import type { KernelContext } from './context.ts';
import { describeGuard } from './describe-guard.ts';
import type { ObjectDescription } from './kernel-api.ts';

export type Describe = (target: string) => Promise<ObjectDescription>;

export const makeDescribe = (
  { store, refs }: Pick<KernelContext, 'store' | 'refs'>,
  clients: Clients,
  isConnected: (remote: RemoteId) => boolean,
): Describe => {
  const namesOf = (kref: KRef): string[] =>
    [...store.scan().names()].flatMap(([name, named]) =>
      named === kref ? [name] : [],
    );

  const ask = async (
    kref: KRef,
    method: string,
  ): Promise<CapData | undefined> =>
    clients.call(kref, method, []).catch(() => undefined);

  /** Who answers for it: a vat, or another kernel. */
  const responsible = (
    owner: OwnerId | null,
  ): Readonly<{ vat?: VatId; peer?: string }> => {
    if (owner === null || owner === KERNEL) {
      return {};
    }
    return isRemoteId(owner)
      ? { peer: store.remotes.get(owner)?.peerId ?? owner }
      : { vat: owner };
  };

  /** Why it cannot be called; undefined while it can. */
  const endOf = (kref: KRef): string | undefined => {
    const row = store.objects.get(kref);
    if (row === undefined) {
      return 'it was dropped';
    }
    return row.owner === null || row.gone !== null
      ? (row.gone ?? 'nobody can answer for it')
      : undefined;
  };

  return harden(async (target: string) => {
    const kref = clients.resolveRef(target);
    const common = { kref, names: namesOf(kref) };
    if (isPromiseRef(kref)) {
      const { state, decider } = refs.promise(kref);
      return {
        ...common,
        kind: 'promise' as const,
        state,
        ...responsible(decider),
      };
    }
    const before = endOf(kref);
    if (before !== undefined) {
      return { ...common, kind: 'object' as const, state: before };
    }
    const { owner: asked } = refs.object(kref);
    if (isRemoteId(asked) && !isConnected(asked)) {
      const state = 'live, as far as is known: its peer is not connected';
      return {
        ...common,
        kind: 'object' as const,
        ...responsible(asked),
        state,
      };
    }
    const [methods, guard] = await Promise.all([
      ask(kref, '__getMethodNames__'),
      ask(kref, '__getInterfaceGuard__'),
    ]);
    // To ask may have woken its vat, which then was found to have lost it.
    const after = endOf(kref);
    if (after !== undefined) {
      return { ...common, kind: 'object' as const, state: after };
    }
    const { owner } = refs.object(kref);
    return {
      ...common,
      kind: 'object' as const,
      ...responsible(owner),
      state: 'live',
      ...(methods === undefined ? {} : { methods: methodNames(methods) }),
      ...(guard === undefined ? {} : describeGuard(guard)),
    };
  });
};

/** Without those that every remotable has. */
const methodNames = ({ body }: CapData): string[] => {
  const names: unknown = JSON.parse(body.slice(1));
  return Array.isArray(names)
    ? names.filter(
        (name): name is string =>
          typeof name === 'string' && !name.startsWith('__'),
      )
    : [];
};
