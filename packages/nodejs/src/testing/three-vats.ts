/**
 * Three vats, `a`, `b` and `c`, that know each other, in one host or in three,
 * of one kernel or of several. Each runs the same actor; a test gives it further
 * methods. What an actor must keep over a restart is in its baggage. Many such
 * trios share their hosts, since starting a process takes longer than a test.
 */
import type { ClusterConfig, LaunchResult } from '@ocap/kernel';
import { vatSource } from './vat-source.ts';

const names = ['a', 'b', 'c'] as const;
export type VatName = (typeof names)[number];
type Member = Readonly<{ root: string; id: string }>;
export type Trio = Readonly<Record<VatName, Member>>;
/** What each actor of a trio can do besides. */
export type Methods = Partial<Record<VatName, string>>;

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

/** A kernel, of this process or behind a socket. */
export type TrioHome = Readonly<{
  launchSubcluster(config: ClusterConfig): Promise<LaunchResult>;
  call(target: string, method: string, ...args: never[]): Promise<unknown>;
}>;

/** One subcluster, and so one host, with the vats of these names of every trio. */
const launchGroup = async (
  home: TrioHome,
  group: readonly VatName[],
  trios: readonly Methods[],
  bootstrap: string,
): Promise<(name: VatName, index: number) => Member> => {
  const vats = trios.flatMap((methods, index) =>
    group.map((name) => {
      const own = `${methods[name] ?? ''} bootstrap: ${bootstrap},`;
      const bundleSpec = vatSource(actor(name, own));
      return [`${name}${index}`, { bundleSpec, placement: 'subcluster' }];
    }),
  );
  const launched = await home.launchSubcluster({
    bootstrap: `${group[0]}0`,
    vats: Object.fromEntries(vats),
  });
  // The bootstrap answers with all of them: `#{"a0":"$0.Alleged: Actor a", …}`.
  const { body = '', slots = [] } = launched.bootstrapResult ?? {};
  const found = JSON.parse(body.slice(1)) as Record<string, string>;
  return (name, index) => {
    const vat = `${name}${index}`;
    const slot = /^\$(\d+)/u.exec(found[vat] ?? '')?.[1];
    return {
      id: String(launched.vats[vat]),
      root: String(slots[Number(slot)]),
    };
  };
};

/** Trios of one host. */
export const launchTrios = async (
  home: TrioHome,
  trios: readonly Methods[],
): Promise<readonly Trio[]> => {
  const member = await launchGroup(
    home,
    names,
    trios,
    `async (vats) => {
      for (let i = 0; i < ${trios.length}; i += 1) {
        const trio = { a: vats['a' + i], b: vats['b' + i], c: vats['c' + i] };
        await Promise.all(Object.values(trio).map((root) => E(root).meet(trio)));
      }
      return vats;
    }`,
  );
  return trios.map((_, index) => ({
    a: member('a', index),
    b: member('b', index),
    c: member('c', index),
  }));
};

/**
 * Trios of three hosts, each in the kernel that is given for it; they know each
 * other by what `share` makes of a root of one kernel in another.
 */
export const launchTriosAcross = async <Home extends TrioHome>(
  homes: Readonly<Record<VatName, Home>>,
  share: (from: Home, root: string, to: Home) => Promise<string>,
  trios: readonly Methods[],
): Promise<readonly Trio[]> => {
  const launch = async (name: VatName) =>
    launchGroup(homes[name], [name], trios, '(vats) => vats');
  const [a, b, c] = [await launch('a'), await launch('b'), await launch('c')];
  const launched = trios.map((_, index) => ({
    a: a('a', index),
    b: b('b', index),
    c: c('c', index),
  }));
  for (const trio of launched) {
    for (const name of names) {
      const peers: Record<string, { '@ref': string }> = {};
      for (const other of names.filter((one) => one !== name)) {
        const { root } = trio[other];
        peers[other] = {
          '@ref':
            homes[other] === homes[name]
              ? root
              : await share(homes[other], root, homes[name]),
        };
      }
      await homes[name].call(trio[name].root, 'meet', peers as never);
    }
  }
  return launched;
};
