import './daemon/lockdown.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { FetchOutcome, FetchRequest, Network } from '@ocap/kernel';
import { limits } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import { makeGuardedFetch } from './network/guarded-fetch.ts';
import { startTestServer } from './testing/http-server.ts';
import {
  openScriptedKernel,
  type ScriptedKernel,
} from './testing/scripted-hosts.ts';

const request = (change: Record<string, unknown> = {}) => ({
  id: 1,
  url: 'http://a.example/',
  method: 'GET',
  headers: [],
  body: null,
  redirect: 'follow',
  ...change,
});

/** A network that answers when it is told to. */
const recordNetwork = () => {
  const asked: {
    request: FetchRequest;
    allowedHosts: readonly string[];
    signal: AbortSignal;
    answer: (outcome: FetchOutcome) => void;
  }[] = [];
  const network: Network = {
    fetch: async (asking, options) =>
      new Promise((resolve) => {
        asked.push({ request: asking, ...options, answer: resolve });
      }),
  };
  return { network, asked };
};

const launchVat = async (
  t: ScriptedKernel,
  config: object = {},
): Promise<string> => {
  const launching = t.kernel.launchSubcluster({
    bootstrap: 'main',
    vats: { main: { bundleSpec: 'data:', ...config } },
  });
  t.done(await t.nextFrame(), { methods: [] });
  return (await launching).rootKref;
};

/** Calls the vat, whose crank then asks for this. */
const asksFor = async (
  t: ScriptedKernel,
  root: string,
  outcome: Record<string, unknown>,
): Promise<void> => {
  void t.kernel.queueMessage(root, 'go', []).catch(() => undefined);
  t.done(await t.nextFrame(), outcome);
};

const settled = async (): Promise<void> => {
  await delay(20);
};

describe('a host that is compromised', () => {
  const malformed: [string, Record<string, unknown>][] = [
    ['fetches that are no list', { fetches: {} }],
    ['a fetch that is nothing', { fetches: [null] }],
    ['a fetch without a number', { fetches: [request({ id: undefined })] }],
    ['a fetch of number 0', { fetches: [request({ id: 0 })] }],
    ['a fetch of no URL', { fetches: [request({ url: 7 })] }],
    [
      'a header of two lines',
      { fetches: [request({ headers: [['a', 'b\r\nc: d']] })] },
    ],
    [
      'a method of two lines',
      { fetches: [request({ method: 'GET / HTTP/1.1\r\n' })] },
    ],
    ['a body that is not base64', { fetches: [request({ body: '%%%%' })] }],
    ['an unknown redirect', { fetches: [request({ redirect: 'blindly' })] }],
    [
      'one bad fetch among good ones',
      { fetches: [request(), request({ id: 2, headers: 'x' })] },
    ],
    ['aborts that are no list', { fetchesAborted: 1 }],
    ['an abort of no number', { fetchesAborted: ['1'] }],
    ['something else for waiting', { waiting: 'yes' }],
  ];
  it.each(malformed)('is ended if it says %s', async (_, outcome) => {
    const { network, asked } = recordNetwork();
    const t = await openScriptedKernel(network);
    const root = await launchVat(t);
    await asksFor(t, root, outcome);
    expect(t.killed).toStrictEqual([
      expect.stringMatching(/broke the protocol: a done frame is malformed/u),
    ]);
    // The vat starts anew, and is given the message again.
    t.done(await t.nextFrame(), { methods: [] });
    t.done(await t.nextFrame());
    await settled();
    expect(asked).toStrictEqual([]);
  });

  const unlawful: [string, Record<string, unknown>][] = [
    ['one number twice', { fetches: [request(), request()] }],
    [
      `more than ${limits.fetchesInFlight.value} answers`,
      {
        fetches: Array.from(
          { length: limits.fetchesInFlight.value + 1 },
          (_, at) => request({ id: at + 1 }),
        ),
      },
    ],
    [
      'too large a request',
      {
        fetches: [
          request({ url: 'x'.repeat(limits.fetchRequestBytes.value + 1) }),
        ],
      },
    ],
  ];
  it.each(unlawful)(
    'loses its vat if it asks for %s, and nothing leaves',
    async (_, outcome) => {
      const { network, asked } = recordNetwork();
      const t = await openScriptedKernel(network);
      const root = await launchVat(t);
      await asksFor(t, root, { ...outcome, writes: [['stolen', 'x']] });
      await settled();
      expect(t.kernel.getStatus().vats).toStrictEqual([]);
      expect(asked).toStrictEqual([]);
      expect(t.kernel.audit().problems).toStrictEqual([]);
    },
  );

  it('may ask for as much as the limits allow', async () => {
    const { network, asked } = recordNetwork();
    const t = await openScriptedKernel(network);
    const root = await launchVat(t);
    const { value } = limits.fetchesInFlight;
    const url = 'x'.repeat(limits.fetchRequestBytes.value);
    const fetches = Array.from({ length: value }, (_, at) =>
      request({ id: at + 1, url: at === 0 ? url : 'u' }),
    );
    await asksFor(t, root, { fetches });
    await settled();
    expect(asked).toHaveLength(value);
    // One that is over makes room for one.
    asked[3]?.answer({ problem: 'no' });
    await settled();
    await asksFor(t, root, { fetches: [request({ id: 100 })] });
    await settled();
    await asksFor(t, root, {
      fetches: [request({ id: 101 })],
      fetchesAborted: [100],
    });
    await settled();
    expect(asked).toHaveLength(value + 2);
    await asksFor(t, root, { fetches: [request({ id: 102 })] });
    await settled();
    expect(t.kernel.getStatus().vats).toStrictEqual([]);
  });

  it.each([
    ['was given no network', {}],
    [
      'was given another host',
      { globals: ['fetch'], network: { allowedHosts: ['a.example'] } },
    ],
  ])('is refused by the daemon if its vat %s', async (_, config) => {
    const server = await startTestServer((__, response) => response.end());
    const t = await openScriptedKernel({
      fetch: makeGuardedFetch({ fetchMs: 5000, fetchResponseBytes: 100 }),
    });
    const root = await launchVat(t, config);
    // Whatever it claims to be allowed.
    const allowedHosts = [`127.0.0.1:${server.port}`];
    const asking = request({ url: server.origin, allowedHosts });
    await asksFor(t, root, { fetches: [asking], allowedHosts });
    while (t.fetched.length === 0) await settled();
    expect(t.fetched).toStrictEqual([
      {
        type: 'fetched',
        vat: 'v1',
        id: 1,
        problem: `the host 127.0.0.1:${server.port} is not in the vat's allowedHosts`,
      },
    ]);
    expect(server.asked).toStrictEqual([]);
  });
});

describe('a request', () => {
  const config = {
    globals: ['fetch'],
    network: { allowedHosts: ['a.example', '*.b.example'] },
  };

  it('leaves with the commit of its crank, and not before', async () => {
    const { network, asked } = recordNetwork();
    const t = await openScriptedKernel(network);
    const root = await launchVat(t, config);
    await asksFor(t, root, { fetches: [request()] });
    expect(asked).toStrictEqual([]);
    t.kernel.executeDBQuery('SELECT 1'); // commits
    expect(asked).toMatchObject([
      { request: request(), allowedHosts: ['a.example', '*.b.example'] },
    ]);
  });

  it('does not leave if its vat has lost its process by then', async () => {
    const { network, asked } = recordNetwork();
    const t = await openScriptedKernel(network);
    const root = await launchVat(t, config);
    await asksFor(t, root, { fetches: [request()] });
    await t.kernel.terminateVat('v1');
    await settled();
    expect(asked).toStrictEqual([]);
  });

  it('is answered to the incarnation that asked, and to no other', async () => {
    const { network, asked } = recordNetwork();
    const t = await openScriptedKernel(network);
    const root = await launchVat(t, config);
    await asksFor(t, root, { fetches: [request()] });
    await settled();
    const restarted = t.kernel.restartVat('v1');
    t.done(await t.nextFrame(), { fetches: [request()], methods: [] });
    await restarted;
    await settled();
    const [first, second] = asked;
    expect([first?.signal.aborted, second?.signal.aborted]).toStrictEqual([
      true,
      false,
    ]);
    first?.answer({ problem: 'of the first' });
    await settled();
    expect(t.fetched).toStrictEqual([]);
    second?.answer({ problem: 'of the second' });
    await settled();
    expect(t.fetched).toMatchObject([{ id: 1, problem: 'of the second' }]);
  });

  it('that the vat aborts is aborted with the commit, and not answered', async () => {
    const { network, asked } = recordNetwork();
    const t = await openScriptedKernel(network);
    const root = await launchVat(t, config);
    await asksFor(t, root, { fetches: [request()] });
    await settled();
    await asksFor(t, root, { fetchesAborted: [1, 77] });
    expect(asked[0]?.signal.aborted).toBe(false);
    await settled();
    expect(asked[0]?.signal.aborted).toBe(true);
    asked[0]?.answer({ problem: 'too late' });
    await settled();
    expect(t.fetched).toStrictEqual([]);
  });

  it('that meets a fault of the daemon is answered all the same', async () => {
    const t = await openScriptedKernel(); // has no network
    const root = await launchVat(t, config);
    await asksFor(t, root, { fetches: [request()] });
    await settled();
    expect(t.fetched).toMatchObject([
      { id: 1, problem: 'the daemon met a fault' },
    ]);
  });
});
