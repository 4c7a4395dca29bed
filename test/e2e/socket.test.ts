/** The daemon's socket, line by line, as any program that knows JSON can use it. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { startDaemonOf, withClient } from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';

type Wire = Readonly<{
  socket: Socket;
  /** Sends one line as it is. */
  write(line: string): void;
  /** The next line that comes. */
  read(): Promise<unknown>;
}>;

const withWire = async (
  home: Home,
  use: (wire: Wire) => Promise<void>,
): Promise<void> => {
  await startDaemonOf(home);
  const socket = connect(home.socketPath);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  // A connection that the daemon ends in our face ends the iteration as well.
  socket.on('error', () => undefined);
  try {
    await use({
      socket,
      write: (line) => void socket.write(`${line}\n`),
      read: async () => {
        const { value, done } = await lines.next();
        if (done === true) throw new Error('The connection has ended.');
        return JSON.parse(value) as unknown;
      },
    });
  } finally {
    socket.destroy();
  }
};

const request = (method: string, params: unknown = []): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });

const thrower = vatSource(`return makeDefaultExo('Root', {
  fail: () => { throw new TypeError('no money'); },
  unpassable: () => new Map(),
});`);

const launchOf = (bundleSpec: string): unknown => ({
  config: { bootstrap: 'main', vats: { main: { bundleSpec } } },
});

const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** Line → code of the error, its `data`, and what its message says. */
const errors: readonly [
  name: string,
  line: string,
  code: number,
  data: unknown,
  message: RegExp,
][] = [
  ['no JSON', '{"jsonrpc":', -32700, undefined, /not JSON/u],
  ['a batch', `[${request('ping')}]`, -32600, undefined, /batches/u],
  ['no request', '"ping"', -32600, undefined, /request/u],
  ['no version', '{"id":1,"method":"ping"}', -32600, undefined, /jsonrpc/u],
  ['no such method', request('nope'), -32601, undefined, /nope/u],
  [
    'an inherited method',
    request('constructor'),
    -32601,
    undefined,
    /constructor/u,
  ],
  [
    'parameters of a wrong type',
    request('pingVat', { id: 7 }),
    -32602,
    { path: 'id' },
    /id/u,
  ],
  [
    'a parameter too many',
    request('pingVat', ['v1', 'v2']),
    -32602,
    expect.objectContaining({ path: text(/./u) }),
    /Invalid params/u,
  ],
  [
    'a config with an unknown field',
    request('launchSubcluster', {
      config: { bootstrap: 'a', vats: { a: { bundleSpec: 'x', spin: 1 } } },
    }),
    -32602,
    { path: 'config.vats.a' },
    /spin/u,
  ],
  [
    'a config without its bootstrap vat',
    request('launchSubcluster', {
      config: { bootstrap: 'b', vats: { a: { bundleSpec: 'x' } } },
    }),
    -32602,
    { path: 'config.bootstrap' },
    /"b"/u,
  ],
  [
    'a bundle that is not there',
    request('launchSubcluster', launchOf('/no/such.bundle')),
    1000,
    { code: 'BUNDLE_NOT_FOUND' },
    /such\.bundle/u,
  ],
  [
    'an object that is not there',
    request('queueMessage', ['ko999', 'hi', []]),
    1000,
    { code: 'REF_UNKNOWN' },
    /ko999/u,
  ],
  [
    'a name that is not there',
    request('queueMessage', ['thrwer', 'hi', []]),
    1000,
    { code: 'NAME_UNKNOWN' },
    /Did you mean "thrower"/u,
  ],
  [
    'a vat that is not there',
    request('terminateVat', { id: 'v999' }),
    1000,
    { code: 'VAT_UNKNOWN' },
    /v999/u,
  ],
  [
    'SQL that is not read-only',
    request('executeDBQuery', { sql: 'DELETE FROM vats' }),
    1000,
    { code: 'SQL_REFUSED' },
    /read-only/u,
  ],
  [
    'a method that throws',
    request('queueMessage', ['thrower', 'fail', []]),
    1001,
    { code: 'CALL_REJECTED', capdata: { body: text(/no money/u), slots: [] } },
    /no money/u,
  ],
  [
    'a method that the object has not',
    request('queueMessage', ['thrower', 'nope', []]),
    1001,
    expect.objectContaining({ code: 'CALL_REJECTED' }),
    /nope/u,
  ],
  [
    'a result that cannot be passed',
    request('queueMessage', ['thrower', 'unpassable', []]),
    1001,
    expect.objectContaining({ code: 'CALL_REJECTED' }),
    /Map|pass/u,
  ],
];

describe('a request', () => {
  it('gets one line for its own, also when it comes in pieces (P-05)', async () => {
    await withHome(async (home) => {
      await withWire(home, async ({ socket, read }) => {
        const line = request('getStatus');
        socket.write(line.slice(0, 20));
        socket.write(`${line.slice(20)}\n${request('ping')}\n`);
        expect(await read()).toMatchObject({ jsonrpc: '2.0', id: 1 });
        expect(await read()).toMatchObject({ id: 1, result: 'pong' });
      });
    });
  });

  it('that is wrong gets an error that says so, and changes nothing (P-20, P-42, V-24)', async () => {
    await withHome(async (home) => {
      await withClient(home, async (client) => {
        const launched = await client.rpc(
          'launchSubcluster',
          launchOf(thrower) as never,
        );
        const { rootKref } = launched as { rootKref: string };
        await client.rpc('setName', ['thrower', rootKref]);
        const before = await client.rpc('listNames');
        await withWire(home, async ({ write, read }) => {
          for (const [name, line, code, data, message] of errors) {
            write(line);
            const answer = await read();
            expect([name, answer]).toMatchObject([
              name,
              { jsonrpc: '2.0', error: { code, message: text(message) } },
            ]);
            if (data !== undefined) {
              expect([name, answer]).toMatchObject([name, { error: { data } }]);
            }
          }
        });
        expect(await client.rpc('listNames')).toStrictEqual(before);
        expect(await client.rpc('getStatus')).toMatchObject({
          vats: [{ id: 'v1' }],
        });
        expect(await client.rpc('audit')).toMatchObject({ ok: true });
      });
    });
  });

  it('of 100 MB without an end is refused at little cost (P-45)', async () => {
    await withHome(async (home) => {
      const pid = await startDaemonOf(home);
      const peakKiB = (): number => {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        return Number(/VmHWM:\s+(\d+) kB/u.exec(status)?.[1]);
      };
      await withWire(home, async ({ socket, read }) => {
        const before = peakKiB();
        const closed = new Promise<void>((resolve) => {
          socket.on('close', () => resolve());
        });
        const answer = read();
        const chunk = Buffer.alloc(1024 * 1024, 'x');
        for (let sent = 0; sent < 100 && socket.writable; sent += 1) {
          if (socket.write(chunk)) continue;
          const drained = once(socket, 'drain').catch(() => undefined);
          await Promise.race([drained, closed]);
        }
        expect(await answer).toMatchObject({ error: { code: -32600 } });
        await closed;
        expect(peakKiB() - before).toBeLessThan(32 * 1024);
      });
      expect(home.daemonPid()).toBe(pid);
    });
  });
});

type Method = Readonly<{
  name: string;
  result: { schema: { properties?: Record<string, unknown> } };
}>;

describe('rpc.discover', () => {
  it('describes every method that there is, and what getStatus shows (V-23)', async () => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/counter']);
      await withClient(home, async (client) => {
        const { methods } = (await client.rpc('rpc.discover')) as {
          methods: readonly Method[];
        };
        const promised = `getStatus launchSubcluster terminateSubcluster
          queueMessage pingVat restartVat terminateVat terminateAllVats
          collectGarbage clearState executeDBQuery setName removeName listNames
          describe audit shutdown rpc.discover`.split(/\s+/u);
        expect(methods.map(({ name }) => name)).toEqual(
          expect.arrayContaining(promised),
        );
        const status = (await client.rpc('getStatus')) as object;
        const schema = methods.find(({ name }) => name === 'getStatus')?.result
          .schema;
        expect(Object.keys(schema?.properties ?? {})).toEqual(
          expect.arrayContaining(Object.keys(status)),
        );
        expect(status).toMatchObject({
          vats: [
            {
              id: 'v1',
              name: 'counter',
              subclusterId: 's1',
              state: 'awake',
              incarnation: 1,
              inbox: 0,
              host: {
                pid: expect.any(Number),
                memoryBytes: expect.any(Number),
              },
            },
          ],
          subclusters: [{ id: 's1', vats: { counter: 'v1' } }],
        });
      });
    });
  });
});
