/** Access to parts of the RPC surface, over a real kernel: what each facet has, and how it ends. */
import './daemon/lockdown.ts';
import { readFileSync } from 'node:fs';
import type { AccessRequest, GrantedAccess } from '@ocap/kernel';
import { describe, expect, it } from 'vitest';
import { openMovedClock } from './testing/moved-clock.ts';
import { openWire, type RpcWire } from './testing/rpc-wire.ts';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { inlineBundle, vatSource } from './testing/vat-source.ts';

const bank = `
  if (!baggage.has('K')) baggage.init('K', VatData.makeKindHandle('K'));
  const make = VatData.defineDurableKind(baggage.get('K'), () => ({}), { hi: () => 'hi purse' });
  return makeDefaultExo('Bank', {
    hi: () => 'hi', open: () => make(), later: () => harden([makePromiseKit().promise]),
    echo: (x) => x, fail: () => { throw Error('no'); }, use: (x) => E(x).hi(), never: () => makePromiseKit().promise,
  });`;

type Scene = TestKernel &
  Readonly<{
    root: string;
    other: string;
    grant(request: AccessRequest): Promise<GrantedAccess>;
    /** A connection that begins with nothing, and takes this access. */
    wireOf(granted: GrantedAccess): Promise<RpcWire>;
  }>;

const openScene = async (
  options?: Parameters<typeof openTestKernel>[0],
): Promise<Scene> => {
  const t = await openTestKernel(options);
  const root = await t.launch(bank);
  const other = await t.launch(bank);
  await t.kernel.setName('bank', root);
  await t.kernel.setName('other', other);
  return Object.assign(t, {
    root,
    other,
    grant: async (request: AccessRequest) => t.kernel.grantAccess(request),
    wireOf: async ({ token }: GrantedAccess) => {
      const wire = openWire(t.kernel, { facet: 'none' });
      expect(await wire.ask('authorize', { token })).toHaveProperty('result');
      return wire;
    },
  });
};

const refused = (code: string): object => ({ error: { data: { code } } });
const NOT_PERMITTED = refused('NOT_PERMITTED');
const REF_NOT_HELD = refused('REF_NOT_HELD');
const ENDED = refused('ACCESS_ENDED');
const UNKNOWN = refused('ACCESS_UNKNOWN');

const flipped = (token: string): string =>
  `${token.startsWith('0') ? '1' : '0'}${token.slice(1)}`;

const methodsOf = async (wire: RpcWire): Promise<string[]> => {
  const { result } = await wire.ask('rpc.discover');
  const { methods } = result as { methods: { name: string }[] };
  return methods.map(({ name }) => name).sort();
};

const common = ['authorize', 'ping', 'rpc.discover'];

describe('an access to an object', () => {
  it('is lost with its connection, which has the references that it brought', async () => {
    const s = await openScene();
    const wire = openWire(s.kernel, { facet: 'none' });
    const { token } = await s.grant({ kind: 'object', target: 'bank' });
    await wire.ask('authorize', { token: flipped(token) });
    expect(wire.isKept()).toBe(false);
    await wire.ask('authorize', { token });
    expect(wire.isKept()).toBe(true);
  });

  it('calls it and what came back, by kref, name and petname, and nothing else', async () => {
    const s = await openScene();
    const granted = await s.grant({
      kind: 'object',
      target: 'bank',
      name: 'agent',
    });
    expect(granted).toStrictEqual({
      id: 'a1',
      facet: { kind: 'object', ref: s.root, petname: 'bank' },
      name: 'agent',
      issued: expect.any(Number),
      token: expect.stringMatching(/^[0-9a-f]{64}$/u),
    });
    const { ask } = await s.wireOf(granted);
    for (const target of [s.root, 'bank', 'agent']) {
      expect(await ask('queueMessage', [target, 'hi', []])).toMatchObject({
        result: { body: '#"hi"' },
      });
    }
    const purse = (await s.kernel.queueMessage('bank', 'open', [])).slots[0];
    // It exists, and its number could be guessed.
    expect(await ask('queueMessage', [purse, 'hi', []])).toMatchObject(
      REF_NOT_HELD,
    );
    const { result } = await ask('queueMessage', ['bank', 'open', []]);
    const [own] = (result as { slots: string[] }).slots;
    expect(await ask('queueMessage', [own, 'hi', []])).toMatchObject({
      result: { body: '#"hi purse"' },
    });
    const args = [{ '@ref': own }];
    expect(await ask('queueMessage', ['bank', 'use', args])).toMatchObject({
      result: { body: '#"hi purse"' },
    });
    // Promises are references, too.
    const later = await ask('queueMessage', ['bank', 'later', []]);
    const [promise] = (later.result as { slots: string[] }).slots;
    expect(await ask('describe', [promise])).toMatchObject({
      result: { kind: 'promise', state: 'unresolved' },
    });

    const names = ['other', s.other, purse, 'v1', 's1', 'u1', 'a1', 'kp1'];
    for (const ref of [...names, '__proto__', 'constructor', '', 'toString']) {
      for (const [method, params] of [
        ['queueMessage', [ref, 'hi', []]],
        ['queueMessage', ['bank', 'echo', [{ '@ref': ref }]]],
        ['queueMessage', ['bank', 'echo', [{ deep: [{ '@ref': ref }] }]]],
        ['describe', [ref]],
        ['isRevoked', [ref]],
      ] as const) {
        expect(await ask(method, params), `${method} ${ref}`).toMatchObject(
          REF_NOT_HELD,
        );
      }
    }
    // What another connection has received, this one has not.
    const second = await s.wireOf(granted);
    expect(await second.ask('queueMessage', [own, 'hi', []])).toMatchObject(
      REF_NOT_HELD,
    );
  });

  it('has these methods and no others, and tells of itself only', async () => {
    const s = await openScene();
    await s.kernel.setName('secret-name', s.root);
    const wire = await s.wireOf(
      await s.grant({ kind: 'object', target: s.root, name: 'agent' }),
    );
    expect(await methodsOf(wire)).toStrictEqual(
      ['queueMessage', 'describe', 'isRevoked', 'listNames', ...common].sort(),
    );
    expect(await wire.ask('listNames')).toMatchObject({
      result: [{ name: 'agent', kref: s.root }],
    });
    const { result } = await wire.ask('describe', ['agent']);
    expect(result).toStrictEqual({
      kref: s.root,
      kind: 'object',
      names: ['agent'],
      state: 'live',
      interface: 'Bank',
      methods: expect.any(Array),
      guards: {},
    });
    expect(await wire.ask('isRevoked', ['agent'])).toMatchObject({
      result: false,
    });
    for (const method of ['getStatus', 'shutdown', 'executeDBQuery', 'revoke'])
      expect(await wire.ask(method)).toMatchObject(NOT_PERMITTED);
    for (const method of ['grantAccess', 'listAccesses', 'subscribe'])
      expect(await wire.ask(method)).toMatchObject(NOT_PERMITTED);
    for (const method of ['__proto__', 'constructor', 'nope'])
      expect(await wire.ask(method)).toMatchObject({ error: { code: -32601 } });
  });

  it('does not get the answers that others were given for a request id', async () => {
    const s = await openScene();
    const first = await s.grant({ kind: 'object', target: 'bank' });
    const second = await s.grant({ kind: 'object', target: 'bank' });
    const ask = ['bank', 'open', [], { requestId: 'r' }];
    const [purse] = (
      await s.kernel.queueMessage('bank', 'open', [], { requestId: 'r' })
    ).slots;
    const slotOf = async (wire: RpcWire): Promise<string | undefined> =>
      ((await wire.ask('queueMessage', ask)).result as { slots: string[] })
        .slots[0];
    const a = await s.wireOf(first);
    const mine = await slotOf(a);
    expect(await slotOf(a)).toBe(mine);
    // Also where it was away in between.
    expect(await slotOf(await s.wireOf(first))).toBe(mine);
    const theirs = await slotOf(await s.wireOf(second));
    expect(new Set([purse, mine, theirs]).size).toBe(3);
  });

  it('has so much recorded at most, until it expires', async () => {
    const limits = { accessAnswerBytes: 2000 };
    const s = await openScene({ limits });
    const granted = await s.grant({ kind: 'object', target: 'bank' });
    const other = await s.grant({ kind: 'object', target: 'bank' });
    let calls = 0;
    const echo = async (wire: RpcWire, length: number): Promise<unknown> => {
      calls += 1;
      // With `#""`, and `[]` for its references.
      const text = 'x'.repeat(length - 5);
      const options = { requestId: `r${calls}` };
      return wire.ask('queueMessage', ['bank', 'echo', [text], options]);
    };
    const FULL = refused('LIMIT_REACHED');
    const wire = await s.wireOf(granted);
    expect(await echo(wire, 1000)).toHaveProperty('result');
    // 1,400 by now; below the limit by one after this.
    expect(await echo(wire, 199)).toHaveProperty('result');
    expect(await echo(wire, 100)).toHaveProperty('result');
    expect(await echo(wire, 100)).toMatchObject(FULL);
    const withoutId = ['bank', 'echo', ['hi']];
    expect(await wire.ask('queueMessage', withoutId)).toHaveProperty('result');
    expect(await echo(await s.wireOf(other), 100)).toHaveProperty('result');
    const r1 = ['bank', 'echo', ['x'.repeat(995)], { requestId: 'r1' }];
    expect(await wire.ask('queueMessage', r1)).toHaveProperty('result');

    await s.reopen();
    const next = await s.wireOf(granted);
    expect(await echo(next, 100)).toMatchObject(FULL);
    openMovedClock()(48 * 3_600_000);
    await s.reopen();
    expect(await echo(await s.wireOf(granted), 100)).toHaveProperty('result');
  });

  it('keeps its object while it stands, and not longer', async () => {
    const s = await openScene();
    const [purse = ''] = (await s.kernel.queueMessage('bank', 'open', []))
      .slots;
    const granted = await s.grant({ kind: 'object', target: purse });
    const moveOn = openMovedClock();
    moveOn(48 * 3_600_000);
    await s.kernel.collectGarbage();
    await s.reopen();
    expect(await s.call(purse, 'hi')).toBe('hi purse');
    await s.kernel.revoke(granted.id);
    await s.kernel.revoke(granted.id);
    moveOn(48 * 3_600_000);
    await s.kernel.collectGarbage();
    await expect(s.call(purse, 'hi')).rejects.toThrow(/no object/u);
  });
});

describe('an access to the status', () => {
  it('sees what runs, without code, parameters, paths or references', async () => {
    const s = await openScene();
    const { ask, ...wire } = await s.wireOf(await s.grant({ kind: 'status' }));
    expect(await methodsOf({ ask, ...wire })).toStrictEqual(
      ['getStatus', 'listNames', ...common].sort(),
    );
    const { result } = await ask('getStatus');
    expect(result).toMatchObject({
      vats: [
        { id: 'v1', state: 'awake', config: {} },
        { id: 'v2', config: {} },
      ],
      subclusters: [
        { id: 's1', config: { bootstrap: 'main', vats: { main: {} } } },
        { id: 's2' },
      ],
    });
    expect(JSON.stringify(result)).not.toMatch(/bundleSpec|rootKref|"ko\d/u);
    expect(await ask('listNames')).toMatchObject({ result: [] });
    for (const method of ['queueMessage', 'describe', 'listCaps', 'audit'])
      expect(await ask(method, [])).toMatchObject(NOT_PERMITTED);
  });
});

describe('an access to a subcluster', () => {
  it('controls that one, as if there were no other', async () => {
    const s = await openScene();
    const { ask } = await s.wireOf(
      await s.grant({ kind: 'subcluster', target: 's1' }),
    );
    expect(await ask('getStatus')).toMatchObject({
      result: { vats: [{ id: 'v1' }], subclusters: [{ id: 's1' }] },
    });
    expect(await ask('pingVat', ['v1'])).toMatchObject({ result: 'pong' });
    expect(await ask('listCaps', ['s1'])).toHaveProperty('result');
    expect(await ask('listCaps', ['v1'])).toHaveProperty('result');
    expect(await ask('restartVat', ['v1'])).toMatchObject({ result: null });

    const bundleSpec = vatSource(bank);
    for (const method of ['pingVat', 'restartVat', 'terminateVat'])
      for (const id of ['v2', 'v9', '__proto__', 's1'])
        expect(await ask(method, [id])).toMatchObject(refused('VAT_UNKNOWN'));
    expect(await ask('upgradeVat', { id: 'v2', bundleSpec })).toMatchObject(
      refused('VAT_UNKNOWN'),
    );
    expect(await ask('terminateSubcluster', ['s2'])).toMatchObject(
      refused('SUBCLUSTER_UNKNOWN'),
    );
    expect(await ask('listCaps', ['s2'])).toMatchObject(
      refused('SUBCLUSTER_UNKNOWN'),
    );
    expect(await ask('listCaps', ['v2'])).toMatchObject(refused('VAT_UNKNOWN'));
    expect(await ask('listCaps', ['bank'])).toMatchObject(REF_NOT_HELD);
    for (const method of ['queueMessage', 'terminateAllVats', 'describe'])
      expect(await ask(method, [])).toMatchObject(NOT_PERMITTED);

    // Files and addresses are the daemon's, not those of who asks.
    for (const spec of ['/etc/passwd', 'file:///etc/passwd', ' data:,x'])
      expect(
        await ask('upgradeVat', { id: 'v1', bundleSpec: spec }),
      ).toMatchObject(NOT_PERMITTED);
    expect(
      await ask('upgradeVat', { id: 'v1', sourceSpec: 'file:///a.js' }),
    ).toMatchObject(NOT_PERMITTED);
    expect(await ask('upgradeVat', { id: 'v1', bundleSpec })).toMatchObject({
      result: { incarnation: expect.any(Number) },
    });
    expect(
      await ask('upgradeVat', { id: 'v1', bundleSpec: inlineBundle('{}') }),
    ).toMatchObject(refused('UPGRADE_FAILED'));

    expect(await ask('terminateSubcluster', ['s1'])).toMatchObject({
      result: null,
    });
    expect(s.kernel.getStatus().subclusters).toMatchObject([{ id: 's2' }]);
    expect(await ask('getStatus')).toMatchObject({
      result: { vats: [], subclusters: [], hosts: [] },
    });
  });
});

describe('a connection', () => {
  it('without access can only ask for it', async () => {
    const s = await openScene();
    const wire = openWire(s.kernel, { facet: 'none' });
    expect(await methodsOf(wire)).toStrictEqual(common);
    expect(await wire.ask('ping')).toMatchObject({ result: 'pong' });
    expect(await wire.ask('getStatus')).toMatchObject(NOT_PERMITTED);
    expect(
      await wire.ask('authorize', [flipped('0'.repeat(64))]),
    ).toMatchObject(UNKNOWN);
  });

  it('of the owner is less from the next request on, also within one write', async () => {
    const s = await openScene();
    const { token } = await s.grant({ kind: 'object', target: 'bank' });
    const wire = openWire(s.kernel);
    await wire.subscribe({ topics: ['vat'] });
    const [before, taken, , after] = await Promise.all([
      wire.ask('getStatus'),
      wire.ask('authorize', { token }),
      wire.ask('queueMessage', ['bank', 'hi', []]),
      wire.ask('getStatus'),
    ]);
    expect(before).toHaveProperty('result');
    expect(taken).toMatchObject({
      result: { id: 'a1', facet: { kind: 'object', petname: 'bank' } },
    });
    expect(JSON.stringify(taken)).not.toContain(token);
    expect(after).toMatchObject(NOT_PERMITTED);
    // What it had subscribed to as the owner has ended.
    await s.kernel.terminateVat('v2');
    expect(await wire.ask('ping')).toMatchObject({ result: 'pong' });
    expect(wire.events()).toStrictEqual([]);
  });

  it('whose token is wrong has nothing, also what it sent with it', async () => {
    const s = await openScene();
    const { token } = await s.grant({ kind: 'status' });
    for (const params of [{ token: flipped(token) }, { token: 7 }, []]) {
      const wire = openWire(s.kernel);
      const [wrong, after] = await Promise.all([
        wire.ask('authorize', params),
        wire.ask('terminateAllVats'),
      ]);
      expect(wrong).toHaveProperty('error');
      expect(after).toMatchObject(NOT_PERMITTED);
      // It may try again.
      const [right, status] = await Promise.all([
        wire.ask('authorize', { token }),
        wire.ask('getStatus'),
      ]);
      expect(right).toHaveProperty('result');
      expect(status).toHaveProperty('result');
    }
    expect(s.kernel.getStatus().vats).toHaveLength(2);
  });

  it('loses its access when that is revoked, and what is under way is not told', async () => {
    const s = await openScene();
    const granted = await s.grant({ kind: 'object', target: 'bank' });
    const wire = await s.wireOf(granted);
    const waiting = wire.ask('queueMessage', ['bank', 'hi', []]);
    await s.kernel.revoke(granted.id);
    expect(await waiting).toMatchObject(ENDED);
    for (const method of ['ping', 'rpc.discover', 'listNames'])
      expect(await wire.ask(method)).toMatchObject({
        error: { message: expect.stringMatching(/it was revoked/u) },
      });
    expect(await wire.ask('authorize', [granted.token])).toMatchObject(ENDED);
    expect(s.kernel.isRevoked(granted.id)).toBe(true);
    // The object itself was not.
    expect(await s.call('bank', 'hi')).toBe('hi');
  });
});

describe('accesses', () => {
  it('end at their time, at once, and are listed without their tokens', async () => {
    const s = await openScene();
    const moveOn = openMovedClock();
    const granted = await s.grant({
      kind: 'status',
      name: 'monitor',
      expires: Date.now() + 1000,
    });
    const wire = await s.wireOf(granted);
    moveOn(1001);
    expect(await wire.ask('getStatus')).toMatchObject({
      error: { message: expect.stringMatching(/its time was over/u) },
    });
    const { token, ...rest } = granted;
    const expected = [{ ...rest, ended: 'its time was over' }];
    expect(s.kernel.listAccesses()).toStrictEqual(expected);
    await s.reopen();
    expect(s.kernel.listAccesses()).toStrictEqual(expected);
    expect(() => s.kernel.authorize(token)).toThrow(/its time was over/u);
  });

  it('let go of their object at their time, whether they are asked for or not', async () => {
    const s = await openScene();
    const moveOn = openMovedClock();
    const [purse = ''] = (await s.kernel.queueMessage('bank', 'open', []))
      .slots;
    const day = 24 * 3_600_000;
    const expires = Date.now() + 2 * day;
    await s.grant({ kind: 'object', target: purse, expires });
    moveOn(3 * day);
    await s.kernel.collectGarbage();
    await expect(s.call(purse, 'hi')).rejects.toThrow(/no object/u);
  });

  it('that have ended are told of for as long as N newer ones have not', async () => {
    const s = await openScene({ limits: { endedKept: 2 } });
    const granted: GrantedAccess[] = [];
    for (let i = 0; i < 4; i += 1) {
      granted.push(await s.grant({ kind: 'object', target: 'bank' }));
    }
    for (const { id } of granted.slice(0, 3)) await s.kernel.revoke(id);
    await s.kernel.collectGarbage();
    const ids = (): string[] => s.kernel.listAccesses().map(({ id }) => id);
    expect(ids()).toStrictEqual(['a2', 'a3', 'a4']);
    const [forgotten, ended] = granted;
    expect(() => s.kernel.authorize(forgotten?.token ?? '')).toThrow(
      expect.objectContaining({ code: 'ACCESS_UNKNOWN' }),
    );
    expect(() => s.kernel.authorize(ended?.token ?? '')).toThrow(/revoked/u);
    await s.reopen();
    expect(ids()).toStrictEqual(['a2', 'a3', 'a4']);
    expect(s.kernel.audit().problems).toStrictEqual([]);
  });

  it('survive a restart, and are not in the database, the events or the log', async () => {
    const s = await openScene();
    const granted = await s.grant({ kind: 'object', target: 'bank' });
    const { token } = granted;
    s.kernel.commit();
    await s.kernel.stop();
    expect(readFileSync(s.databasePath).includes(token)).toBe(false);
    await s.reopen();
    const wire = await s.wireOf(granted);
    expect(await wire.ask('queueMessage', ['bank', 'hi', []])).toHaveProperty(
      'result',
    );
    await s.kernel.revoke('a1');
    const told = [
      s.logged,
      s.kernel.getStatus(),
      s.kernel.executeDBQuery('SELECT * FROM events'),
      s.kernel.executeDBQuery('SELECT * FROM accesses'),
    ];
    expect(JSON.stringify(told)).not.toContain(token);
    expect(JSON.stringify(told)).toContain('\\"access\\":\\"a1\\"');
  });

  it('are forgotten with the state, also by who has one', async () => {
    const s = await openScene();
    const granted = await s.grant({ kind: 'object', target: 'bank' });
    const wire = await s.wireOf(granted);
    await s.kernel.clearState();
    expect(s.kernel.listAccesses()).toStrictEqual([]);
    expect(await wire.ask('listNames')).toMatchObject(ENDED);
    expect(await wire.ask('authorize', [granted.token])).toMatchObject(UNKNOWN);
  });

  it('cannot be guessed for long: N wrong tokens a minute, and not one more', async () => {
    const s = await openScene({ limits: { accessGuesses: 3 } });
    const { token } = await s.grant({ kind: 'status' });
    for (let i = 0; i < 3; i += 1)
      expect(() => s.kernel.authorize(flipped(token))).toThrow(
        expect.objectContaining({ code: 'ACCESS_UNKNOWN' }),
      );
    expect(() => s.kernel.authorize(flipped(token))).toThrow(
      expect.objectContaining({ code: 'LIMIT_REACHED' }),
    );
    // Who has a real one is not kept from it.
    expect(s.kernel.authorize(token)).toMatchObject({ id: 'a1' });
  });

  it.each<[AccessRequest, string]>([
    [{ kind: 'object' }, 'ARGUMENT_INVALID'],
    [{ kind: 'object', target: 'nobody' }, 'NAME_UNKNOWN'],
    [{ kind: 'object', target: 'ko99' }, 'REF_UNKNOWN'],
    [{ kind: 'subcluster', target: 's9' }, 'SUBCLUSTER_UNKNOWN'],
    [{ kind: 'subcluster', target: 'bank' }, 'SUBCLUSTER_UNKNOWN'],
    [{ kind: 'status', target: 's1' }, 'ARGUMENT_INVALID'],
    [{ kind: 'status', name: 'a1' }, 'NAME_INVALID'],
    [{ kind: 'status', name: '__proto__' }, 'NAME_INVALID'],
    [{ kind: 'status', name: 'ko1' }, 'NAME_INVALID'],
  ])('are not granted for what makes no sense: %j', async (request, code) => {
    const { kernel } = await openTestKernel();
    await expect(kernel.grantAccess(request)).rejects.toMatchObject({ code });
    expect(kernel.listAccesses()).toStrictEqual([]);
    await expect(kernel.revoke('a1')).rejects.toMatchObject({
      code: 'GRANT_UNKNOWN',
    });
  });
});
