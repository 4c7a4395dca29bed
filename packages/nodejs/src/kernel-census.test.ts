import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { censusSource } from './testing/census-vat.ts';
import { openTestKernel } from './testing/test-kernel.ts';

/** What gives authority, or knowledge of time and chance, under any name. */
const authority =
  /(?:^|[.\]])(?:process|require|module|gc|fetch|Worker|SharedArrayBuffer|Atomics|WeakRef|FinalizationRegistry|WebAssembly|performance|crypto|navigator|Buffer|global|importScripts|XMLHttpRequest|WebSocket|EventSource|BroadcastChannel|MessageChannel|MessagePort|structuredClone|queueMicrotask|setImmediate|clearImmediate|setTimeout|setInterval|localStorage|sessionStorage|v8|prepareStackTrace|captureStackTrace|lockdown|repairIntrinsics|__hostModules__|Intl|eval_|print)$/u;

/** What only sounds like it. */
const harmless = [
  'globalThis.Compartment.prototype.module', // of the modules of that Compartment
  'globalThis.RegExp.prototype<get>.global', // the flag
  'globalThis.Error.captureStackTrace', // see below
  'globalThis.Error<get>.prepareStackTrace',
  'globalThis.Error<set>.prepareStackTrace',
  'globalThis.lockdown', // SES gives it to every Compartment; see below
];

const pathOf = (line: string): string => line.slice(0, line.indexOf(': '));

describe('everything reachable from a vat’s global', () => {
  it('is what the committed census says', async () => {
    const t = await openTestKernel();
    const root = await t.launch(censusSource);
    const lines = (await t.call(root, 'census')) as string[];
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(
      './__snapshots__/vat-census.txt',
    );
  });

  it('holds nothing that gives authority', async () => {
    const t = await openTestKernel();
    const root = await t.launch(censusSource);
    const lines = (await t.call(root, 'census')) as string[];
    expect(lines.length).toBeGreaterThan(500);
    expect(
      lines
        .map(pathOf)
        .filter((path) => authority.test(path) && !harmless.includes(path)),
    ).toEqual([]);
    for (const probe of ['escapes', 'odd', 'sources']) {
      expect(await t.call(root, probe), probe).toEqual([]);
    }
  });

  it('makes nothing of what is left of lockdown and of stack traces', async () => {
    const t = await openTestKernel();
    const root = await t.launch(censusSource);
    expect(await t.call(root, 'lockdown')).toEqual(['threw', 'TypeError']);
    // Neither call sites nor text.
    expect(await t.call(root, 'stack')).toEqual(['returned', 'string']);
  });

  it('is frozen but for what is the vat’s own', async () => {
    const t = await openTestKernel();
    const root = await t.launch(censusSource);
    expect(await t.call(root, 'mutable')).toEqual([
      'globalThis: mutable object',
    ]);
  });

  it('has neither clock nor chance nor a way to see the collector', async () => {
    const t = await openTestKernel();
    const root = await t.launch(censusSource);
    const threw = ['threw', 'TypeError'];
    expect(await t.call(root, 'attempts')).toMatchObject({
      now: threw,
      date: threw,
      text: threw,
      random: threw,
    });
    expect(
      await t.call(root, 'absent', [
        'process',
        'gc',
        'require',
        'WeakRef',
        'FinalizationRegistry',
        'performance',
        'Buffer',
        'fetch',
        'SharedArrayBuffer',
        'Atomics',
        'setTimeout',
        'queueMicrotask',
      ]),
    ).toEqual([]);
  });

  it('is the same for every vat and after a restart', async () => {
    const t = await openTestKernel();
    const first = await t.launch(censusSource);
    const second = await t.launch(censusSource);
    const lines = await t.call(first, 'census');
    expect(await t.call(second, 'census')).toEqual(lines);
    await t.reopen();
    expect(await t.call(first, 'census')).toEqual(lines);
  });

  it('is joined by vatPowers of which each part is known', async () => {
    const t = await openTestKernel();
    const root = await t.launch(censusSource);
    const lines = (await t.call(root, 'powers')) as string[];
    expect(lines.filter((line) => authority.test(pathOf(line)))).toEqual([]);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(
      './__snapshots__/vat-powers.txt',
    );
  });
});
