/** Launching, calling and naming with the real binary (P-17, P-18, P-21, P-38). */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  ocapBin,
  repositoryRoot,
  withHome,
  type Home,
} from '../support/home.ts';
import { run } from '../support/run.ts';

const vat = `
import { makeDefaultExo } from '@ocap/kernel-utils/exo';
export const buildRootObject = (powers, parameters, baggage) =>
  makeDefaultExo('Echo', {
    bootstrap: () => 'ready',
    echo: (value) => value,
    bigint: () => ({ n: 1n }),
    page: (size) => 'x'.repeat(size),
    purse: () => makeDefaultExo('Purse', { balance: () => 7 }),
    spin: () => { for (;;) {} },
    fail: () => { throw new TypeError('no money'); },
  });
`;

/** Sources in a folder of the home; commands are run from there. */
const withVat = async (
  use: (home: Home, cwd: string) => Promise<void>,
): Promise<void> =>
  withHome(async (home) => {
    const cwd = join(home.dir, 'work');
    await mkdir(cwd);
    await writeFile(join(cwd, 'echo.js'), vat);
    await use(home, cwd);
  });

const configOf = (bundleSpec: string): string =>
  JSON.stringify({
    config: { bootstrap: 'main', vats: { main: { bundleSpec } } },
  });

type Status = Readonly<{ vats: readonly unknown[] }>;

describe('daemon exec launchSubcluster', () => {
  it('takes a relative bundleSpec from where it is run (P-17, P-18, P-21)', async () => {
    await withVat(async (home, cwd) => {
      await home.json(['bundle', 'echo.js'], { cwd });
      const launched = await home.json(
        ['daemon', 'exec', 'launchSubcluster', configOf('./echo.bundle')],
        { cwd },
      );
      expect(launched).toMatchObject({
        subclusterId: 's1',
        bootstrapResult: { body: '#"ready"', slots: [] },
      });
      const { rootKref } = launched as { rootKref: string };
      // Faithful as it came, and with no bigint lost when decoded (P-21).
      const raw = ['daemon', 'queueMessage', rootKref, 'bigint'];
      expect(await home.json(raw)).toStrictEqual({
        body: '#{"n":"+1"}',
        slots: [],
      });
      expect(await home.call(rootKref, 'bigint')).toStrictEqual({
        n: { '@bigint': '1' },
      });
    });
  });
});

describe('launch', () => {
  it('bundles a source, names it, and the name can be called', async () => {
    await withVat(async (home, cwd) => {
      const launched = await home.json(['launch', 'echo.js'], { cwd });
      expect(launched).toMatchObject({
        name: 'echo',
        vats: { main: 'v1' },
        bootstrapResult: 'ready',
      });
      expect(await home.call('echo', 'echo', '"100"')).toBe('100');
      expect(await home.call('echo', 'echo', 'a word')).toBe('a word');
      expect(await home.call('echo', 'echo', '@echo')).toMatchObject({
        interface: 'Echo',
      });
    });
  });

  it.each([
    [
      'has a syntax error',
      'export const buildRootObject = ( => 1;',
      'bad.js:1:',
    ],
    [
      'throws while it loads',
      'throw new TypeError("boom"); export const buildRootObject = 1;',
      'boom',
    ],
    ['has no root', 'export const x = 1;', 'buildRootObject'],
    [
      'wants files',
      "import 'node:fs'; export const buildRootObject = 1;",
      'node:fs',
    ],
  ])(
    'leaves nothing behind if the source %s',
    async (_title, text, message) => {
      await withVat(async (home, cwd) => {
        await writeFile(join(cwd, 'bad.js'), text);
        const { code, stderr, stdout } = await home.ocap(['launch', 'bad.js'], {
          cwd,
        });
        expect(code).toBe(1);
        expect(stderr).toContain(message);
        expect(stderr).not.toMatch(/^ {4}at /mu);
        expect(stdout).toBe('');
        const status = (await home.json(['daemon', 'exec'])) as Status;
        expect(status.vats).toStrictEqual([]);
        expect(await home.json(['names'])).toStrictEqual([]);
      });
    },
  );

  it('is refused before anything is done if the name is taken; terminating frees it', async () => {
    await withVat(async (home, cwd) => {
      await home.json(['launch', 'echo.js'], { cwd });
      const again = await home.ocap(['launch', 'echo.js'], { cwd });
      expect(again.code).toBe(1);
      expect(again.stderr).toContain('already stands for');
      const status = (await home.json(['ps'])) as Status;
      expect(status.vats).toHaveLength(1);
      expect(await home.json(['terminate', 'echo'])).toStrictEqual({
        terminated: 's1',
        vats: ['v1'],
        freedNames: ['echo'],
      });
      await home.json(['launch', 'echo.js'], { cwd });
    });
  });
});

describe('call', () => {
  it('--as names the object that comes back', async () => {
    await withVat(async (home, cwd) => {
      await home.json(['launch', 'echo.js'], { cwd });
      const named = await home.json(['call', 'echo', 'purse', '--as', 'p']);
      expect(named).toMatchObject({ name: 'p', interface: 'Purse' });
      expect(await home.call('p', 'balance')).toBe(7);
      expect(await home.json(['names'])).toMatchObject([
        { name: 'echo', interface: 'Echo', vat: 'v1' },
        { name: 'p', interface: 'Purse', vat: 'v1' },
      ]);
      const twice = await home.ocap(['call', 'echo', 'purse', '--as', 'p']);
      expect(twice.stderr).toContain('Nothing was done');
      const none = await home.ocap(['call', 'echo', 'bigint', '--as', 'n']);
      expect(none.code).toBe(1);
      expect(none.stderr).toContain('not one object');
      await home.json(['names', 'rm', 'p']);
      const gone = await home.ocap(['call', 'p', 'balance']);
      expect(gone.stderr).toContain('There is no name "p"');
    });
  });

  it('that is rejected prints the reason, and nothing on stdout', async () => {
    await withVat(async (home, cwd) => {
      await home.json(['launch', 'echo.js'], { cwd });
      expect(await home.ocap(['call', 'echo', 'fail'])).toStrictEqual({
        stdout: '',
        stderr: '✗ no money\n',
        code: 1,
      });
    });
  });

  it('prints a result of 5 MB to its end (P-38)', async () => {
    await withVat(async (home, cwd) => {
      await home.json(['launch', 'echo.js'], { cwd });
      const size = 5_000_000;
      expect(await home.call('echo', 'page', size)).toHaveLength(size);
      const readBy = async (reader: string) =>
        run(
          'bash',
          [
            '-c',
            `set -o pipefail; "${process.execPath}" "${ocapBin}" call echo page ${size} | ${reader}`,
          ],
          { env: home.env },
        );
      expect(await readBy('head -c 1')).toStrictEqual({
        stdout: '"',
        stderr: '',
        code: 0,
      });
      // With the quotes and the end of the line.
      expect((await readBy('(sleep 1; wc -c)')).stdout.trim()).toBe(
        String(size + 3),
      );
    });
  });
});

describe('the shell', () => {
  it('is offered names and vats', async () => {
    await withVat(async (home, cwd) => {
      await home.json(['launch', 'echo.js'], { cwd });
      const offered = async (...words: string[]): Promise<string[]> =>
        (await home.ocap(['--get-yargs-completions', 'ocap', ...words])).stdout
          .trim()
          .split('\n');
      expect(await offered('call', 'e')).toStrictEqual(['echo']);
      expect(await offered('terminate', '')).toStrictEqual([
        'echo',
        's1',
        'v1',
      ]);
    });
  });
});

describe('caps', () => {
  it('lists what a subcluster can reach, how it came to have it, and how to end that (V-20)', async () => {
    await withHome(async (home) => {
      await home.json(['launch', join(repositoryRoot, 'examples/bank')]);
      await home.json(['launch', join(repositoryRoot, 'examples/greeter')]);
      await home.json(['launch', join(repositoryRoot, 'examples/counter')]);
      expect((await home.ocap(['caps', 'greeter'])).code).toBe(0);
      // Whatever comes of the call, the counter's vat is given the reference.
      await home.ocap(['call', 'counter', 'increment', '@bank']);
      const report = (await home.json(['caps', 'counter'])) as {
        caps: { grants: { id: string }[]; names: string[] }[];
      };
      expect(report.caps).toMatchObject([
        {
          names: ['bank'],
          state: 'live',
          origin: 'grants',
          grants: [{ giver: 'client', via: 'an argument of increment' }],
        },
      ]);
      const id = report.caps[0]?.grants[0]?.id as string;
      expect(await home.json(['revoke', id])).toStrictEqual({ revoked: [id] });
      expect(await home.json(['caps', 'counter'])).toMatchObject({
        caps: [{ state: 'it was revoked' }],
      });
      expect(await home.json(['call', 'bank', 'total'])).toBe(0);
      const { code, stderr } = await home.ocap(['caps', 'v99']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/no vat v99/u);
    });
  });
});

describe('revoke', () => {
  it('ends a reference for everybody; its vat goes on (V-20)', async () => {
    await withHome(async (home) => {
      await home.json(['launch', join(repositoryRoot, 'examples/bank')]);
      await home.json(['call', 'bank', 'openPurse', 'ann', '--as', 'ann']);
      expect(await home.json(['revoke', 'ann'])).toStrictEqual({
        revoked: ['ann'],
      });
      const { code, stderr } = await home.ocap([
        'call',
        'bank',
        'balance',
        '@ann',
      ]);
      expect(code).toBe(1);
      expect(stderr).toContain('OBJECT_REVOKED');
      expect(await home.json(['call', 'bank', 'total'])).toBe(0);
    });
  });
});

describe('ps and terminate', () => {
  it('work while a vat spins', async () => {
    await withVat(async (home, cwd) => {
      await home.json(['launch', 'echo.js'], { cwd });
      const spinning = home.ocap(['call', 'echo', 'spin']);
      await vi.waitFor(
        async () =>
          expect(await home.json(['ps'])).toMatchObject({
            vats: [{ id: 'v1', state: 'busy' }],
          }),
        { timeout: 20_000, interval: 100 },
      );
      expect(await home.json(['terminate', 's1'])).toMatchObject({
        terminated: 's1',
        freedNames: ['echo'],
      });
      const { code, stderr } = await spinning;
      expect(code).toBe(1);
      expect(stderr).toContain('terminated');
    });
  });
});
