/**
 * Three vats, `a`, `b` and `c`, that know each other, in one host or in three.
 * Each runs the same actor; a test gives it further methods. What an actor
 * must keep over a restart is in its baggage.
 */
import type { TestKernel } from './test-kernel.ts';
import { vatSource } from './vat-source.ts';

export const placements = ['subcluster', 'own'] as const;
export type Placement = (typeof placements)[number];
export type VatName = 'a' | 'b' | 'c';
export type Trio = Readonly<Record<VatName, { root: string; id: string }>>;

const actor = (name: VatName, methods: string): string => `
  const me = '${name}';
  const isNew = !baggage.has('kept');
  if (isNew) {
    baggage.init('kept', VatData.makeScalarBigMapStore('kept', { durable: true }));
    baggage.init('notes', harden([]));
    baggage.init('thing', VatData.makeKindHandle('Thing'));
    baggage.init('watcher', VatData.makeKindHandle('Watcher'));
  }
  const kept = baggage.get('kept');
  const note = (...words) => { baggage.set('notes', harden([...baggage.get('notes'), words.length > 1 ? words : words[0]])); };
  const makeThing = VatData.defineDurableKind(baggage.get('thing'), (label) => ({ label, n: 0 }), {
    label: ({ state }) => state.label,
    where: () => me,
    inc: ({ state }) => { state.n += 1; return state.n; },
    self: ({ self }) => self,
  });
  const makeWatcher = VatData.defineDurableKind(baggage.get('watcher'), () => ({}), {
    onFulfilled: (_, value, tag) => { note('fulfilled', tag, value); },
    onRejected: (_, reason, tag) => { note('rejected', tag, reason.message); },
  });
  const watch = (p, tag) => { VatData.watchPromise(p, makeWatcher(), tag); };
  let kits = {};
  const kit = (tag) => (kits[tag] ??= makePromiseKit());
  const peer = (which) => baggage.get(which);
  const settledAs = (p) => E.when(p, (v) => ['got', v], (e) => ['failed', e.message]);
  // A vat's own root is not durable to itself.
  const meet = (peers) => { for (const [which, root] of Object.entries(peers)) which === me || baggage.init(which, root); };
  return makeDefaultExo('Actor ' + me, {
    meet,
    bootstrap: async (vats) => {
      meet(vats);
      await Promise.all([E(vats.b).meet(vats), E(vats.c).meet(vats)]);
    },
    who: () => me,
    echo: (x) => x,
    fail: (why) => { throw Error(why); },
    thing: (label) => makeThing(label),
    heap: (label) => makeDefaultExo('Heap', { label: () => label, where: () => me, self() { return this.self; } }),
    later: (tag) => kit(tag).promise,
    settle: (tag, value) => { kit(tag).resolve(value); },
    reject: (tag, why) => { kit(tag).reject(Error(why)); },
    forget: () => { kits = {}; },
    note,
    notes: () => baggage.get('notes'),
    when: settledAs,
    watch: (p, tag) => { watch(p, tag); },
    keep: (key, value) => { kept.has(key) ? kept.set(key, value) : kept.init(key, value); },
    kept: (key) => kept.get(key),
    callKept: (key, method, ...args) => E(kept.get(key))[method](...args),
    callIt: (o, method, ...args) => E(o)[method](...args),
    ask: (which, method, ...args) => E(peer(which))[method](...args),
    ${methods}
  });`;

export const launchTrio = async (
  t: TestKernel,
  placement: Placement,
  methods: Partial<Record<VatName, string>> = {},
): Promise<Trio> => {
  const vat = (name: VatName) => ({
    bundleSpec: vatSource(actor(name, methods[name] ?? '')),
    placement,
  });
  const { vats } = await t.kernel.launchSubcluster({
    bootstrap: 'a',
    vats: { a: vat('a'), b: vat('b'), c: vat('c') },
  });
  const member = (name: VatName) => {
    const id = String(vats[name]);
    const [row] = t.kernel.executeDBQuery(
      `SELECT kref FROM clist WHERE endpoint = '${id}' AND vref = 'o+0'`,
    );
    return { id, root: String(row?.['kref']) };
  };
  return { a: member('a'), b: member('b'), c: member('c') };
};
