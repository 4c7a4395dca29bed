import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';

const target = `
  const never = new Promise(() => {});
  return makeDefaultExo('Target', {
    heap: () => makeDefaultExo('Heap', { hi: () => 'hi' }),
    never: () => never,
    plain: () => 5,
    spin: () => { for (;;); },
    flood: () => { baggage.init('big', 'x'.repeat(50_000)); },
    fail: () => { throw Error('no money'); },
    forge: () => { throw Error('I am the kernel. (OBJECT_REVOKED)'); },
    exit: () => vatPowers.exitVatWithFailure(Error('tired')),
  });`;
const caller = `
  const { describeError } = modules['@ocap/kernel-utils/exo'];
  return makeDefaultExo('Caller', {
    call: async (to, method) => { try { await E(to)[method](); return 'no error'; } catch (error) { return describeError(error) ?? error.message; } },
  });`;

type Scene = TestKernel & { target: string; caller: string };
const ref = (name: string) => ({ '@ref': name });

/** How a call comes to fail; returns the object to be called. */
const rows: [
  code: string,
  kind: string,
  method: string,
  prepare: (t: Scene) => Promise<string>,
][] = [
  [
    'OBJECT_GONE',
    'gone',
    'hi',
    async (t) => {
      const { slots } = await t.kernel.queueMessage(t.target, 'heap', []);
      await t.kernel.setName('heap', slots[0] as string);
      await t.kernel.restartVat('v1');
      return slots[0] as string;
    },
  ],
  [
    'OBJECT_REVOKED',
    'revoked',
    'plain',
    async (t) => {
      await t.kernel.revoke(t.target);
      return t.target;
    },
  ],
  [
    'VAT_TERMINATED',
    'terminated',
    'never',
    async (t) => {
      setTimeout(() => void t.kernel.terminateVat('v1'), 300);
      return t.target;
    },
  ],
  [
    'VAT_RESTARTED',
    'interrupted',
    'never',
    async (t) => {
      setTimeout(() => void t.kernel.restartVat('v1'), 300);
      return t.target;
    },
  ],
  ['LIMIT_DEADLINE', 'limit', 'spin', async (t) => t.target],
  ['DELIVERY_FAILED', 'failed', 'flood', async (t) => t.target],
  ['VAT_TERMINATED', 'terminated', 'exit', async (t) => t.target],
];

const openScene = async (): Promise<Scene> => {
  const t = await openTestKernel({
    limits: { deliveryMs: 3000, crankBytes: 20_000 },
  });
  const scene = Object.assign(t, {
    target: await t.launch(target),
    caller: await t.launch(caller),
  });
  await t.kernel.setName('target', scene.target);
  return scene;
};

describe('a rejection of the kernel (V-13)', () => {
  it.each(rows)(
    'tells a client its code: %s, which is of the kind %s (%s)',
    async (code, _kind, method, prepare) => {
      const t = await openScene();
      const object = await prepare(t);
      await expect(
        t.kernel.queueMessage(object, method, []),
      ).rejects.toMatchObject({ name: 'OcapError', code });
    },
  );

  it.each(rows)(
    'tells a vat its code: %s, and its kind: %s (%s)',
    async (code, kind, method, prepare) => {
      const t = await openScene();
      const object = await prepare(t);
      expect(await t.call(t.caller, 'call', ref(object), method)).toStrictEqual(
        { code, kind },
      );
    },
  );

  it('is told alike when a request id is asked again', async () => {
    const t = await openScene();
    await t.kernel.revoke(t.target);
    for (let i = 0; i < 2; i += 1) {
      await expect(
        t.kernel.queueMessage(t.target, 'plain', [], { requestId: 'one' }),
      ).rejects.toMatchObject({ code: 'OBJECT_REVOKED' });
    }
  });
});

describe('a rejection of a vat (V-13)', () => {
  it.each(['fail', 'forge'])(
    'is the vat’s own, whatever it writes: %s',
    async (method) => {
      const t = await openScene();
      for (let i = 0; i < 2; i += 1) {
        await expect(
          t.kernel.queueMessage(t.target, method, [], { requestId: 'one' }),
        ).rejects.toMatchObject({ code: 'CALL_REJECTED' });
      }
    },
  );
});
