import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const launchWith = async (
  t: TestKernel,
  globals: readonly string[],
  body: string,
  placement = 'subcluster',
): Promise<string> => {
  const { rootKref } = await t.kernel.launchSubcluster({
    bootstrap: 'main',
    vats: { main: { bundleSpec: vatSource(body), globals, placement } },
  } as never);
  return rootKref;
};

const all = [
  'AbortController',
  'AbortSignal',
  'Date',
  'Math',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
  'clearInterval',
  'clearTimeout',
  'crypto',
  'setInterval',
  'setTimeout',
];

describe('globals of a vat (V-18)', () => {
  it('are absent, or without effect, unless asked for', async () => {
    const t = await openTestKernel();
    const root = await launchWith(
      t,
      [],
      `
      const attempt = (f) => { try { return f(); } catch (e) { return e.name; } };
      return makeDefaultExo('R', { probe: () => harden({
        absent: ${JSON.stringify(all)}.filter((name) => !['Date', 'Math'].includes(name) && name in globalThis),
        now: attempt(() => String(Date.now())),
        date: attempt(() => String(new Date())),
        random: attempt(() => typeof Math.random()),
      }) })`,
    );
    expect(await t.call(root, 'probe')).toStrictEqual({
      absent: [],
      now: 'TypeError',
      date: 'TypeError',
      random: 'TypeError',
    });
  });

  it('are refused at launch if there are no such', async () => {
    const t = await openTestKernel();
    for (const name of ['process', 'fetchh', '__proto__', 'constructor', '']) {
      await expect(launchWith(t, [name], '')).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      });
    }
    expect(t.kernel.getStatus().vats).toStrictEqual([]);
  });

  const uses: [string, string[], string, unknown][] = [
    [
      'TextEncoder and TextDecoder',
      ['TextEncoder', 'TextDecoder'],
      `new TextDecoder().decode(new TextEncoder().encode('grüß'))`,
      'grüß',
    ],
    [
      'URL and URLSearchParams',
      ['URL', 'URLSearchParams'],
      `new URL('/a?b=1', 'http://x.example').searchParams.get('b') + new URLSearchParams('c=2').get('c')`,
      '12',
    ],
    ['atob and btoa', ['atob', 'btoa'], `atob(btoa('plain'))`, 'plain'],
    [
      'AbortController',
      ['AbortController'],
      `(() => { const c = new AbortController(); c.abort('why'); return c.signal.reason; })()`,
      'why',
    ],
    [
      'a Date of whole milliseconds',
      ['Date'],
      `(() => { const n = Date.now(); return n === Math.floor(n) && n > 1.7e12 && new Date().getTime() >= n && new Date(5).getTime() === 5 && typeof Date() === 'string'; })()`,
      true,
    ],
    [
      'Math with chance, and the rest of it',
      ['Math'],
      `(() => { const s = new Set(); for (let i = 0; i < 100; i += 1) { const r = Math.random(); if (!(r >= 0 && r < 1)) return r; s.add(r); } return s.size > 90 && Math.max(1, 2) === 2 && Math.PI > 3; })()`,
      true,
    ],
    [
      'crypto',
      ['crypto'],
      `(() => { const a = crypto.getRandomValues(new Uint8Array(32)); return a.some((x) => x !== 0) && /^[0-9a-f-]{36}$/.test(crypto.randomUUID()); })()`,
      true,
    ],
  ];

  it.each(uses)('offer %s', async (_, globals, expression, expected) => {
    const t = await openTestKernel();
    const root = await launchWith(
      t,
      globals,
      `return makeDefaultExo('R', { run: () => (${expression}) })`,
    );
    expect(await t.call(root, 'run')).toStrictEqual(expected);
  });

  it('are frozen, so that vats of one host cannot talk through them', async () => {
    const t = await openTestKernel();
    const root = await launchWith(
      t,
      all,
      `
      const seen = new Set();
      const thawed = [];
      const visit = (value, path) => {
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
        seen.add(value);
        if (!Object.isFrozen(value)) thawed.push(path);
        for (const key of Reflect.ownKeys(value)) {
          const d = Object.getOwnPropertyDescriptor(value, key);
          visit(d.value, path + '.' + String(key)); visit(d.get, path + '.get ' + String(key)); visit(d.set, path + '.set ' + String(key));
        }
        visit(Object.getPrototypeOf(value), path + '.__proto__');
      };
      return makeDefaultExo('R', { probe: () => {
        for (const name of ${JSON.stringify(all)}) visit(globalThis[name], name);
        visit(new URL('http://x.example').searchParams, 'searchParams'); visit(Object.getPrototypeOf(new AbortController().signal), 'signal');
        return harden(thawed.filter((path) => path !== 'searchParams'));
      } })`,
    );
    expect(await t.call(root, 'probe')).toStrictEqual([]);
  });
});

describe('timers of a vat', () => {
  const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'];
  const body = `
    if (!baggage.has('n')) baggage.init('n', 0);
    const inc = () => baggage.set('n', baggage.get('n') + 1);
    const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    return makeDefaultExo('R', {
      get: () => baggage.get('n'),
      later: async (ms) => { await delay(ms); inc(); return 'done'; },
      start: (ms) => { setTimeout(inc, ms); },
      cancelled: async () => { const id = setTimeout(inc, 5); clearTimeout(id); await delay(30); return baggage.get('n'); },
      every: async () => { let k = 0; const id = setInterval(() => { k += 1; if (k === 3) clearInterval(id); }, 2); await delay(60); return k; },
      args: () => new Promise((resolve) => setTimeout((...args) => resolve(harden(args)), 1, 'a', 2)),
      send: async (other) => { await delay(5); return E(other).get(); },
      bad: async () => { setTimeout(() => { throw Error('in a timer'); }, 1); setTimeout(() => { Promise.reject(Error('late')); }, 2); await delay(20); return 'survived'; },
      spin: async () => { setTimeout(() => { for (;;); }, 1); await delay(10); },
      many: () => { for (let i = 0; i < 2000; i += 1) setTimeout(inc, 100000); },
      notAFunction: () => setTimeout('alert(1)', 1),
    });`;

  it('fire as cranks: what they do is kept, sent and answered', async () => {
    const t = await openTestKernel();
    const root = await launchWith(t, timers, body);
    expect(await t.call(root, 'later', 5)).toBe('done');
    expect(await t.call(root, 'get')).toBe(1);
    expect(await t.call(root, 'cancelled')).toBe(1);
    expect(await t.call(root, 'every')).toBe(3);
    expect(await t.call(root, 'args')).toStrictEqual(['a', 2]);
    const other = await launchWith(t, timers, body);
    expect(await t.call(root, 'send', { '@ref': other })).toBe(0);
    await t.reopen();
    expect(await t.call(root, 'get')).toBe(1);
  });

  it('that throw are the vat’s own affair (score 20)', async () => {
    const t = await openTestKernel();
    const root = await launchWith(t, timers, body);
    expect(await t.call(root, 'bad')).toBe('survived');
    expect(
      t.logged.some(({ message }) =>
        /uncaught in a timer: Error: in a timer/u.test(message),
      ),
    ).toBe(true);
    expect(t.kernel.getStatus().vats[0]).toMatchObject({ incarnation: 1 });
  });

  it('are bounded in number, and refuse what is not a function', async () => {
    const t = await openTestKernel();
    const root = await launchWith(t, timers, body);
    await expect(t.call(root, 'many')).rejects.toThrow(/at most 1000 timers/u);
    await expect(t.call(root, 'notAFunction')).rejects.toThrow(
      /needs a function/u,
    );
  });

  it('that never end are ended by the deadline; others do not notice', async () => {
    const t = await openTestKernel({ limits: { deliveryMs: 1500 } });
    const root = await launchWith(t, timers, body);
    const other = await launchWith(t, timers, body);
    const spinning = t.call(root, 'spin').catch(String);
    for (let i = 0; i < 5; i += 1) expect(await t.call(other, 'get')).toBe(0);
    expect(await spinning).toMatch(/ran longer than 1.5 s/u);
    expect(await t.call(root, 'get')).toBe(0);
  });

  it('end with the vat', async () => {
    const t = await openTestKernel();
    const root = await launchWith(t, timers, body);
    await t.call(root, 'start', 50);
    await t.kernel.restartVat('v1');
    await new Promise((resolve) => {
      setTimeout(resolve, 120);
    });
    expect(await t.call(root, 'get')).toBe(0);
  });
});
