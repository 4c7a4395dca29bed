import './daemon/lockdown.ts';
import { makeExo } from '@endo/exo';
import { M } from '@endo/patterns';
import type { Service } from '@ocap/kernel';
import { limits } from '@ocap/kernel-utils';
import { describe, expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

/** Says to its service what cannot be said as JSON. */
const caller = `
  let service;
  return makeDefaultExo('Caller', {
    bootstrap: (vats, services) => { service = services.echo; },
    digits: (count) => E(service).echo(10n ** BigInt(count - 1)),
    negative: (count) => E(service).echo(-(10n ** BigInt(count - 1))),
    list: (count) => E(service).echo(harden(Array(count).fill(0))),
    nested: (levels) => { let it = 0; for (let i = 0; i < levels; i += 1) it = harden([it]); return E(service).echo(it); },
    reject: (count) => { throw 10n ** BigInt(count - 1); },
  });`;

const echo: Service = {
  systemOnly: false,
  makeExo: () =>
    makeExo(
      'Echo',
      M.interface('Echo', { echo: M.call(M.any()).returns(M.string()) }),
      {
        echo: () => 'heard',
      },
    ),
};

const open = async (
  limitsOfTest: Parameters<typeof openTestKernel>[0] & object = {},
): Promise<Readonly<{ t: TestKernel; root: string }>> => {
  const t = await openTestKernel({ services: { echo }, ...limitsOfTest });
  const { rootKref: root } = await t.kernel.launchSubcluster({
    bootstrap: 'main',
    vats: { main: { bundleSpec: vatSource(caller) } },
    services: ['echo'],
  });
  return { t, root };
};

describe('a call of a service', () => {
  it('has numbers of so many digits at most', async () => {
    const { t, root } = await open();
    const most = limits.bigintDigits.value;
    for (const method of ['digits', 'negative']) {
      expect(await t.call(root, method, most)).toBe('heard');
      await expect(t.call(root, method, most + 1)).rejects.toThrow(
        /bigintDigits/u,
      );
    }
    await expect(t.call(root, 'digits', 1_000_000)).rejects.toThrow(
      /bigintDigits/u,
    );
  });

  it('has arguments of so many parts at most', async () => {
    const { t, root } = await open({ limits: { serviceCallParts: 100 } });
    // Three brackets, a comma after the method, and one before each further item.
    expect(await t.call(root, 'list', 97)).toBe('heard');
    await expect(t.call(root, 'list', 98)).rejects.toThrow(/serviceCallParts/u);
  });

  it('has arguments of so many levels at most', async () => {
    const { t, root } = await open({ limits: { nestingLevels: 20 } });
    expect(await t.call(root, 'nested', 18)).toBe('heard');
    await expect(t.call(root, 'nested', 19)).rejects.toThrow(/nestingLevels/u);
  });
});

it('a rejection with a number that is too long to be read is passed on as it is', async () => {
  const { t, root } = await open();
  const most = limits.bigintDigits.value;
  await expect(t.call(root, 'reject', most)).rejects.toThrow(/^10+n?$/u);
  await expect(t.call(root, 'reject', most + 1)).rejects.toThrow(/^#"\+10+"$/u);
});
