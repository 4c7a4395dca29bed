import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';
import { vatSource } from './testing/vat-source.ts';

/** More than are described in one turn, in one subcluster. */
const launchMany = async (t: TestKernel): Promise<void> => {
  const vat = {
    bundleSpec: vatSource(`return makeDefaultExo('Small', {});`),
    placement: 'shared' as const,
  };
  const names = Array.from({ length: 600 }, (_, index) => `small${index}`);
  await t.kernel.launchSubcluster({
    bootstrap: 'small0',
    vats: Object.fromEntries(names.map((name) => [name, vat])),
  });
};

describe('the status', () => {
  it('of few vats is told at once', async () => {
    const t = await openTestKernel();
    expect(t.kernel.readStatus()).toStrictEqual(t.kernel.getStatus());
  });

  it('has what the heaps of vats hold once they were collected', async () => {
    const t = await openTestKernel();
    const root = await t.launch(`
      let held;
      return makeDefaultExo('Holder', {
        hold: (count) => { held = Array.from({ length: count }, (_, i) => [i]); },
        drop: () => { held = undefined; },
      });`);
    const collected = async (): Promise<number> => {
      await t.kernel.collectGarbage();
      // After what is under way.
      await t.kernel.pingVat('v1');
      const [host] = t.kernel.getStatus().hosts;
      expect(host?.heapBytes).toBeLessThan(host?.memoryBytes ?? 0);
      return host?.heapBytes ?? 0;
    };
    const before = await collected();
    expect(before).toBeGreaterThan(1024 * 1024);
    await t.call(root, 'hold', 100_000);
    expect((await collected()) - before).toBeGreaterThan(2 * 1024 * 1024);
    await t.call(root, 'drop');
    expect((await collected()) - before).toBeLessThan(1024 * 1024);
  });

  it('of many is told in steps, between which others have their turn', async () => {
    const t = await openTestKernel();
    await launchMany(t);
    const { vats, subclusters } = t.kernel.getStatus();
    expect(vats).toHaveLength(600);
    let turns = 0;
    setImmediate(() => (turns += 1));
    const status = t.kernel.readStatus();
    expect(status).toBeInstanceOf(Promise);
    expect(await status).toMatchObject({ vats, subclusters });
    expect(turns).toBe(1);
    expect(t.kernel.subclusterOf('v600')).toBe('s1');
    expect(t.kernel.subclusterOf('v601')).toBeUndefined();

    // One that has begun ends with the kernel.
    const late = t.kernel.readStatus();
    const stopped = t.kernel.stop();
    await expect(late).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await stopped;
    await t.reopen();
    expect(t.kernel.subclusterOf('v1')).toBe('s1');
  });
});
