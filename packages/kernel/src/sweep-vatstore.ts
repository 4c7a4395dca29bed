/**
 * Frees what a vat's store still has of an earlier incarnation: its virtual
 * objects and collections, whose names nobody can know any more, and the durable
 * ones that only the heap held. What these referred to loses a count, and goes
 * too if that was its last; imports are left without a count, for the caller to
 * drop.
 *
 * There may be very much of it, so it is a generator: between two steps others
 * may have their turn, and what was done so far may be committed. Whoever begins
 * anew after that goes on where it was: what is dead is written down, too.
 */
import {
  baseOf,
  durableCollectionKinds,
  entriesUnder,
  isAnchored,
  parseDurable,
  slotsOfState,
  slotsOfValue,
  type VatKeys,
} from './liveslots-keys.ts';
import { looseCollections, looseObjects } from './loose-state.ts';

/** Tells `retire` of exports that outsiders could still recognize, and now never will. @throws IllegalSyscall */
export function* sweepVatstore(
  store: VatKeys,
  retire: (vrefs: readonly string[]) => void,
): Generator<undefined> {
  const durableKinds = durableCollectionKinds(store);
  // Grows while it is walked: what has lost its last reference comes behind.
  const dead = new Set<string>();
  const die = (base: string): void => {
    dead.add(base);
    store.set(`${looseObjects}${base}`, '');
  };

  const release = (vref: string): void => {
    const base = baseOf(vref);
    const key = `vom.rc.${base}`;
    const count = Number(store.get(key) ?? '0');
    if (count > 1) {
      store.set(key, String(count - 1));
    } else if (count === 1) {
      store.set(key, null);
      if (parseDurable(base) !== undefined && !isAnchored(store, base)) {
        die(base);
      }
    }
  };
  const releaseSlots = (value: string): void =>
    slotsOfValue(value).forEach(release);
  const releaseState = (state: string): void =>
    slotsOfState(state).forEach(release);

  function* deleteCollection(id: string): Generator<undefined> {
    const prefix = `vc.${id}.`;
    for (const [key, value] of entriesUnder(store, prefix)) {
      yield undefined;
      const entry = key.slice(prefix.length);
      store.set(key, null);
      if (!entry.startsWith('|') || entry === '|schemata') {
        releaseSlots(value);
      } else if (entry.startsWith('|o')) {
        const vref = entry.slice(1);
        const recognizer = `vom.ir.${vref}|${id}`;
        // A weak collection only recognizes its keys; another holds them.
        if (store.get(recognizer) === undefined) {
          release(vref);
        } else {
          store.set(recognizer, null);
        }
      }
    }
    store.set(`${looseCollections}${id}`, null);
  }

  /** Takes a dead key out of the weak collections that have it. */
  const unrecognize = (base: string): void => {
    for (const facets of [`vom.ir.${base}|`, `vom.ir.${base}:`]) {
      for (const [key] of entriesUnder(store, facets)) {
        store.set(key, null);
        const [vref, id] = key.slice('vom.ir.'.length).split('|');
        const ordinal = store.get(`vc.${id}.|${vref}`);
        store.set(`vc.${id}.|${vref}`, null);
        const entry = `vc.${id}.r${ordinal?.padStart(10, '0')}:${vref}`;
        const value = store.get(entry);
        if (value !== undefined) {
          store.set(entry, null);
          releaseSlots(value);
        }
      }
    }
  };

  function* deleteObject(base: string): Generator<undefined> {
    yield undefined;
    const durable = parseDurable(base);
    const state = store.get(`vom.${base}`);
    if (durable !== undefined && durableKinds.includes(durable.kind)) {
      yield* deleteCollection(durable.instance);
    } else if (state !== undefined) {
      store.set(`vom.${base}`, null);
      releaseState(state);
    }
    const status = store.get(`vom.es.${base}`) ?? '';
    retire(recognizable(base, status));
    store.set(`vom.es.${base}`, null);
    store.set(`vom.rc.${base}`, null);
    store.set(`${looseObjects}${base}`, null);
    unrecognize(base);
  }

  for (const [key, state] of entriesUnder(store, 'vom.o+v')) {
    yield undefined;
    store.set(key, null);
    releaseState(state);
  }
  for (const [key] of entriesUnder(store, looseCollections)) {
    const id = key.slice(looseCollections.length);
    const bases = durableKinds.map((kind) => `o+d${kind}/${id}`);
    for (const base of bases) yield* deleteObject(base);
    yield* deleteCollection(id);
  }
  for (const [key] of entriesUnder(store, looseObjects)) {
    dead.add(key.slice(looseObjects.length));
  }
  for (const base of dead) {
    yield* deleteObject(base);
  }
  for (const prefix of virtualOnly) {
    for (const [key] of entriesUnder(store, prefix)) {
      yield undefined;
      store.set(key, null);
    }
  }
}

/** Keys that are about nothing but the virtual data of one incarnation. */
const virtualOnly = ['vom.rc.o+v', 'vom.es.o+v', 'vom.ir.o+v', 'vom.vkind.'];

/** The facets of an export, as vrefs, that somebody can still tell apart. */
const recognizable = (base: string, status: string): readonly string[] =>
  status === 's'
    ? [base]
    : [...status].flatMap((one, i) => (one === 's' ? [`${base}:${i}`] : []));
