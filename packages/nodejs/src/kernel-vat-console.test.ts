/** What vats write, as it arrives in the daemon's log: from whom, and how much. */
import './daemon/lockdown.ts';
import { describe, expect, it } from 'vitest';
import { openTestKernel, type TestKernel } from './testing/test-kernel.ts';

describe('the console of a vat', () => {
  const fields = { vat: 'v1', name: 'main', subcluster: 's1' };
  const talker = `
    console.log('born');
    const logger = vatPowers.logger.subLogger({ tags: ['a'] }).subLogger('b');
    logger.warn('tagged', [1]);
    return makeDefaultExo('Talker', {
      say: (x) => { console.log('said', x); },
      exit: () => { logger.error('leaving'); vatPowers.exitVat('done here'); },
      lines: () => { for (let n = 0; n < 3; n += 1) { console.log(n); logger.log(n); } },
    });`;
  const linesOf = ({ logged }: TestKernel) =>
    logged.filter(({ level }) => level !== 'debug');

  it('writes into the log under the vat’s name', async () => {
    const t = await openTestKernel();
    const root = await t.launch(talker);
    await t.call(root, 'say', { a: [1, 'x'] });
    expect(t.logged).toContainEqual({
      level: 'info',
      message: 'said { a: [1, "x"] }',
      fields,
    });
  });

  it('does so from birth to end, and the kernel with it', async () => {
    const t = await openTestKernel();
    const root = await t.launch(talker);
    await t.kernel.restartVat('v1');
    await t.call(root, 'say', 1);
    await t.call(root, 'exit');
    expect(linesOf(t)).toStrictEqual([
      { level: 'info', message: 'born', fields },
      { level: 'warn', message: '[a/b] tagged [1]', fields },
      {
        level: 'info',
        message: expect.stringMatching(/^the vat lost its process/u) as string,
        fields,
      },
      { level: 'info', message: 'born', fields },
      { level: 'warn', message: '[a/b] tagged [1]', fields },
      { level: 'info', message: 'said 1', fields },
      { level: 'error', message: '[a/b] leaving', fields },
      {
        level: 'info',
        message: 'the vat was terminated: it ended itself (done here)',
        fields,
      },
    ]);
  });

  it('does so if the vat does not come to be', async () => {
    const t = await openTestKernel();
    await expect(
      t.launch(`console.log('born'); throw Error('no');`),
    ).rejects.toThrow('Vat "main" did not start');
    expect(linesOf(t)).toStrictEqual([
      { level: 'info', message: 'born', fields },
    ]);
  });

  it('and all loggers have the lines of a delivery in common', async () => {
    const t = await openTestKernel({ limits: { consoleLinesPerDelivery: 3 } });
    const root = await t.launch(talker);
    await t.call(root, 'lines');
    await t.call(root, 'say', 'on');
    expect(linesOf(t).map(({ message }) => message)).toStrictEqual([
      'born',
      '[a/b] tagged [1]',
      '0',
      '[a/b] 0',
      '1',
      'suppressed 3 console lines',
      'said on',
    ]);
  });
});
