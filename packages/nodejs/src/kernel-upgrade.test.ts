import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openTestKernel } from './testing/test-kernel.ts';
import { bundleOf, vatSource } from './testing/vat-source.ts';

/** A counter with a durable kind; `label` tells the versions apart. */
const version = (label: string, extra = ''): string => `
  if (!baggage.has('n')) baggage.init('n', 0);
  if (!baggage.has('handle')) baggage.init('handle', VatData.makeKindHandle('Ticket'));
  ${extra}
  const makeTicket = VatData.defineDurableKind(
    baggage.get('handle'),
    (holder) => ({ holder }),
    { show: ({ state }) => '${label} ' + state.holder },
  );
  return makeDefaultExo('Counter', {
    version: () => '${label}',
    inc: () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); },
    ticket: (holder) => makeTicket(holder),
    heap: () => makeDefaultExo('Heap', { hi: () => 'hi' }),
    wait: () => new Promise(() => {}),
    parameters: () => parameters,
  });`;

const open = async () => {
  const t = await openTestKernel();
  const root = await t.launch(version('one'));
  await t.call(root, 'inc');
  const [ticket = ''] = (await t.kernel.queueMessage(root, 'ticket', ['ann']))
    .slots;
  const [heap = ''] = (await t.kernel.queueMessage(root, 'heap', [])).slots;
  return { t, root, ticket, heap };
};

describe('upgradeVat (V-22)', () => {
  it('runs new code over the same baggage and durable objects', async () => {
    const { t, root, ticket, heap } = await open();
    const waiting = t.kernel
      .queueMessage(root, 'wait', [])
      .catch((e: unknown) => String(e));
    const result = await t.kernel.upgradeVat('v1', {
      bundleSpec: vatSource(version('two')),
      parameters: { colour: 'red' },
    });
    expect(result).toStrictEqual({ incarnation: 2 });
    expect(await t.call(root, 'version')).toBe('two');
    expect(await t.call(root, 'inc')).toBe(2);
    expect(await t.call(ticket, 'show')).toBe('two ann');
    expect(await t.call(root, 'parameters')).toStrictEqual({ colour: 'red' });
    await expect(t.call(heap, 'hi')).rejects.toThrow(
      /it was upgraded.*OBJECT_GONE/u,
    );
    expect(await waiting).toMatch(/it was upgraded/u);
    await t.reopen();
    expect(await t.call(root, 'version')).toBe('two');
    expect(
      t.kernel.executeDBQuery('SELECT count(*) AS n FROM bundles'),
    ).toStrictEqual([{ n: 1 }]);
  });

  const bad: [string, string, RegExp][] = [
    ['throws at load', bundleOf('throw Error("bad luck")'), /bad luck/u],
    [
      'throws in buildRootObject',
      vatSource('throw Error("not so")'),
      /not so/u,
    ],
    [
      'writes and then throws',
      vatSource(`baggage.set('n', 99); throw Error('too late')`),
      /too late/u,
    ],
    [
      'does not take up a durable kind again',
      vatSource(`return makeDefaultExo('R', {})`),
      /kind|Ticket/u,
    ],
    [
      'never finishes',
      vatSource('return new Promise(() => {})'),
      /unresolved/u,
    ],
    ['cannot be found', 'file:///nowhere.bundle', /cannot be read/u],
  ];

  it.each(bad)(
    'leaves the old code running, heap and all, when the new one %s',
    async (_, bundleSpec, problem) => {
      const { t, root, ticket, heap } = await open();
      await expect(t.kernel.upgradeVat('v1', { bundleSpec })).rejects.toThrow(
        problem,
      );
      expect(await t.call(root, 'version')).toBe('one');
      expect(await t.call(root, 'inc')).toBe(2);
      expect(await t.call(ticket, 'show')).toBe('one ann');
      expect(await t.call(heap, 'hi')).toBe('hi');
      expect(t.kernel.getStatus().vats[0]).toMatchObject({ incarnation: 1 });
      expect(
        t.kernel.getStatus().hosts.filter(({ spare }) => !spare),
      ).toHaveLength(1);
    },
  );

  it('keeps what comes in meanwhile, in order', async () => {
    const { t, root } = await open();
    const upgrading = t.kernel.upgradeVat('v1', {
      bundleSpec: vatSource(version('two')),
    });
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => t.call(root, 'inc')),
    );
    expect(answers).toStrictEqual(Array.from({ length: 20 }, (_, i) => i + 2));
    await upgrading;
    expect(await t.call(root, 'version')).toBe('two');
  });
});
