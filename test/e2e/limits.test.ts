/** Which limits apply, and setting them, with the real binary. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withHome } from '../support/home.ts';

const tooManyRows = [
  'daemon',
  'exec',
  'executeDBQuery',
  '["SELECT 1 UNION SELECT 2"]',
];

it('limits are set in config.json and on the command line, and apply until the daemon ends', async () => {
  await withHome(async (home) => {
    const limits = { queryRows: 7, pingMs: 1500 };
    writeFileSync(join(home.dir, 'config.json'), JSON.stringify({ limits }));
    const start = ['daemon', 'start', '--limit'];
    for (const [limit, problem] of [
      ['queryRows', 'it goes like'],
      ['nothing=1', 'no limit "nothing"'],
      ['constructor=1', 'no limit "constructor"'],
      ['queryRows=0', 'a whole number above 0'],
      ['pingMs=1MiB', 'of ms, s, min or h'],
    ] as const) {
      const { code, stderr } = await home.ocap([...start, limit]);
      expect(code).not.toBe(0);
      expect(stderr).toContain(problem);
    }
    expect(home.daemonPid()).toBeUndefined();

    await home.json([...start, 'queryRows=1', '--limit', 'deliveryMs=20s']);
    const all = (await home.json(['daemon', 'limits'])) as {
      name: string;
      value: number;
      usual: number;
    }[];
    const valueOf = (name: string): unknown =>
      all.find((limit) => limit.name === name);
    expect(valueOf('queryRows')).toMatchObject({ value: 1, usual: 10_000 });
    expect(valueOf('pingMs')).toMatchObject({ value: 1500, usual: 2000 });
    expect(valueOf('deliveryMs')).toMatchObject({ value: 20_000 });
    expect((await home.ocap(tooManyRows)).stderr).toMatch(/more than 1 rows/u);

    const again = await home.ocap([...start, 'queryRows=2']);
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('runs already'),
    });
    const one = await home.ocap(['daemon', 'limits', 'deliveryMs']);
    expect(JSON.parse(one.stdout)).toMatchObject({ unit: 'ms' });
    for (const words of [['nothing'], ['nothing', '1']]) {
      const none = await home.ocap(['daemon', 'limits', ...words]);
      expect(none.stderr).toMatch(/no limit "nothing"/u);
    }

    const first = home.daemonPid();
    await home.json(['daemon', 'restart', '--limit', 'queryRows=2']);
    expect(home.daemonPid()).not.toBe(first);
    expect(await home.json(tooManyRows)).toHaveLength(2);
    await home.json(['daemon', 'restart']);
    const rows = await home.json(['daemon', 'limits', 'queryRows']);
    expect(rows).toMatchObject({ value: 7, usual: 10_000 });

    const set = ['daemon', 'limits', 'queryRows'];
    expect((await home.ocap([...set, '1.5'])).stderr).toMatch(
      /Nothing was set/u,
    );
    await home.json([...set, '9']);
    await home.json(['daemon', 'limits', 'pingMs', 'usual']);
    const config = readFileSync(join(home.dir, 'config.json'), 'utf8');
    expect(JSON.parse(config)).toStrictEqual({ limits: { queryRows: 9 } });
    await home.json(['daemon', 'restart']);
    expect(await home.json(set)).toMatchObject({ value: 9 });
    writeFileSync(join(home.dir, 'config.json'), '{"limits": 7}');
    expect((await home.ocap([...set, '9'])).stderr).toMatch(/config\.json/u);
  });
});
