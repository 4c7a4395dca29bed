import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { rowCounts, settleGarbage } from './testing/settle-garbage.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

/** Two vats, `a` and `b`; returns the root of `a`. */
const launchPair = async (
  t: TestKernel,
  a: string,
  b: string,
): Promise<string> => {
  const { rootKref } = await t.kernel.launchSubcluster({
    bootstrap: 'a',
    vats: {
      a: { bundleSpec: vatSource(a) },
      b: { bundleSpec: vatSource(b) },
    },
  });
  return rootKref;
};

const bob = `
  let resolvers = [];
  const log = [];
  return makeDefaultExo('Bob', {
    echo: (x) => x,
    add: (x, y) => x + y,
    fail() { throw TypeError('bob fails'); },
    thing: () => makeDefaultExo('Thing', { label: () => 'thing' }),
    later() { const kit = makePromiseKit(); resolvers.push(kit); return kit.promise; },
    settle: (value) => { resolvers.forEach((kit) => kit.resolve(value)); resolvers = []; },
    reject: (reason) => { resolvers.forEach((kit) => kit.reject(Error(reason))); resolvers = []; },
    note: (n) => { log.push(n); },
    notes: () => harden([...log]),
    when: (p) => E.when(p, (v) => ['got', v], (e) => ['failed', e.message]),
    callIt: (o, method, ...args) => E(o)[method](...args),
  });`;

const alice = (methods: string): string => `
  let bob;
  return makeDefaultExo('Alice', {
    bootstrap(vats) { bob = vats.b; },
    ${methods}
  });`;

/** What Alice does, and what must come of it. */
const patterns: [string, string, unknown][] = [
  ['a result comes back', `run: () => E(bob).add(2, 3)`, 5],
  [
    'a rejection comes back as an error',
    `run: () => E(bob).fail().catch((e) => [e.name, e.message])`,
    ['TypeError', 'bob fails'],
  ],
  [
    'an unknown method is a rejection',
    `run: () => E(bob).nope().catch((e) => /no method "nope"/.test(e.message))`,
    true,
  ],
  [
    'an object can be called by who gets it',
    `run: () => E(E(bob).thing()).label()`,
    'thing',
  ],
  [
    'an own object comes back as itself',
    `run: () => { const o = makeDefaultExo('O', {}); return E(bob).echo(o).then((r) => r === o); }`,
    true,
  ],
  [
    'a promise as an argument, settled before',
    `run: () => E(bob).when(Promise.resolve(7))`,
    ['got', 7],
  ],
  [
    'a promise as an argument, settled later',
    `run: async () => { const kit = makePromiseKit(); const r = E(bob).when(kit.promise); await E(bob).echo(1); kit.resolve(8); return r; }`,
    ['got', 8],
  ],
  [
    'a promise as an argument, rejected later',
    `run: async () => { const kit = makePromiseKit(); const r = E(bob).when(kit.promise); await E(bob).echo(1); kit.reject(Error('no')); return r; }`,
    ['failed', 'no'],
  ],
  [
    'a promise inside a result',
    `run: async () => { const [p] = await E(bob).echo(harden([Promise.resolve(9)])); return p; }`,
    9,
  ],
  [
    'a result that settles later',
    `run: async () => { const p = E(bob).later(); await E(bob).settle('now'); return p; }`,
    'now',
  ],
  [
    'a result that rejects later',
    `run: async () => { const p = E(bob).later(); await E(bob).reject('never'); return p.catch((e) => e.message); }`,
    'never',
  ],
  [
    'messages to an unsettled promise wait for it',
    `run: async () => { const p = E(bob).later(); const n = E(p).label(); await E(bob).settle(makeDefaultExo('Mine', { label: () => 'mine' })); return n; }`,
    'mine',
  ],
  [
    'messages to a promise that rejects are rejected',
    `run: async () => { const p = E(bob).later(); const n = E(E(p).label()).again(); await E(bob).reject('gone'); return n.catch((e) => e.message); }`,
    'gone',
  ],
  [
    'messages to a promise for plain data are rejected',
    `run: () => E(E(bob).echo(5)).label().catch((e) => typeof e.message)`,
    'string',
  ],
  [
    'a promise passed on to a third call',
    `run: () => { const p = E(bob).later(); const r = E(bob).when(p); E(bob).settle('through'); return r; }`,
    ['got', 'through'],
  ],
  [
    'two promises that settle to each other’s holders',
    `run: async () => { const a = makePromiseKit(); const b = makePromiseKit(); const ra = E(bob).when(a.promise); const rb = E(bob).when(b.promise); a.resolve(harden({ other: b.promise })); b.resolve(harden({ other: a.promise })); const [[, x], [, y]] = await Promise.all([ra, rb]); return [(await x.other) !== undefined, (await y.other) !== undefined]; }`,
    [true, true],
  ],
  [
    'a promise that settles to a structure with itself',
    `run: async () => { const kit = makePromiseKit(); const r = E(bob).when(kit.promise); kit.resolve(harden({ self: kit.promise })); const [, v] = await r; const again = await v.self; return typeof again; }`,
    'object',
  ],
  [
    'order is kept from one sender to one object',
    `run: async () => { for (let i = 0; i < 50; i += 1) E(bob).note(i); const notes = await E(bob).notes(); return notes.every((n, i) => n === i) && notes.length; }`,
    50,
  ],
  [
    'a call to oneself through another',
    `run: () => E(bob).callIt(makeDefaultExo('Me', { hi: (x) => 'hi ' + x }), 'hi', 'there')`,
    'hi there',
  ],
  [
    'bigints, undefined and text that looks special',
    `run: () => E(bob).echo(harden({ n: 12n, s: '!$&#+-', deep: { '@ref': 'x' } })).then((r) => [r.n === 12n, r.s, r.deep['@ref']])`,
    [true, '!$&#+-', 'x'],
  ],
];

/** A pair for each pattern, all in one host, or each name in a host of its own. */
const launchPairs = async (
  t: TestKernel,
  groups: readonly (readonly ['a', 'b'] | readonly ['a'] | readonly ['b'])[],
): Promise<readonly string[]> => {
  const roots = new Map<string, string>();
  for (const group of groups) {
    const vats = patterns.flatMap(([, methods], i) =>
      group.map((name) => {
        const source = name === 'a' ? alice(methods) : bob;
        return [`${name}${i}`, { bundleSpec: vatSource(source) }] as const;
      }),
    );
    const main = vatSource(
      `return makeDefaultExo('Main', { bootstrap: (vats) => vats });`,
    );
    const launched = await t.kernel.launchSubcluster({
      bootstrap: 'main',
      vats: { main: { bundleSpec: main }, ...Object.fromEntries(vats) },
    });
    const { body = '', slots = [] } = launched.bootstrapResult ?? {};
    const found = JSON.parse(body.slice(1)) as Record<string, string>;
    for (const [name, slot] of Object.entries(found)) {
      roots.set(name, String(slots[Number(/\d+/u.exec(slot)?.[0])]));
    }
  }
  return Promise.all(
    patterns.map(async (_, i) => {
      const root = String(roots.get(`a${i}`));
      const b = { '@ref': roots.get(`b${i}`) };
      await t.call(root, 'bootstrap', { b });
      return root;
    }),
  );
};

describe.each([
  ['one host', [['a', 'b']]],
  ['two hosts', [['a'], ['b']]],
] as const)('messages between two vats (%s)', (_, groups) => {
  it('follow every pattern (V-08)', async () => {
    const t = await openTestKernel();
    const roots = await launchPairs(t, groups);
    for (const [i, [title, , expected]] of patterns.entries()) {
      const root = String(roots[i]);
      expect(await t.call(root, 'run'), title).toStrictEqual(expected);
      expect(t.kernel.audit().problems, title).toStrictEqual([]);
    }
    await t.kernel.terminateAllVats();
    expect(t.kernel.audit().problems).toStrictEqual([]);
  });
});

describe('the store under steady load', () => {
  it('has as many rows after many calls as after a few (V-09)', async () => {
    const t = await openTestKernel();
    const root = await launchPair(
      t,
      alice(`run: async () => E(E(bob).thing()).label(),
             inc: () => { baggage.has('n') || baggage.init('n', 0); baggage.set('n', baggage.get('n') + 1); }`),
      bob,
    );
    const rows = async (): Promise<Record<string, number>> => {
      await settleGarbage(t);
      return rowCounts(t);
    };
    const work = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i += 50) {
        await Promise.all(
          Array.from({ length: 50 }, async (_, k) =>
            t.call(root, k % 2 ? 'run' : 'inc'),
          ),
        );
      }
    };
    await work(100);
    const few = await rows();
    await work(2000);
    expect(await rows()).toStrictEqual(few);
  });
});

describe('errors that vats make', () => {
  it('show no path of the host', async () => {
    const t = await openTestKernel();
    const root = await t.launch(`return makeDefaultExo('R', {
      stack() { try { null.x; } catch (e) { return String(e.stack); } },
      deep() { const f = () => f(); try { f(); } catch (e) { return String(e.stack) + e.message; } },
    })`);
    for (const method of ['stack', 'deep']) {
      expect(await t.call(root, method)).not.toMatch(/file:|\/|node:/u);
    }
  });
});

describe('a result that cannot be passed', () => {
  const results: [string, string, unknown][] = [
    ['a Map', 'return new Map();', /passStyle/u],
    [
      'a plain function',
      'return () => 1;',
      /Remotables must be explicitly declared/u,
    ],
    ['a cycle', 'const a = {}; a.a = a; return a;', /cannot be cyclic/u],
    ['a fresh symbol', `return Symbol('x');`, /registered symbols/u],
    [
      'an accessor',
      'return { get x() { return 1; } };',
      /must not be an accessor/u,
    ],
    ['a thrown Map', 'throw new Map();', /passStyle/u],
    [
      'more than fits into a message',
      `return 'x'.repeat(40e6);`,
      /beyond the limit crankBytes/u,
    ],
  ];

  it.each(results)(
    '%s is told to the caller; the vat goes on',
    async (_, body, problem) => {
      const t = await openTestKernel();
      const root = await t.launch(
        `return Far('R', { run() { ${body} }, hi: () => 'hi' })`,
      );
      await expect(t.call(root, 'run')).rejects.toThrow(problem);
      expect(await t.call(root, 'hi')).toBe('hi');
    },
  );
});
