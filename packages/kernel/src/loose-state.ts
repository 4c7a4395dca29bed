/**
 * Which durable objects and collections of a vat only its heap holds: nothing
 * stored refers to them and nobody outside reaches them. liveslots deletes them
 * when the heap lets go, but a heap that dies with its process never does. So
 * each is marked in the vat's store while it is loose, in the crank that made it
 * so; the next incarnation begins by sweeping what is marked. Virtual
 * collections are always loose. Costs a look at each key that is written, and
 * two reads for each object that is made or changes hands.
 */
import {
  durableCollectionKinds,
  isAnchored,
  KERNELS_OWN,
  parseDurable,
  type VatKeys,
} from './liveslots-keys.ts';

export type Writes = readonly (readonly [key: string, value: string | null])[];

const MARK = `${KERNELS_OWN}loose.`;
/** Marks that this is the mark of an object, or of collection N. */
export const looseObjects = `${MARK}o`;
export const looseCollections = `${MARK}c`;

/** Makes the writes of a crank, or a part of them, and marks what has become loose by them. */
export const applyWrites = (
  store: VatKeys,
  writes: Writes,
  { isPart = false }: Readonly<{ isPart?: boolean }> = {},
): void => {
  const objects = new Set<string>();
  const collections = new Set<string>();
  const firstNew = new Map<string, number>();
  for (const [key] of writes) {
    const [, kind] = /^vom\.dkind\.(\d+)\.nextID$/u.exec(key) ?? [];
    if (kind !== undefined) {
      firstNew.set(kind, Number(store.get(key) ?? '1'));
    }
  }
  for (const [key, value] of writes) {
    store.set(key, value);
    if (key.startsWith('vom.')) {
      const touched = objectTouched(key, value, isPart ? undefined : firstNew);
      if (touched !== undefined) {
        objects.add(touched);
      }
    } else if (key.startsWith('vc.') && key.endsWith('.|schemata')) {
      collections.add(key.slice(3, -'.|schemata'.length));
    }
  }
  if (objects.size === 0 && collections.size === 0) {
    return;
  }
  const kinds = durableCollectionKinds(store);
  for (const base of objects) {
    const durable = parseDurable(base);
    if (durable !== undefined && kinds.includes(durable.kind)) {
      collections.add(durable.instance);
    } else {
      mark(store, `${looseObjects}${base}`, isLooseObject(store, base));
    }
  }
  for (const id of collections) {
    mark(
      store,
      `${looseCollections}${id}`,
      isLooseCollection(store, id, kinds),
    );
  }
};

/** The durable object that the write of this key makes, deletes, binds or frees. */
const objectTouched = (
  key: string,
  value: string | null,
  /** The first number of this crank, of each kind; undefined if any may be new. */
  firstNew: ReadonlyMap<string, number> | undefined,
): string | undefined => {
  if (key.startsWith('vom.rc.o+d') || key.startsWith('vom.es.o+d')) {
    return key.slice('vom.rc.'.length);
  }
  if (!key.startsWith('vom.o+d')) {
    return undefined;
  }
  const base = key.slice('vom.'.length);
  if (firstNew === undefined) {
    return base;
  }
  const durable = parseDurable(base);
  const first = firstNew.get(durable?.kind ?? '');
  const isNew = first !== undefined && Number(durable?.instance) >= first;
  return value === null || isNew ? base : undefined;
};

const mark = (store: VatKeys, key: string, isLoose: boolean): void => {
  if ((store.get(key) !== undefined) !== isLoose) {
    store.set(key, isLoose ? '1' : null);
  }
};

const isLooseObject = (store: VatKeys, base: string): boolean =>
  store.get(`vom.${base}`) !== undefined && !isAnchored(store, base);

const isLooseCollection = (
  store: VatKeys,
  id: string,
  durableKinds: readonly string[],
): boolean =>
  store.get(`vc.${id}.|schemata`) !== undefined &&
  !durableKinds.some((kind) => isAnchored(store, `o+d${kind}/${id}`));
