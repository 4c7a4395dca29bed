import './daemon/lockdown.ts';
import { makeExo } from '@endo/exo';
import { M } from '@endo/patterns';
import type { Service } from '@ocap/kernel';
import { describe, expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

/** Keeps the services that it is given, and uses them on request. */
const holder = `
  return makeDefaultExo('Holder', {
    bootstrap: (vats, services) => { baggage.init('services', harden(services)); return Object.keys(services); },
    use: (name, method, ...args) => E(baggage.get('services')[name])[method](...args),
    give: (name) => baggage.get('services')[name],
    keep: (name, thing) => { baggage.set('services', harden({ ...baggage.get('services'), [name]: thing })); },
    facet: async (name, methods) => { const facet = await E(baggage.get('services')[name]).attenuate(methods); baggage.set('services', harden({ ...baggage.get('services'), facet })); return facet; },
    launch: async (config) => { const { root } = await E(baggage.get('services').kernelFacet).launchSubcluster(config); return E(root).hi(); },
    hi: () => 'hi',
    other: () => makeDefaultExo('Other', { hi: () => 'other' }),
  });`;

const guard = M.interface('Echo', {
  echo: M.call(M.any()).returns(M.any()),
  add: M.call(M.number(), M.number()).returns(M.number()),
  fail: M.call().returns(M.any()),
  quote: M.call().returns(M.any()),
  never: M.call().returns(M.promise()),
  who: M.call().returns(M.string()),
});

let calls = 0;
const echo: Service = {
  systemOnly: false,
  makeExo: ({ grantee }) =>
    makeExo('Echo', guard, {
      echo: (value: unknown) => value,
      add: (a: number, b: number) => a + b,
      fail: () => {
        throw Error('the service fails');
      },
      quote: () => {
        throw Error('"nothing" is not there');
      },
      never: async () => {
        calls += 1;
        return Promise.withResolvers().promise;
      },
      who: () => grantee,
    }),
};

const launchHolder = async (
  t: TestKernel,
  services: string[],
): Promise<string> =>
  (
    await t.kernel.launchSubcluster({
      bootstrap: 'main',
      vats: { main: { bundleSpec: vatSource(holder) } },
      services,
    })
  ).rootKref;

describe('a service (V-15)', () => {
  it('is given to the bootstrap method by name, and answers, also after a restart', async () => {
    const t = await openTestKernel({ services: { echo } });
    const root = await launchHolder(t, ['echo']);
    for (let round = 0; round < 2; round += 1) {
      expect(await t.call(root, 'use', 'echo', 'add', 2, 3)).toBe(5);
      expect(
        await t.call(root, 'use', 'echo', 'echo', { a: [1, 'x'] }),
      ).toStrictEqual({ a: [1, 'x'] });
      expect(await t.call(root, 'use', 'echo', 'who')).toBe('s1');
      await t.reopen();
    }
  });

  it('passes references through', async () => {
    const t = await openTestKernel({ services: { echo } });
    const root = await launchHolder(t, ['echo']);
    const [other = ''] = (await t.kernel.queueMessage(root, 'other', [])).slots;
    const { slots } = await t.kernel.queueMessage(root, 'use', [
      'echo',
      'echo',
      { '@ref': other },
    ]);
    expect(slots).toStrictEqual([other]);
  });

  const refusals: [string, unknown[], RegExp][] = [
    ['a guard that does not match', ['add', 'x', 1], /Must be a number/u],
    ['a method that there is not', ['nope'], /no method "nope"/u],
    [
      'a method that every object has',
      ['constructor'],
      /no method "constructor"/u,
    ],
    ['an error of its own', ['fail'], /the service fails/u],
    [
      'an error that begins with a character of the encoding',
      ['quote'],
      /^"nothing" is not there/u,
    ],
  ];
  it.each(refusals)('rejects %s, and goes on', async (_, args, problem) => {
    const t = await openTestKernel({ services: { echo } });
    const root = await launchHolder(t, ['echo']);
    await expect(t.call(root, 'use', 'echo', ...args)).rejects.toThrow(problem);
    expect(await t.call(root, 'use', 'echo', 'add', 1, 1)).toBe(2);
  });

  it('is called at most once: what was under way when the kernel ended is INTERRUPTED', async () => {
    const t = await openTestKernel({ services: { echo } });
    const root = await launchHolder(t, ['echo']);
    calls = 0;
    const ask = async () =>
      t.kernel
        .queueMessage(root, 'use', ['echo', 'never'], { requestId: 'r' })
        .catch((e: unknown) => String(e));
    void ask();
    while (calls === 0)
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    await t.reopen();
    // The vat that waited lost its heap as well; the call to the service is not made again.
    expect(await ask()).toMatch(/VAT_RESTARTED|INTERRUPTED/u);
    expect(calls).toBe(1);
    expect(
      t.kernel.executeDBQuery(`SELECT * FROM inbox WHERE vat_id = 'kernel'`),
    ).toStrictEqual([]);
  });

  it('is granted to each grantee apart: revoking one grant leaves the others (V-20)', async () => {
    const t = await openTestKernel({ services: { echo } });
    const [one, two] = [
      await launchHolder(t, ['echo']),
      await launchHolder(t, ['echo']),
    ];
    const [grant = ''] = (await t.kernel.queueMessage(one, 'give', ['echo']))
      .slots;
    await t.kernel.revoke(grant);
    await expect(t.call(one, 'use', 'echo', 'add', 1, 1)).rejects.toThrow(
      /OBJECT_REVOKED/u,
    );
    expect(await t.call(two, 'use', 'echo', 'add', 1, 1)).toBe(2);
    await t.reopen();
    await expect(t.call(one, 'use', 'echo', 'add', 1, 1)).rejects.toThrow(
      /OBJECT_REVOKED/u,
    );
  });

  it('that does not exist, or is not for everybody, fails the launch', async () => {
    const t = await openTestKernel({ services: { echo } });
    for (const [service, code] of [
      ['nope', 'SERVICE_UNKNOWN'],
      ['constructor', 'SERVICE_UNKNOWN'],
      ['kernelFacet', 'SERVICE_RESTRICTED'],
    ] as const) {
      await expect(launchHolder(t, ['echo', service])).rejects.toMatchObject({
        code,
      });
    }
    expect(t.kernel.getStatus().vats).toStrictEqual([]);
  });
});

describe('kernelFacet (P-50)', () => {
  const system = {
    bootstrap: 'main',
    vats: { main: { bundleSpec: vatSource(holder) } },
    services: ['kernelFacet'],
  };
  const openSystem = async (): Promise<{ t: TestKernel; root: string }> => {
    const t = await openTestKernel({ systemSubclusters: { admin: system } });
    const root = t.kernel.getStatus().subclusters[0]?.rootKref ?? '';
    return { t, root };
  };
  const ordinary = {
    bootstrap: 'main',
    vats: { main: { bundleSpec: vatSource(holder) } },
  };

  it('lets a system subcluster see, launch, revoke and end', async () => {
    const { t, root } = await openSystem();
    expect(await t.call(root, 'use', 'kernelFacet', 'getStatus')).toMatchObject(
      { vats: [{ id: 'v1' }] },
    );
    expect(await t.call(root, 'launch', ordinary)).toBe('hi');
    expect(t.kernel.getStatus().subclusters.map(({ id }) => id)).toStrictEqual([
      's1',
      's2',
    ]);
    const [other = ''] = (await t.kernel.queueMessage(root, 'other', [])).slots;
    expect(
      await t.call(root, 'use', 'kernelFacet', 'isRevoked', { '@ref': other }),
    ).toBe(false);
    await t.call(root, 'use', 'kernelFacet', 'revoke', { '@ref': other });
    await expect(t.call(other, 'hi')).rejects.toThrow(/OBJECT_REVOKED/u);
    await t.call(root, 'use', 'kernelFacet', 'terminateSubcluster', 's2');
    expect(t.kernel.getStatus().subclusters.map(({ id }) => id)).toStrictEqual([
      's1',
    ]);
  });

  it('can be attenuated; a facet has no more than it was made with, and ends with its grant', async () => {
    const { t, root } = await openSystem();
    const [facet = ''] = (
      await t.kernel.queueMessage(root, 'facet', [
        'kernelFacet',
        ['getStatus', 'attenuate'],
      ])
    ).slots;
    expect(await t.call(root, 'use', 'facet', 'getStatus')).toMatchObject({
      vats: [{ id: 'v1' }],
    });
    await expect(
      t.call(root, 'use', 'facet', 'terminateVat', 'v1'),
    ).rejects.toThrow(/no method "terminateVat"/u);
    // Nor can it be widened again.
    const [wider = ''] = (
      await t.kernel.queueMessage(root, 'facet', [
        'facet',
        ['terminateVat', 'getStatus'],
      ])
    ).slots;
    await expect(t.call(wider, 'terminateVat', 'v1')).rejects.toThrow(
      /no method/u,
    );
    expect(await t.call(wider, 'getStatus')).toMatchObject({
      vats: [{ id: 'v1' }],
    });
    await t.kernel.setName('facet', facet);
    await t.kernel.setName('wider', wider);
    await t.reopen();
    const [grant = ''] = (
      await t.kernel.queueMessage(root, 'give', ['kernelFacet'])
    ).slots;
    await t.kernel.revoke(grant);
    for (const target of ['facet', 'wider']) {
      await expect(t.call(target, 'getStatus')).rejects.toThrow(
        /OBJECT_REVOKED/u,
      );
    }
  });

  it('keeps a facet whole while nobody holds what it was made from', async () => {
    const { t, root } = await openSystem();
    await t.kernel.queueMessage(root, 'facet', ['kernelFacet', ['getStatus']]);
    await t.call(root, 'keep', 'kernelFacet', null);
    for (let i = 0; i < 3; i += 1) {
      await t.kernel.collectGarbage();
      await t.kernel.pingVat('v1');
    }
    expect(await t.call(root, 'use', 'facet', 'getStatus')).toMatchObject({
      vats: [{ id: 'v1' }],
    });
    expect(t.kernel.audit().problems).toStrictEqual([]);
    await t.kernel.terminateAllVats();
    await t.kernel.clearState();
    expect(t.kernel.executeDBQuery('SELECT * FROM grants')).toStrictEqual([]);
  });

  it('describes itself', async () => {
    const { t, root } = await openSystem();
    const [grant = ''] = (
      await t.kernel.queueMessage(root, 'give', ['kernelFacet'])
    ).slots;
    expect(await t.kernel.describe(grant)).toMatchObject({
      interface: 'KernelFacet',
      state: 'live',
      methods: expect.arrayContaining(['getStatus', 'attenuate']),
    });
  });
});
