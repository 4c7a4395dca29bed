/** The daemon's log with the real binary: JSON lines, as many as its level asks for. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { startDaemonOf, withClient } from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';

const talker = vatSource(`return makeDefaultExo('Talker', {
  talk: () => {
    for (const level of ['debug', 'info', 'warn', 'error']) console[level]('this is', level);
  },
  forge: () => { console.log('line one\\n{"level":"error","msg":"forged"}\\u001b[2J'); },
});`);

type Line = Readonly<{
  level: string;
  time: string;
  msg: string;
  vat?: string;
  name?: string;
}>;

/** Every line is JSON, or this throws. */
const linesOf = (home: Home): readonly Line[] =>
  readFileSync(home.logPath, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const callTalker = async (home: Home, method: string): Promise<void> =>
  withClient(home, async (client) => {
    const config = {
      bootstrap: 'talker',
      vats: { talker: { bundleSpec: talker } },
    };
    const launched = await client.rpc('launchSubcluster', { config });
    const { rootKref } = launched as { rootKref: string };
    await client.call(rootKref, method);
  });

const said = 'this is';
const allLevels = ['debug', 'info', 'warn', 'error'];

describe('the log', () => {
  it.each([
    ['debug', allLevels],
    [undefined, ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ])(
    'with --log-level %s holds what vats say at %j (P-40, V-28)',
    async (level, levels) => {
      await withHome(async (home) => {
        const flag = level === undefined ? [] : ['--log-level', level];
        expect((await home.ocap(['daemon', 'start', ...flag])).code).toBe(0);
        await callTalker(home, 'talk');
        await home.json(['daemon', 'stop']);
        const lines = linesOf(home);
        expect(lines.filter(({ msg }) => msg.startsWith(said))).toMatchObject(
          levels.map((each) => ({
            level: each,
            msg: `${said} ${each}`,
            vat: 'v1',
            time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/u),
          })),
        );
        // Nor does anything else in it stand below its level.
        const least = levels[0] ?? '';
        const loud = allLevels.slice(allLevels.indexOf(least));
        expect(lines.filter(({ level: at }) => !loud.includes(at))).toEqual([]);
      });
    },
  );

  it('changes its level while the daemon runs (V-28)', async () => {
    await withHome(async (home) => {
      await home.json(['daemon', 'exec', 'setLogLevel', '{"level":"error"}']);
      await callTalker(home, 'talk');
      await home.json(['daemon', 'exec', 'setLogLevel', '{"level":"debug"}']);
      await callTalker(home, 'talk');
      await home.json(['daemon', 'stop']);
      const heard = linesOf(home)
        .filter(({ msg }) => msg.startsWith(said))
        .map(({ level }) => level);
      expect(heard).toStrictEqual(['error', ...allLevels]);
    });
  });

  it('has no level that there is not (V-28)', async () => {
    await withHome(async (home) => {
      const { code, stderr } = await home.ocap([
        'daemon',
        'start',
        '--log-level',
        'loud',
      ]);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/loud/u);
      expect(stderr).toMatch(/debug/u);
      expect(home.daemonPid()).toBeUndefined();
    });
  });

  it('takes no forged lines from a vat (V-28)', async () => {
    await withHome(async (home) => {
      await startDaemonOf(home);
      await callTalker(home, 'forge');
      await home.json(['daemon', 'stop']);
      const lines = linesOf(home);
      expect(lines.filter(({ level }) => level === 'error')).toStrictEqual([]);
      expect(lines.filter(({ msg }) => msg.includes('forged'))).toMatchObject([
        { level: 'info', vat: 'v1', name: 'talker' },
      ]);
    });
  });
});
