import './daemon/lockdown.ts';
import type { VatConfig } from '@ocap/kernel';
import type { OcapError } from '@ocap/kernel-utils';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './testing/http-server.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

const globals = [
  'AbortController',
  'AbortSignal',
  'Date',
  'Headers',
  'Request',
  'Response',
  'URLSearchParams',
  'fetch',
];

const launchFetcher = async (
  t: TestKernel,
  servers: readonly TestServer[],
  body: string,
  config: object = {},
): Promise<string> => {
  const allowedHosts = servers.map(({ port }) => `127.0.0.1:${port}`);
  const { rootKref } = await t.kernel.launchSubcluster({
    bootstrap: 'main',
    vats: {
      main: {
        bundleSpec: vatSource(body),
        globals,
        network: { allowedHosts },
        ...config,
      },
    },
  } as never);
  return rootKref;
};

/** Methods that most tests need. */
const fetcher = `
  if (!baggage.has('seen')) baggage.init('seen', '');
  let controller; let request;
  const textOf = async (response) => (await response).text();
  return makeDefaultExo('Fetcher', {
    get: (url) => textOf(fetch(url)),
    keep: (url) => { textOf(fetch(url)).then((text) => baggage.set('seen', text)); },
    seen: () => baggage.get('seen'),
    begin: (url) => { controller = new AbortController(); request = fetch(url, { signal: controller.signal }).catch((e) => e.name); },
    abort: () => { controller.abort(); return request; },
    beginAndAbort: async (url) => { const c = new AbortController(); const p = fetch(url, { signal: c.signal }); c.abort(Error('never mind')); return p; },
    late: (url) => fetch(url, { signal: AbortSignal.abort('too late') }).catch((reason) => reason),
    within: (url, ms) => fetch(url, { signal: AbortSignal.timeout(ms) }).catch((e) => e.name),
    many: async (url, count) => harden((await Promise.allSettled(Array.from({ length: count }, () => textOf(fetch(url))))).map(({ value, reason }) => value ?? reason.name + ': ' + reason.message)),
    upload: (url, size) => textOf(fetch(url, { method: 'POST', body: new Uint8Array(size) })),
    fail: (url) => { fetch(url); vatPowers.exitVatWithFailure(Error('cannot go on')); },
    burst: (url, other) => { fetch(url); for (let i = 0; i < 30; i += 1) E(other).seen(); },
    spin: (url, ms) => { fetch(url).then(textOf); const end = Date.now() + ms; while (Date.now() < end); return 'spun'; },
    forward: async (url, other) => E(other).seen(await textOf(fetch(url))),
  });`;

const echo = async (): Promise<TestServer> =>
  startTestServer(({ method, url, headers, body }, response) => {
    response.writeHead(201, { 'x-seen': 'yes', 'set-cookie': ['a=1', 'b=2'] });
    response.end(JSON.stringify({ method, url, headers, body }));
  });
const silent = async (): Promise<TestServer> =>
  startTestServer(() => undefined);
const saying = async (text: string): Promise<TestServer> =>
  startTestServer((_, response) => response.end(text));

const stateOf = (t: TestKernel): string | undefined =>
  t.kernel.getStatus().vats[0]?.state;

describe('fetch and its classes (V-18)', () => {
  it('are absent unless asked for, and need a list of hosts', async () => {
    const t = await openTestKernel();
    const root = await t.launch(
      `return makeDefaultExo('R', { probe: () => harden(['fetch', 'Headers', 'Request', 'Response'].filter((name) => name in globalThis)) })`,
    );
    expect(await t.call(root, 'probe')).toStrictEqual([]);
    await expect(
      launchFetcher(t, [], fetcher, { network: undefined }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('are frozen, down to what they hand out, so that vats of one host cannot talk through them', async () => {
    const t = await openTestKernel();
    const server = await echo();
    const root = await launchFetcher(
      t,
      [server],
      `
      const probe = async (url) => {
        const seen = new Set(); const thawed = [];
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
        const thrown = (f) => { try { return f(); } catch (e) { return e; } };
        for (const name of ['AbortController', 'AbortSignal', 'Headers', 'Request', 'Response', 'fetch']) visit(globalThis[name], name);
        const response = await fetch(url); const controller = new AbortController(); let event;
        controller.signal.addEventListener('abort', (e) => { event = e; }); controller.abort();
        const made = { response, headers: response.headers, entries: response.headers.entries(), request: new Request(url), promise: response.text(), error: thrown(() => new Request('')), refused: await fetch('http://x.example').catch((e) => e), event, reason: controller.signal.reason };
        for (const [name, value] of Object.entries(made)) visit(Object.getPrototypeOf(value), name);
        return harden(thawed);
      };
      return makeDefaultExo('R', { probe })`,
    );
    expect(await t.call(root, 'probe', server.origin)).toStrictEqual([]);
  });

  it('get, and say what came', async () => {
    const t = await openTestKernel();
    const server = await echo();
    const root = await launchFetcher(
      t,
      [server],
      `return makeDefaultExo('R', { run: async (url) => {
        const r = await fetch(url, { headers: { 'X-Mine': 'ü', Accept: 'a/b' } });
        const copy = r.clone();
        const { headers, method } = await r.json();
        return harden({ ok: r.ok, status: r.status, statusText: r.statusText, url: r.url, redirected: r.redirected, used: r.bodyUsed, seen: r.headers.get('X-Seen'), cookies: r.headers.getSetCookie(), mine: headers['x-mine'], accept: headers.accept, size: (await copy.bytes()).length > 0, method, kind: r instanceof Response && r.headers instanceof Headers });
      } })`,
    );
    const url = `${server.origin}/path?q=1#part`;
    expect(await t.call(root, 'run', url)).toStrictEqual({
      ok: true,
      status: 201,
      statusText: 'Created',
      url: `${server.origin}/path?q=1`,
      redirected: false,
      used: true,
      seen: 'yes',
      cookies: ['a=1', 'b=2'],
      mine: 'ü',
      accept: 'a/b',
      size: true,
      method: 'GET',
      kind: true,
    });
  });

  it.each([
    ['text', `'grüß'`, 'grüß', 'text/plain;charset=UTF-8'],
    ['bytes', 'new Uint8Array([97, 98])', 'ab', undefined],
    ['a buffer', 'new Uint8Array([97, 98]).buffer', 'ab', undefined],
    ['JSON', 'JSON.stringify({ a: 1 })', '{"a":1}', 'text/plain;charset=UTF-8'],
    [
      'a query',
      `new URLSearchParams({ a: 'b c' })`,
      'a=b+c',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
  ])('post %s', async (_, expression, body, type) => {
    const t = await openTestKernel();
    const server = await echo();
    const root = await launchFetcher(
      t,
      [server],
      `return makeDefaultExo('R', { run: async (url) => (await fetch(new Request(url, { method: 'post', body: ${expression} }))).status })`,
    );
    expect(await t.call(root, 'run', server.origin)).toBe(201);
    expect(server.asked[0]).toMatchObject({ method: 'POST', body });
    expect(server.asked[0]?.headers['content-type']).toBe(type);
  });

  it('reach the hosts in the config and no others, also not by a redirect (V-18)', async () => {
    const t = await openTestKernel();
    const outside = await saying('outside');
    const inside = await startTestServer(({ url }, response) => {
      if (url === '/in') response.writeHead(302, { location: '/end' });
      if (url === '/out') response.writeHead(302, { location: outside.origin });
      response.end('inside');
    });
    const root = await launchFetcher(t, [inside], fetcher);
    expect(await t.call(root, 'get', inside.origin)).toBe('inside');
    expect(await t.call(root, 'get', `${inside.origin}/in`)).toBe('inside');
    const name = `127.0.0.1:${outside.port}`;
    await expect(t.call(root, 'get', outside.origin)).rejects.toThrow(
      `fetch failed: the host ${name} is not in the vat's allowedHosts`,
    );
    await expect(t.call(root, 'get', `${inside.origin}/out`)).rejects.toThrow(
      `fetch failed: the server redirects to the host ${name}, which is not in the vat's allowedHosts`,
    );
    expect(outside.asked).toStrictEqual([]);
  });

  it('are told apart by vat: one reaches what another does not', async () => {
    const t = await openTestKernel();
    const [one, two] = [await saying('one'), await saying('two')];
    const vat = (server: TestServer): VatConfig => ({
      bundleSpec: vatSource(`
        return makeDefaultExo('R', { bootstrap: ({ b }) => b, get: async (url) => (await fetch(url)).text().catch(String) })`),
      globals: ['fetch'],
      network: { allowedHosts: [`127.0.0.1:${server.port}`] },
      placement: 'subcluster',
    });
    const { rootKref: a, bootstrapResult } = await t.kernel.launchSubcluster({
      bootstrap: 'a',
      vats: { a: vat(one), b: vat(two) },
    });
    const b = bootstrapResult?.slots[0] ?? '';
    expect(await t.call(a, 'get', one.origin)).toBe('one');
    expect(await t.call(b, 'get', two.origin)).toBe('two');
    await expect(t.call(a, 'get', two.origin)).rejects.toThrow(/not in/u);
    await expect(t.call(b, 'get', one.origin)).rejects.toThrow(/not in/u);
  });
});

describe('what a vat does with an answer', () => {
  it('is a crank like any other: kept, sent, and there after a restart', async () => {
    const t = await openTestKernel();
    const server = await saying('hello');
    const root = await launchFetcher(t, [server], fetcher);
    const other = await launchFetcher(t, [server], fetcher);
    await t.call(root, 'keep', server.origin);
    while ((await t.call(root, 'seen')) !== 'hello') await delay(5);
    expect(
      await t.call(root, 'forward', server.origin, { '@ref': other }),
    ).toBe('');
    await t.reopen();
    expect(await t.call(root, 'seen')).toBe('hello');
  });

  it('may have been asked for while the vat started', async () => {
    const t = await openTestKernel();
    const server = await saying('early');
    const url = JSON.stringify(server.origin);
    const root = await launchFetcher(
      t,
      [server],
      `const early = fetch(${url}).then((r) => r.text());
       return makeDefaultExo('R', { early: () => early });`,
    );
    expect(await t.call(root, 'early')).toBe('early');
    await t.kernel.restartVat('v1');
    expect(await t.call(root, 'early')).toBe('early');
    expect(server.asked).toHaveLength(2);
  });
});

describe('a request is not made', () => {
  it.each([
    ['ends the vat with a failure', 'fail'],
    ['breaks a limit', 'burst'],
  ])('if its crank %s', async (_, method) => {
    const t = await openTestKernel({ limits: { crankSyscalls: 20 } });
    const server = await saying('x');
    const root = await launchFetcher(t, [server], fetcher);
    const other = await launchFetcher(t, [server], fetcher);
    await expect(
      t.call(root, method, `${server.origin}/undone`, { '@ref': other }),
    ).rejects.toThrow();
    await t.call(other, 'get', `${server.origin}/later`);
    expect(server.asked.map(({ url }) => url)).toStrictEqual(['/later']);
  });

  it('twice, if the process dies before the crank is committed', async () => {
    const t = await openTestKernel();
    const server = await saying('x');
    const root = await launchFetcher(t, [server], fetcher);
    const spun = t.call(root, 'spin', server.origin, 400);
    while (stateOf(t) !== 'busy') await delay(5);
    await delay(100);
    const pid = t.kernel.getStatus().vats[0]?.host?.pid;
    expect(server.asked).toStrictEqual([]);
    process.kill(pid ?? 0, 'SIGKILL');
    expect(await spun).toBe('spun');
    await server.request(0);
    expect(t.kernel.getStatus().vats[0]?.incarnation).toBe(2);
    await t.call(root, 'get', server.origin);
    expect(server.asked).toHaveLength(2); // the one that counts, and the last
  });

  it('if it is aborted in the same breath, or before', async () => {
    const t = await openTestKernel();
    const server = await saying('x');
    const root = await launchFetcher(t, [server], fetcher);
    await expect(
      t.call(root, 'beginAndAbort', `${server.origin}/never`),
    ).rejects.toThrow('never mind');
    expect(await t.call(root, 'late', `${server.origin}/never`)).toBe(
      'too late',
    );
    await t.call(root, 'get', `${server.origin}/later`);
    expect(server.asked.map(({ url }) => url)).toStrictEqual(['/later']);
  });
});

describe('a request under way ends', () => {
  const begin = async (): Promise<{
    t: TestKernel;
    root: string;
    server: TestServer;
  }> => {
    const t = await openTestKernel();
    const server = await silent();
    const root = await launchFetcher(t, [server], fetcher);
    return { t, root, server };
  };

  it('when the vat aborts it', async () => {
    const { t, root, server } = await begin();
    await t.call(root, 'begin', server.origin);
    const { closed } = await server.request(0);
    expect(await t.call(root, 'abort')).toBe('AbortError');
    await closed;
  });

  it('when the time is over that the vat gives it', async () => {
    const { t, root, server } = await begin();
    expect(await t.call(root, 'within', server.origin, 100)).toBe(
      'TimeoutError',
    );
    await (
      await server.request(0)
    ).closed;
  });

  const ends: [string, (t: TestKernel) => Promise<unknown>, RegExp][] = [
    [
      'is terminated',
      async (t) => t.kernel.terminateVat('v1'),
      /VAT_TERMINATED/u,
    ],
    [
      'is restarted: its promise was of the heap',
      async (t) => t.kernel.restartVat('v1'),
      /VAT_RESTARTED/u,
    ],
    [
      'is upgraded',
      async (t) =>
        t.kernel.upgradeVat('v1', { bundleSpec: vatSource(fetcher) }),
      /VAT_RESTARTED/u,
    ],
    [
      'loses its process',
      async (t) =>
        process.kill(t.kernel.getStatus().vats[0]?.host?.pid ?? 0, 'SIGKILL'),
      /VAT_RESTARTED/u,
    ],
  ];
  it.each(ends)('when the vat %s', async (_, end, code) => {
    const { t, root, server } = await begin();
    const asked = t
      .call(root, 'get', server.origin)
      .catch((error: unknown) => (error as OcapError).code);
    const { closed } = await server.request(0);
    await end(t);
    expect(await asked).toMatch(code);
    await closed;
    expect(server.asked).toHaveLength(1);
  });

  it('when the daemon stops', async () => {
    const { t, root, server } = await begin();
    void t.call(root, 'get', server.origin).catch(() => undefined);
    const { closed } = await server.request(0);
    await t.reopen();
    await closed;
    expect(server.asked).toHaveLength(1);
  });
});

describe('limits of a vat that fetches', () => {
  it('fetchesInFlight: so many at a time, and not one more', async () => {
    const t = await openTestKernel({ limits: { fetchesInFlight: 3 } });
    const server = await saying('x');
    const root = await launchFetcher(t, [server], fetcher);
    expect(await t.call(root, 'many', server.origin, 3)).toStrictEqual(
      Array(3).fill('x'),
    );
    expect(await t.call(root, 'many', server.origin, 4)).toStrictEqual([
      ...['x', 'x', 'x'],
      'TypeError: fetch failed: a vat can wait for at most 3 answers at a time',
    ]);
  });

  it('fetchRequestBytes: so many bytes with its URL, and not one more', async () => {
    const t = await openTestKernel({ limits: { fetchRequestBytes: 1000 } });
    const server = await startTestServer(({ body }, response) =>
      response.end(String(body.length)),
    );
    const root = await launchFetcher(t, [server], fetcher);
    const room = 1000 - `${server.origin}/`.length;
    expect(await t.call(root, 'upload', server.origin, room)).toBe(`${room}`);
    await expect(
      t.call(root, 'upload', server.origin, room + 1),
    ).rejects.toThrow(
      'fetch failed: the request has 1001 bytes, of which 1000 are allowed',
    );
  });

  it('fetchResponseBytes and fetchMs: the vat is told why it gets nothing', async () => {
    const t = await openTestKernel({
      limits: { fetchResponseBytes: 10, fetchMs: 200 },
    });
    const [large, slow] = [await saying('x'.repeat(11)), await silent()];
    const root = await launchFetcher(t, [large, slow], fetcher);
    await expect(t.call(root, 'get', large.origin)).rejects.toThrow(
      'fetch failed: the response has more than 10 bytes',
    );
    await expect(t.call(root, 'get', slow.origin)).rejects.toThrow(
      'fetch failed: there was no complete answer within 0.2 s',
    );
  });

  it('are wide enough for a large answer', async () => {
    const t = await openTestKernel();
    const text = 'ä'.repeat(4 * 1024 * 1024);
    const server = await saying(text);
    const root = await launchFetcher(
      t,
      [server],
      `return makeDefaultExo('R', { size: async (url) => (await (await fetch(url)).text()).length })`,
    );
    expect(await t.call(root, 'size', server.origin)).toBe(text.length);
  });
});

describe('a vat that waits for an answer', () => {
  it('is not put to sleep until it has it', async () => {
    const idleMs = 40;
    const t = await openTestKernel({ limits: { idleMs } });
    let answer = (): void => undefined;
    const server = await startTestServer((_, response) => {
      answer = () => response.end('at last');
    });
    const root = await launchFetcher(t, [server], fetcher);
    await t.call(root, 'keep', server.origin);
    await server.request(0);
    await delay(10 * idleMs);
    expect(stateOf(t)).not.toBe('asleep');
    answer();
    while (stateOf(t) !== 'asleep') await delay(5);
    expect(await t.call(root, 'seen')).toBe('at last');
    expect(t.kernel.getStatus().vats[0]?.incarnation).toBe(2);
  });
});
