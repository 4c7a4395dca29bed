import { expect, it } from 'vitest';

it('makes it the hardener of every compartment, before and after lockdown', async () => {
  await import('./install.ts');
  const { harden: installed } = globalThis as { harden?: unknown };
  expect(installed).toBeTypeOf('function');
  await import('../vat-host/lockdown.ts');
  expect(globalThis.harden).toBe(installed);
  const compartment = new Compartment({ __options__: true });
  expect(compartment.globalThis['harden']).toBe(installed);
  expect(compartment.evaluate('Object.isFrozen(harden)')).toBe(true);
});
