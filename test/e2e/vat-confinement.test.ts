/** Vat host confinement: what the process of a vat has, and what a vat finds in it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { withClient, type DaemonClient } from '../support/daemon-client.ts';
import { withHome, type Home } from '../support/home.ts';

/** Evaluates, in a Compartment that can do no more than its vat, what the test asks for. */
const evaluator = vatSource(`
  const show = (value) => {
    if (value === null || typeof value !== 'object') return String(value);
    return Array.isArray(value) ? value.map(show).join() : '[object]';
  };
  return makeDefaultExo('Evaluator', {
    evaluate: async (code) => {
      try {
        return show(await (0, eval)(code));
      } catch (error) {
        return 'throws ' + error.message;
      }
    },
  });`);

const launch = async (
  client: DaemonClient,
  ...names: string[]
): Promise<readonly string[]> => {
  const vats = Object.fromEntries(
    names.map((name) => [name, { bundleSpec: evaluator, placement: 'shared' }]),
  );
  const roots: string[] = [];
  for (const name of names) {
    const config = { bootstrap: name, vats: { [name]: vats[name] ?? {} } };
    const launched = await client.rpc('launchSubcluster', { config });
    roots.push((launched as { rootKref: string }).rootKref);
  }
  return roots;
};

const withVat = async (
  use: (
    evaluate: (code: string) => Promise<unknown>,
    client: DaemonClient,
    home: Home,
  ) => Promise<void>,
): Promise<void> =>
  withHome(async (home) =>
    withClient(home, async (client) => {
      const [root = ''] = await launch(client, 'main');
      await use(
        async (code) => client.call(root, 'evaluate', code),
        client,
        home,
      );
    }),
  );

type Status = Readonly<{ hosts: readonly Readonly<{ pid: number }>[] }>;

const hostsOf = async (client: DaemonClient): Promise<readonly number[]> => {
  const { hosts } = (await client.rpc('getStatus')) as Status;
  return hosts.map(({ pid }) => pid);
};

describe.skipIf(process.platform !== 'linux')('the process of a vat', () => {
  const read = (pid: number, name: string): string =>
    readFileSync(`/proc/${pid}/${name}`, 'utf8');

  it('is a child of the daemon with an empty environment and no permissions', async () => {
    await withVat(async (_evaluate, client, home) => {
      for (const pid of await hostsOf(client)) {
        // The spare one may still be the shell that becomes it.
        await expect
          .poll(() => read(pid, 'cmdline').split('\0')[1])
          .toBe('--permission');
        expect(read(pid, 'environ')).toBe('');
        const words = read(pid, 'cmdline').split('\0');
        expect(words).toContain('--permission');
        expect(
          words.some((word) => word.startsWith('--max-old-space-size=')),
        ).toBe(true);
        const allowed = words.filter((word) => word.startsWith('--allow'));
        expect(allowed).toStrictEqual([
          expect.stringMatching(
            /^--allow-fs-read=.*\/packages\/nodejs\/dist\/$/u,
          ),
        ]);
        expect(read(pid, 'status')).toContain(`PPid:\t${home.daemonPid()}\n`);
        expect(read(pid, 'limits')).toMatch(/Max data size +\d+ /u);
      }
    });
  });

  it('has no file of the home open, but pipes to the daemon', async () => {
    await withVat(async (_evaluate, client, home) => {
      for (const pid of await hostsOf(client)) {
        const open = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
          try {
            return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
          } catch {
            return []; // closed since
          }
        });
        expect(open.filter((path) => path.startsWith(home.dir))).toStrictEqual(
          [],
        );
        const files = open.filter(
          (path) => path.startsWith('/') && !path.startsWith('/dev/'),
        );
        expect(files).toStrictEqual([]);
      }
    });
  });
});

const absent = `process require module exports __dirname global Buffer fetch
  WebSocket XMLHttpRequest EventSource setTimeout setInterval setImmediate
  queueMicrotask clearTimeout performance crypto navigator structuredClone
  WebAssembly SharedArrayBuffer Atomics gc WeakRef FinalizationRegistry
  MessageChannel BroadcastChannel Worker document window`.split(/\s+/u);

describe('a vat', () => {
  it('finds none of the machine’s globals', async () => {
    await withVat(async (evaluate) => {
      const types = await evaluate(
        `${JSON.stringify(absent)}.filter((name) => typeof globalThis[name] !== 'undefined' || name in globalThis)`,
      );
      expect(types).toBe('');
      for (const name of absent) {
        expect([name, await evaluate(`typeof ${name}`)]).toStrictEqual([
          name,
          'undefined',
        ]);
      }
    });
  });

  it.each([
    ['the time', 'Date.now()', /^(?:throws|NaN)/u],
    ['a new Date', 'new Date().getTime()', /^(?:throws|NaN)/u],
    ['the date as text', 'Date()', /^(?:throws|Invalid)/u],
    ['chance', 'Math.random()', /^throws/u],
    ['a module of Node', "import('node:fs')", /^throws/u],
    [
      'the global of the host by Function',
      "Function('return typeof process')()",
      /^undefined$/u,
    ],
    [
      'the same by a function’s constructor',
      "(() => {}).constructor('return typeof process')()",
      /^(?:throws|undefined)/u,
    ],
    [
      'the same by an async function’s',
      "(async () => {}).constructor('return typeof process')()",
      /^(?:throws|undefined)/u,
    ],
    [
      'the same by what the host handed in',
      "console.log.constructor('return typeof process')()",
      /^(?:throws|undefined)/u,
    ],
    [
      'the same by a thrown error',
      "(() => { try { null.x } catch (e) { return e.constructor.constructor('return typeof process')() } })()",
      /^(?:throws|undefined)/u,
    ],
    [
      'the globals by sloppy this',
      '(function () { return this === undefined || this === globalThis })()',
      /^true$/u,
    ],
    [
      'a stack with paths of the host',
      "String(Error('x').stack).includes('/')",
      /^(?:throws|false)/u,
    ],
    [
      'the callers of a function',
      '(function f() { return f.caller })()',
      /^(?:throws|undefined|null)/u,
    ],
    ['a locale of the machine', 'typeof Intl', /^undefined$/u],
  ])('cannot get at %s', async (_what, code, expected) => {
    await withVat(async (evaluate) => {
      expect(await evaluate(code)).toMatch(expected);
    });
  });

  it.each([
    'Object.prototype.leak = 1',
    'Array.prototype.push = () => {}',
    'Promise.prototype.then = () => {}',
    'console.log = 1',
    'VatData.defineDurableKind = 1',
    'harden.leak = 1',
    'Symbol.leak = 1',
    "Object.defineProperty(globalThis.HandledPromise ?? {}, 'leak', { value: 1 }); if (!globalThis.HandledPromise) throw Error('absent')",
  ])('cannot change what it shares with others: %s', async (code) => {
    await withVat(async (evaluate) => {
      expect(await evaluate(code)).toMatch(/^throws/u);
    });
  });

  it('has globals of its own, though another vat is in the same process', async () => {
    await withHome(async (home) => {
      await withClient(home, async (client) => {
        const [one = '', other = ''] = await launch(client, 'one', 'other');
        await client.call(one, 'evaluate', 'globalThis.mine = 1');
        expect(await client.call(one, 'evaluate', 'mine')).toBe('1');
        expect(await client.call(other, 'evaluate', 'typeof mine')).toBe(
          'undefined',
        );
        const { vats } = (await client.rpc('getStatus')) as {
          vats: readonly Readonly<{ host?: { pid: number } }>[];
        };
        expect(new Set(vats.map(({ host }) => host?.pid)).size).toBe(1);
      });
    });
  });
});
