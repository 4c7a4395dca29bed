import './daemon/lockdown.ts';
import { messageOf } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import { openTestKernel } from './testing/test-kernel.ts';

const counter = `
  if (!baggage.has('n')) baggage.init('n', 0);
  return makeDefaultExo('Counter', {
    inc: (by = 1) => { baggage.set('n', baggage.get('n') + by); return baggage.get('n'); },
    get: () => baggage.get('n'),
    echo: (x) => x,
    fail() { throw Error('no'); },
    make: () => makeDefaultExo('Thing', { hi: () => 'hi' }),
    isThing: async (x) => (await E(x).hi()) === 'hi',
    wait: () => new Promise(() => {}),
  });`;

/** Hands promises out, and tells what becomes of those that it is given. */
const promises = `
  const kits = [];
  return makeDefaultExo('Promises', {
    make: () => { const kit = makePromiseKit(); kits.push(kit); return harden([kit.promise]); },
    settle: (well) => { const kit = kits.shift(); if (well) kit.resolve(makeDefaultExo('Thing', { hi: () => 'hi' })); else kit.reject(Error('no')); },
    hear: (promise) => promise.then((thing) => E(thing).hi(), (error) => error.message),
    ahead: (promise) => E(promise).hi(),
    twice: ([one], { two }) => one === two,
  });`;

describe('queueMessage', () => {
  it('applies a request id once and answers it alike ever after', async () => {
    const t = await openTestKernel();
    const root = await t.launch(counter);
    const ask = async () =>
      t.kernel.queueMessage(root, 'inc', [], { requestId: 'r1' });
    const answers = await Promise.all([ask(), ask(), ask()]);
    await t.reopen();
    answers.push(await ask());
    expect(answers.map(({ body }) => body)).toStrictEqual([
      '#1',
      '#1',
      '#1',
      '#1',
    ]);
    expect(await t.call(root, 'get')).toBe(1);
  });

  it('records a rejection under its request id as well', async () => {
    const t = await openTestKernel();
    const root = await t.launch(counter);
    const ask = async () =>
      t.kernel.queueMessage(root, 'fail', [], { requestId: 'r1' });
    await expect(ask()).rejects.toMatchObject({
      code: 'CALL_REJECTED',
      message: 'no',
    });
    await t.reopen();
    await expect(ask()).rejects.toMatchObject({
      code: 'CALL_REJECTED',
      message: 'no',
    });
  });

  it('refuses a request id that was used for another call', async () => {
    const t = await openTestKernel();
    const root = await t.launch(counter);
    await t.kernel.queueMessage(root, 'inc', [], { requestId: 'r1' });
    await expect(
      t.kernel.queueMessage(root, 'inc', [2], { requestId: 'r1' }),
    ).rejects.toMatchObject({ code: 'REQUEST_ID_REUSED' });
  });

  it.each([
    ['that is settled later', true, 'hi'],
    ['that is settled before', true, 'hi'],
    ['that is rejected later', false, 'no'],
    ['that is rejected before', false, 'no'],
  ])('passes a promise %s', async (when, well, heard) => {
    const t = await openTestKernel();
    const root = await t.launch(promises);
    const other = await t.launch(promises);
    const { slots } = await t.kernel.queueMessage(root, 'make', []);
    const promise = { '@ref': slots[0] ?? '' };
    expect(await t.call(other, 'twice', [promise], { two: promise })).toBe(
      true,
    );
    const settle = async (): Promise<unknown> => t.call(root, 'settle', well);
    if (when.endsWith('before')) await settle();
    const hears = t.call(other, 'hear', promise);
    const ahead = t.call(other, 'ahead', promise).catch(messageOf);
    if (when.endsWith('later')) await settle();
    expect(await hears).toBe(heard);
    expect(await ahead).toContain(heard);
  });

  it('passes references by kref and by petname (V-07)', async () => {
    const t = await openTestKernel();
    const root = await t.launch(counter);
    const {
      slots: [thing = ''],
    } = await t.kernel.queueMessage(root, 'make', []);
    await t.kernel.setName('mine', thing);
    expect(await t.call(root, 'isThing', { '@ref': thing })).toBe(true);
    expect(await t.call(root, 'isThing', { '@ref': 'mine' })).toBe(true);
    const [slot] = (
      await t.kernel.queueMessage(root, 'echo', [{ '@ref': 'mine' }])
    ).slots;
    expect(slot).toBe(thing);
  });

  it.each([
    [
      'a reference that does not exist',
      'ko999',
      'REF_UNKNOWN',
      /no object ko999/u,
    ],
    [
      'a name that does not exist',
      'countre',
      'NAME_UNKNOWN',
      /Did you mean "counter"\?/u,
    ],
    [
      'the name of an inherited property',
      'constructor',
      'NAME_UNKNOWN',
      /no name "constructor"/u,
    ],
  ])('refuses %s', async (_, target, code, message) => {
    const t = await openTestKernel();
    await t.kernel.setName('counter', await t.launch(counter));
    await expect(
      t.kernel.queueMessage(target, 'get', []),
    ).rejects.toMatchObject({ code });
    await expect(t.kernel.queueMessage(target, 'get', [])).rejects.toThrow(
      message,
    );
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'cannot reach the inherited method %s',
    async (method) => {
      const t = await openTestKernel();
      const root = await t.launch(counter);
      await expect(
        t.kernel.queueMessage(root, method, []),
      ).rejects.toMatchObject({ code: 'CALL_REJECTED' });
    },
  );
});

describe('references held by clients', () => {
  it('are let go of in slices, and none before its time', async () => {
    const hour = 60 * 60 * 1000;
    const t = await openTestKernel({ limits: { leaseMs: hour } });
    const root = await t.launch(counter);
    const leases = (): unknown =>
      t.kernel.executeDBQuery('SELECT count(*) AS n FROM leases')[0]?.['n'];
    const make = async (count: number): Promise<void> => {
      await Promise.all(
        Array.from({ length: count }, async (_, i) =>
          t.kernel.queueMessage(root, 'make', [], {
            requestId: `${count} ${i}`,
          }),
        ),
      );
    };
    await make(7);
    await t.kernel.collectGarbage();
    // And the root object's.
    expect(leases()).toBe(8);
    await t.reopen({ limits: { leaseMs: 1 } });
    // More than two slices.
    await make(1200);
    expect(Number(leases())).toBeGreaterThan(1000);
    await t.reopen({ limits: { leaseMs: hour } });
    await expect.poll(leases).toBe(8);
    expect(
      t.kernel.executeDBQuery('SELECT count(*) AS n FROM requests'),
    ).toStrictEqual([{ n: 7 }]);
  });

  it('live as long as their lease, or as a name stands for them', async () => {
    const t = await openTestKernel({ limits: { leaseMs: 1 } });
    const root = await t.launch(counter);
    await t.kernel.setName('root', root);
    const {
      slots: [named = ''],
    } = await t.kernel.queueMessage(root, 'make', []);
    await t.kernel.setName('kept', named);
    const {
      slots: [leased = ''],
    } = await t.kernel.queueMessage(root, 'make', []);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    await t.kernel.collectGarbage();
    await t.kernel.pingVat('v1');
    expect(await t.call('kept', 'hi')).toBe('hi');
    await expect(t.call(leased, 'hi')).rejects.toMatchObject({
      code: 'REF_UNKNOWN',
    });
    await t.kernel.removeName('kept');
    await expect(t.call('kept', 'hi')).rejects.toMatchObject({
      code: 'NAME_UNKNOWN',
    });
    await expect(t.call(named, 'hi')).rejects.toMatchObject({
      code: 'REF_UNKNOWN',
    });
  });

  it('keep a name across a restart', async () => {
    const t = await openTestKernel();
    await t.kernel.setName('c', await t.launch(counter));
    await t.call('c', 'inc');
    await t.reopen();
    expect(await t.call('c', 'inc')).toBe(2);
    expect(t.kernel.listNames()).toStrictEqual([{ name: 'c', kref: 'ko1' }]);
  });

  it.each(['ko1', 'kp3', '', '1st', 'a b', '__proto__', 'x'.repeat(65)])(
    'refuses %j as a name',
    async (name) => {
      const t = await openTestKernel();
      const root = await t.launch(counter);
      await expect(t.kernel.setName(name, root)).rejects.toMatchObject({
        code: 'NAME_INVALID',
      });
    },
  );

  it('does not move a name that is taken', async () => {
    const t = await openTestKernel();
    const [one, two] = [await t.launch(counter), await t.launch(counter)];
    await t.kernel.setName('c', one);
    await t.kernel.setName('c', one);
    await expect(t.kernel.setName('c', two)).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    });
  });
});

describe('describe', () => {
  it('tells interface, methods and guards', async () => {
    const t = await openTestKernel();
    const root = await t.launch(`
      const guard = M.interface('Purse', {
        deposit: M.call(M.nat()).optional(M.string()).returns(M.promise()),
      });
      return makeDefaultExo('Purse', { deposit: async (n) => n }, guard);`);
    await t.kernel.setName('purse', root);
    expect(await t.kernel.describe('purse')).toStrictEqual({
      kref: root,
      names: ['purse'],
      kind: 'object',
      vat: 'v1',
      state: 'live',
      interface: 'Purse',
      methods: ['deposit'],
      guards: { deposit: '(nat, string?) → promise' },
    });
  });
});

describe('executeDBQuery (P-42)', () => {
  it.each([
    'DROP TABLE vats',
    'DELETE FROM vats',
    "UPDATE vats SET name = 'x'",
    'SELECT 1; SELECT 2',
    'PRAGMA user_version = 9',
    "ATTACH '/tmp/x.sqlite' AS x",
    'BEGIN',
    'VACUUM',
    'nonsense',
    '',
  ])('refuses %j', async (sql) => {
    const t = await openTestKernel();
    expect(() => t.kernel.executeDBQuery(sql)).toThrow(
      /The query was refused/u,
    );
    expect(t.kernel.executeDBQuery('SELECT 1 AS one')).toStrictEqual([
      { one: 1 },
    ]);
  });
});
