/**
 * The keys under which liveslots 0.11 keeps a vat's durable state, as far as the
 * kernel must understand them to clean up after a heap that is gone.
 *
 * `vom.<base>` the state of an object, `vom.rc.<base>` how many stored values
 * refer to it, `vom.es.<base>` what the kernel holds of its facets (r reachable,
 * s only recognizable, n nothing), `vom.ir.<vref>|<N>` that weak collection N
 * has it as a key; `vc.<N>.…` the entries of collection N, where `vc.<N>.|<vref>`
 * numbers a key that is an object. A base is a vref without its facet: `o+d10/3`.
 */

import {
  facetBase,
  isVRef,
  vref,
  type KRef,
  type VRef,
  type VatId,
} from '@ocap/kernel-utils';
import { IllegalSyscall } from './illegal-syscall.ts';
import type { KernelStore } from './store/kernel-store.ts';

/** Keys of a vat's store that the kernel writes there, and no host does. */
export const KERNELS_OWN = 'ocap.';

/** The part of the store that one vat has. */
export type VatKeys = Readonly<{
  get(key: string): string | undefined;
  set(key: string, value: string | null): void;
  /** Keys after `after` (exclusive), in order, at most `count`, with their values. */
  following(
    after: string,
    count: number,
  ): readonly (readonly [string, string])[];
}>;

export const vatKeysOf = (
  { vatstore }: Pick<KernelStore, 'vatstore'>,
  vatId: VatId,
): VatKeys => ({
  get: (key) => vatstore.get(vatId, key),
  set: (key, value) => vatstore.set(vatId, key, value),
  following: (after, count) => vatstore.following(vatId, after, count),
});

/** `o+d10/3:1` → `o+d10/3`. */
export const baseOf = (ref: string): string => facetBase(vref(ref));

/** Kind and instance of a durable base; undefined for anything else. */
export const parseDurable = (
  base: string,
): Readonly<{ kind: string; instance: string }> | undefined => {
  const [, kind, instance] = /^o\+d(\d+)\/(\d+)$/u.exec(base) ?? [];
  return kind === undefined || instance === undefined
    ? undefined
    : { kind, instance };
};

/** What a host has written is not believed: it may have been taken over. @throws IllegalSyscall */
const parseRecord = (text: string): Readonly<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (typeof value !== 'object' || value === null) {
    throw new IllegalSyscall('its store is not as liveslots writes it');
  }
  return value as Readonly<Record<string, unknown>>;
};

const slotsIn = (value: unknown): readonly VRef[] => {
  const slots = (value as { slots?: unknown } | null | undefined)?.slots;
  if (!Array.isArray(slots) || !slots.every(isVRef)) {
    throw new IllegalSyscall('its store has a value without references');
  }
  return slots;
};

/** What a value of a collection refers to. @throws IllegalSyscall */
export const slotsOfValue = (text: string): readonly VRef[] =>
  slotsIn(parseRecord(text));

/** What the state of an object refers to. @throws IllegalSyscall */
export const slotsOfState = (text: string): readonly VRef[] =>
  Object.values(parseRecord(text)).flatMap(slotsIn);

/** The kinds of durable collections in this vat; they are numbered at its first start. @throws IllegalSyscall */
export const durableCollectionKinds = (store: VatKeys): readonly string[] => {
  const table = store.get('storeKindIDTable');
  const kinds = table === undefined ? {} : parseRecord(table);
  return Object.entries(kinds).flatMap(([name, kind]) =>
    name.includes('Durable') ? [String(kind)] : [],
  );
};

/** Whether a stored value or somebody outside of the vat holds it. */
export const isAnchored = (store: VatKeys, base: string): boolean =>
  store.get(`vom.rc.${base}`) !== undefined ||
  store.get(`vom.es.${base}`)?.includes('r') === true;

/** Whether the vat watches a promise durably: liveslots keeps these in a collection. */
export const watchesDurably = (
  { vatstore, clist }: Pick<KernelStore, 'vatstore' | 'clist'>,
  vatId: VatId,
  kref: KRef,
): boolean => {
  const table = vatstore.get(vatId, 'watchedPromiseTableID');
  const collection = table?.split('/')[1];
  const entry = clist.get(vatId, kref);
  return (
    entry !== undefined &&
    vatstore.get(vatId, `vc.${collection}.s${entry.vref}`) !== undefined
  );
};

/** Everything whose key begins with `prefix`, a page at a time; may be deleted on the way. */
export function* entriesUnder(
  store: VatKeys,
  prefix: string,
): Generator<readonly [string, string]> {
  const PAGE = 100;
  for (let after = prefix; ;) {
    const page = store.following(after, PAGE);
    for (const entry of page) {
      if (!entry[0].startsWith(prefix)) {
        return;
      }
      yield entry;
      [after] = entry;
    }
    if (page.length < PAGE) {
      return;
    }
  }
}
