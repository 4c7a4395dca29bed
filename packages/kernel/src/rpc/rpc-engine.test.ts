/**
 * The JSON-RPC surface as a client meets it (V-24): every code, with and
 * without parameters, over a small kernel that lives in memory.
 */
import {
  fail,
  limits,
  objectKRef,
  RejectedError,
  subclusterId,
  vatId,
  type Json,
  type KRef,
} from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../kernel-api.ts';
import { makeRpcEngine, type Rpc } from './index.ts';

const vat = {
  id: vatId(1),
  name: 'main',
  subclusterId: subclusterId(1),
  config: { bundleSpec: 'file:///a.bundle' },
  state: 'awake',
  incarnation: 1,
  inbox: 0,
  deliveries: 3,
} as const;

/** Objects `echo`, `reject` and `defect`; names are real. */
const makeSmallKernel = (): Kernel => {
  const names = new Map<string, KRef>();
  const queueMessage = async (
    target: string,
    method: string,
    args: readonly Json[],
    options: object = {},
  ): Promise<{ body: string; slots: KRef[] }> => {
    if (target === 'reject') {
      throw new RejectedError('Error: no', { body: '#"no"', slots: [] });
    }
    if (target === 'defect') throw new Error('/home/me/secret.ts is broken');
    if (target !== 'echo') throw fail('REF_UNKNOWN', { ref: target });
    const body = `#${JSON.stringify([method, args, options])}`;
    return { body, slots: [objectKRef(1)] };
  };
  return {
    getStatus: () => ({ vats: [vat], subclusters: [], hosts: [] }),
    readStatus: () => ({ vats: [vat], subclusters: [], hosts: [] }),
    subclusterOf: () => undefined,
    launchSubcluster: async ({ vats }) => ({
      subclusterId: subclusterId(1),
      rootKref: objectKRef(1),
      vats: Object.fromEntries(
        Object.keys(vats).map((name, index) => [name, vatId(index + 1)]),
      ),
    }),
    terminateSubcluster: async () => undefined,
    terminateVat: async (id) => {
      throw fail('VAT_UNKNOWN', { vat: id });
    },
    terminateAllVats: async () => undefined,
    revoke: async () => undefined,
    issueOcapURL: async () => ({ id: 'u1', url: 'ocap:00@12D3KooW' }),
    redeemOcapURL: async () => 'ko1' as KRef,
    initRemoteComms: async () => ({
      peerId: '12D3KooW',
      addresses: [],
      peers: [],
    }),
    registerLocationHints: async () => undefined,
    listCaps: () => ({ subclusterId: subclusterId(1), vats: [], caps: [] }),
    isRevoked: () => false,
    getMetrics: () => [],
    grantAccess: async ({ kind }) => {
      if (kind !== 'status') throw fail('REF_UNKNOWN', { ref: 'ko9' });
      return { id: 'a1', facet: { kind }, issued: 1, token: 'secret' };
    },
    authorize: () => {
      throw fail('ACCESS_UNKNOWN');
    },
    insistAccess: () => undefined,
    listAccesses: () => [],
    upgradeVat: async () => ({ incarnation: 2 }),
    restartVat: async () => undefined,
    pingVat: async () => 'pong',
    queueMessage,
    collectGarbage: async () => undefined,
    clearState: async () => names.clear(),
    setName: async (name, target) => void names.set(name, target as KRef),
    removeName: async (name) => void names.delete(name),
    listNames: () => [...names].map(([name, kref]) => ({ name, kref })),
    describe: async () => ({
      kref: 'not a kref' as KRef,
      kind: 'object',
      names: [],
      state: 'live',
    }),
    watchEvents: async ({ topics }) => {
      if (topics.includes('grant')) throw fail('SHUTTING_DOWN');
      return {
        from: { seq: 0 },
        begin: () => undefined,
        end: () => undefined,
      };
    },
    audit: () => ({ ok: true, problems: [] }),
    commit: () => undefined,
    executeDBQuery: (sql) => [{ sql }],
    stop: async () => undefined,
  };
};

const setUp = (): { rpc: Rpc; reports: unknown[]; stops: () => number } => {
  const reports: unknown[] = [];
  const note = (message: string, fields?: object): void =>
    void reports.push({ message, ...fields });
  let stops = 0;
  const rpc = makeRpcEngine(makeSmallKernel(), {
    setLogLevel: () => undefined,
    shutdown: () => {
      stops += 1;
    },
    logger: { debug: note, info: note, warn: note, error: note },
  });
  return { rpc, reports, stops: () => stops };
};

const ask = async (
  method: string,
  params?: unknown,
  { rpc } = setUp(),
): Promise<Record<string, Json>> => {
  const request = { jsonrpc: '2.0', id: 7, method, params };
  return JSON.parse((await rpc.handleLine(JSON.stringify(request))) ?? 'null');
};

const echoed = (text: string): object => ({
  jsonrpc: '2.0',
  id: 7,
  result: { body: `#${text}`, slots: ['ko1'] },
});

describe('a request', () => {
  it.each([
    ['a list', ['echo', 'hi', [1]], '["hi",[1],{}]'],
    [
      'a list with a request id',
      ['echo', 'hi', [], { requestId: 'r' }],
      '["hi",[],{"requestId":"r"}]',
    ],
    ['names', { target: 'echo', method: 'hi', args: [] }, '["hi",[],{}]'],
    [
      'names with a request id',
      { target: 'echo', method: 'hi', args: [], requestId: 'r' },
      '["hi",[],{"requestId":"r"}]',
    ],
  ])('calls an object with %s', async (_name, params, text) => {
    expect(await ask('queueMessage', params)).toStrictEqual(echoed(text));
  });

  it.each([undefined, [], {}])(
    'without parameters may say %j',
    async (none) => {
      expect(await ask('getStatus', none)).toStrictEqual({
        jsonrpc: '2.0',
        id: 7,
        result: { vats: [vat], subclusters: [], hosts: [] },
      });
    },
  );

  it.each([
    ['executeDBQuery', { sql: 'x' }, [{ sql: 'x' }]],
    ['executeDBQuery', ['x'], [{ sql: 'x' }]],
    ['setName', ['a', 'ko1'], null],
    ['terminateAllVats', [], null],
    ['restartVat', { id: 'v1' }, null],
    ['audit', [], { ok: true, problems: [] }],
    ['ping', [], 'pong'],
    ['pingVat', ['v1'], 'pong'],
    ['listAccesses', [], []],
    [
      'grantAccess',
      ['status'],
      { id: 'a1', facet: { kind: 'status' }, issued: 1, token: 'secret' },
    ],
  ])('%s %j is answered', async (method, params, result) => {
    expect(await ask(method, params)).toMatchObject({ result });
  });

  it('keeps its id: a string, null, a fraction', async () => {
    const { rpc } = setUp();
    for (const id of ['x', null, 1.5, 0]) {
      const line = JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' });
      const answer = await rpc.handleLine(line);
      expect(JSON.parse(answer ?? '')).toStrictEqual({
        jsonrpc: '2.0',
        id,
        result: 'pong',
      });
    }
  });

  it('launches what its config says', async () => {
    const config = { bootstrap: 'a', vats: { a: { bundleSpec: 'x' } } };
    expect(await ask('launchSubcluster', { config })).toMatchObject({
      result: { subclusterId: 's1', vats: { a: 'v1' } },
    });
  });

  it('asks for shutdown and is answered', async () => {
    const own = setUp();
    expect(await ask('shutdown', [], own)).toMatchObject({ result: null });
    expect(own.stops()).toBe(1);
  });
});

describe('what gets no answer', () => {
  it.each([
    ['a notification', '{"jsonrpc":"2.0","method":"ping"}'],
    ['a failing notification', '{"jsonrpc":"2.0","method":"nope"}'],
    ['an empty line', ''],
    ['a line of spaces', ' \r'],
  ])('%s', async (_name, line) => {
    expect(await setUp().rpc.handleLine(line)).toBeUndefined();
  });

  it('a notification is done all the same', async () => {
    const own = setUp();
    await own.rpc.handleLine(
      '{"jsonrpc":"2.0","method":"setName","params":["a","ko1"]}',
    );
    expect(await ask('listNames', [], own)).toMatchObject({
      result: [{ name: 'a', kref: 'ko1' }],
    });
  });
});

const deep = (levels: number): string =>
  `{"jsonrpc":"2.0","id":7,"method":"queueMessage","params":["echo","hi",${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}]}`;

const rich = (commas: number): string =>
  `{"jsonrpc":"2.0","id":7,"method":"queueMessage","params":["echo","hi",[0${',0'.repeat(commas)}]]}`;
const richIn = (commas: number): number =>
  rich(commas).match(/[[{,:]/gu)?.length ?? 0;

describe('an error', () => {
  it.each<[string, string, number, Json, RegExp]>([
    ['text', 'hello', -32700, null, /not JSON/u],
    ['what only looks blank', '\u{feff}', -32700, null, /not JSON/u],
    ['half a request', '{"jsonrpc":"2.0","id":7', -32700, null, /not JSON/u],
    [
      'a batch',
      '[{"jsonrpc":"2.0","id":7,"method":"ping"}]',
      -32600,
      null,
      /batches/u,
    ],
    ['an empty batch', '[]', -32600, null, /batches/u],
    ['a number', '5', -32600, null, /object/u],
    ['null', 'null', -32600, null, /object/u],
    ['version 1', '{"id":7,"method":"ping"}', -32600, 7, /"jsonrpc"/u],
    ['no method', '{"jsonrpc":"2.0","id":7}', -32600, 7, /"method"/u],
    [
      'an odd id',
      '{"jsonrpc":"2.0","id":[1],"method":"ping"}',
      -32600,
      null,
      /"id"/u,
    ],
    [
      'odd params',
      '{"jsonrpc":"2.0","id":7,"method":"ping","params":3}',
      -32600,
      7,
      /"params"/u,
    ],
    [
      'JSON one level too deep',
      deep(limits.nestingLevels.value + 1),
      -32600,
      null,
      /deeper than 128/u,
    ],
  ])('answers %s', async (_name, line, code, id, message) => {
    const answer = await setUp().rpc.handleLine(line);
    expect(JSON.parse(answer ?? '')).toStrictEqual({
      jsonrpc: '2.0',
      id,
      error: { code, message: expect.stringMatching(message) },
    });
  });

  it('does not answer JSON that is just not too deep', async () => {
    const line = deep(limits.nestingLevels.value);
    const answer = await setUp().rpc.handleLine(line);
    expect(JSON.parse(answer ?? '')).toHaveProperty('result');
  });

  it.each([
    [0, 'result'],
    [1, 'error'],
  ])(
    'of parts: as many as allowed and %i is answered with its %s',
    async (more, kind) => {
      // Of the request itself: 6 commas and colons, 2 brackets, and the list.
      const parts = limits.requestParts.value - richIn(0) + more;
      expect(richIn(parts) - richIn(0)).toBe(parts);
      const answer = await setUp().rpc.handleLine(rich(parts));
      expect(JSON.parse(answer ?? '')).toHaveProperty(kind);
      if (more > 0)
        expect(answer).toContain('more than 100000 values and keys');
    },
  );

  it('is not made by brackets in strings', async () => {
    const text = '["'.repeat(200);
    expect(await ask('queueMessage', ['echo', text, []])).toHaveProperty(
      'result',
    );
  });

  it.each([
    'nope',
    'toString',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '',
  ])('answers the unknown method "%s" with -32601 (P-20)', async (method) => {
    expect(await ask(method)).toMatchObject({ error: { code: -32601 } });
  });

  it.each<[string, unknown, string, RegExp]>([
    ['queueMessage', ['echo'], 'method', /missing/u],
    ['queueMessage', ['echo', 1, []], 'method', /expected string/u],
    ['queueMessage', ['echo', 'hi', 'x'], 'args', /expected array/u],
    ['queueMessage', ['echo', 'hi', [], 3], '[3]', /requestId/u],
    [
      'queueMessage',
      ['echo', 'hi', [], { requestId: 'r'.repeat(201) }],
      '[3]',
      /200/u,
    ],
    ['queueMessage', ['echo', 'hi', [], {}, 5], '[4]', /at most 4/u],
    [
      'queueMessage',
      { target: 'echo', method: 'hi', args: [], x: 1 },
      '',
      /unknown field "x"/u,
    ],
    ['getStatus', [1], '[0]', /at most 0/u],
    ['getStatus', { all: true }, '', /unknown field "all"/u],
    ['pingVat', {}, 'id', /missing/u],
    ['grantAccess', ['all'], 'kind', /"status"/u],
    ['authorize', [7], 'token', /expected string/u],
    ['terminateVat', [5], 'id', /expected string/u],
    [
      'launchSubcluster',
      { config: { vats: {} } },
      'config.bootstrap',
      /missing/u,
    ],
    [
      'launchSubcluster',
      {
        config: {
          bootstrap: 'a',
          vats: { a: { bundleSpec: 'x', creationOptions: { critical: true } } },
        },
      },
      'config.vats.a.creationOptions',
      /"creationOptions" is not supported/u,
    ],
  ])(
    'answers %s %j with -32602 and the path',
    async (method, params, path, message) => {
      expect(await ask(method, params)).toMatchObject({
        error: {
          code: -32602,
          message: expect.stringMatching(message),
          data: { path },
        },
      });
    },
  );

  it('of operation carries our code', async () => {
    expect(await ask('queueMessage', ['ko9', 'hi', []])).toMatchObject({
      error: {
        code: 1000,
        message: expect.stringContaining('There is no object ko9'),
        data: { code: 'REF_UNKNOWN' },
      },
    });
    expect(await ask('terminateVat', ['v9'])).toMatchObject({
      error: { code: 1000, data: { code: 'VAT_UNKNOWN' } },
    });
  });

  it('of a vat carries its reason', async () => {
    expect(await ask('queueMessage', ['reject', 'hi', []])).toMatchObject({
      error: {
        code: 1001,
        message: 'Error: no',
        data: { code: 'CALL_REJECTED', capdata: { body: '#"no"', slots: [] } },
      },
    });
  });

  it('of ours says nothing of the machine, and the log says all', async () => {
    const own = setUp();
    const answer = await ask('queueMessage', ['defect', 'hi', []], own);
    expect(answer['error']).toStrictEqual({
      code: -32603,
      message: 'Internal error. The log of the daemon says more.',
    });
    expect(own.reports).toMatchObject([
      {
        method: 'queueMessage',
        err: { message: '/home/me/secret.ts is broken' },
      },
    ]);
  });

  it('is made of a result that is not what the method promises', async () => {
    expect(await ask('describe', ['echo'])).toMatchObject({
      error: { code: -32603 },
    });
  });
});

describe('subscribe', () => {
  const vats = { topics: ['vat'] };

  it.each<[unknown, string, RegExp]>([
    [{}, 'topics', /missing/u],
    [{ topics: [] }, 'topics', /1/u],
    [{ topics: 'vat' }, 'topics', /expected array/u],
    [{ topics: ['vat', 'remotes'] }, 'topics[1]', /"vat"/u],
    [{ topics: ['log'], level: 'loud' }, 'level', /"debug"/u],
    [{ ...vats, cursor: 7 }, 'cursor', /expected string/u],
    ...[
      ...['', 'x', 'e', 'e-1', 'e01', 'e1.', 'e1.-1', 'E1', ' e1', 'e1 '],
      ...['l1', 'l.1', 'lg.1', 'e1-', '-e1', 'e1-e2', 'lab.1-e1', 'e1-lab.1-'],
      ...['e9999999999999999', `l${'a'.repeat(33)}.1`, 'OLDEST'],
    ].map((cursor): [unknown, string, RegExp] => [
      { ...vats, cursor },
      'cursor',
      /must be the cursor of an event/u,
    ]),
  ])('%j is answered with -32602', async (params, path, message) => {
    expect(await ask('subscribe', params)).toMatchObject({
      error: {
        code: -32602,
        message: expect.stringMatching(message),
        data: { path },
      },
    });
  });

  it.each<[string, string, Json, string]>([
    ['where only answers can be sent', 'subscribe', vats, 'EVENTS_UNSUPPORTED'],
    [
      'where there is no connection',
      'authorize',
      { token: 'secret' },
      'ACCESS_UNSUPPORTED',
    ],
    [
      'of a subscription that is not there',
      'unsubscribe',
      { subscription: 'sub1' },
      'SUBSCRIPTION_UNKNOWN',
    ],
  ])('%s: %s fails', async (_title, method, params, code) => {
    expect(await ask(method, params)).toMatchObject({
      error: { code: 1000, data: { code } },
    });
  });

  /** Over a connection; the stub of the kernel tells nothing. */
  const connect = (): Readonly<{
    said: unknown[];
    say(request: object): Promise<void>;
    isKept(): boolean;
    reports: unknown[];
  }> => {
    const { rpc, reports } = setUp();
    const said: unknown[] = [];
    const session = rpc.connect((line) => said.push(JSON.parse(line)), {
      facet: 'owner',
    });
    return {
      said,
      reports,
      isKept: session.isKept,
      say: async (request) =>
        session.handleLine(JSON.stringify({ jsonrpc: '2.0', ...request })),
    };
  };

  it('is answered on a connection, with a cursor for what was asked', async () => {
    const { said, say } = connect();
    await say({ id: 1, method: 'subscribe', params: vats });
    await say({ id: 2, method: 'subscribe', params: [['vat'], 'e7.9-lab.3'] });
    await say({ id: 3, method: 'unsubscribe', params: ['sub2'] });
    expect(said).toMatchObject([
      { id: 1, result: { subscription: 'sub1', cursor: 'e0' } },
      { id: 2, result: { subscription: 'sub2', cursor: 'e0' } },
      { id: 3, result: null },
    ]);
  });

  it.each([
    ['to a log that is not there', ['vat', 'log'], 'TOPIC_UNAVAILABLE'],
    ['that the kernel refuses', ['grant'], 'SHUTTING_DOWN'],
  ])('%s fails, and takes no room', async (_title, topics, code) => {
    const { said, say } = connect();
    for (let id = 0; id <= limits.subscriptions.value; id += 1) {
      await say({ id, method: 'subscribe', params: { topics } });
    }
    await say({ id: 99, method: 'subscribe', params: vats });
    expect(said.at(-2)).toMatchObject({ error: { data: { code } } });
    expect(said.at(-1)).toHaveProperty('result');
  });

  it('is lost with its connection, as long as it is there', async () => {
    const { say, isKept } = connect();
    await say({ id: 1, method: 'ping' });
    expect(isKept()).toBe(false);
    await say({ id: 2, method: 'subscribe', params: vats });
    expect(isKept()).toBe(true);
    await say({ id: 3, method: 'unsubscribe', params: ['sub1'] });
    expect(isKept()).toBe(false);
  });

  it('without an id is not done: nobody would know its name', async () => {
    const { said, say, reports } = connect();
    await say({ method: 'subscribe', params: vats });
    await say({ id: 1, method: 'unsubscribe', params: ['sub1'] });
    expect(said).toMatchObject([{ error: { code: 1000 } }]);
    expect(reports).toMatchObject([
      { problem: expect.stringMatching(/needs an id/u) },
    ]);
  });
});

describe('rpc.discover', () => {
  it('describes every method with its parameters and result', async () => {
    const { result } = await ask('rpc.discover');
    const { openrpc, methods } = result as {
      openrpc: string;
      methods: { name: string; summary: string; params: object[] }[];
    };
    expect(openrpc).toMatch(/^1\./u);
    expect(methods.map(({ name }) => name)).toContain('rpc.discover');
    expect(methods).toHaveLength(35);
    expect(methods.every(({ summary }) => summary.length > 10)).toBe(true);
    const launch = methods.find(({ name }) => name === 'launchSubcluster');
    expect(launch?.params).toMatchObject([
      {
        name: 'config',
        required: true,
        schema: {
          type: 'object',
          required: ['bootstrap', 'vats'],
          additionalProperties: false,
        },
      },
    ]);
    const queue = methods.find(({ name }) => name === 'queueMessage');
    expect(queue?.params).toMatchObject([
      { name: 'target', required: true },
      { name: 'method', required: true },
      { name: 'args', required: true, schema: { type: 'array' } },
      { name: 'requestId', required: false },
    ]);
  });
});
