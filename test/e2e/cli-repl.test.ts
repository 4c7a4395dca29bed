/** `ocap daemon repl`: a prompt in a vat of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ocapBin, withHome, type Home } from '../support/home.ts';

type Status = { subclusters: { id: string }[] };

const repl = async (
  home: Home,
  names: readonly string[],
  lines: readonly string[],
): Promise<{ results: Record<string, string>[]; code: number | null }> => {
  const { stdout, code, stderr } = await home.ocap(
    ['daemon', 'repl', ...names],
    { input: `${lines.join('\n')}\n` },
  );
  expect(stderr).toBe('');
  return {
    code,
    results: stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>),
  };
};

describe('the console (P-49)', () => {
  it('evaluates what is typed, and remembers it from line to line', async () => {
    await withHome(async (home) => {
      const { results, code } = await repl(
        home,
        [],
        [
          '1 + 1',
          'const x = 20; x',
          'const y = 22',
          'x + y',
          '{ a: 1, b: [2n, undefined] }',
          'function twice(n) { return 2 * n; }',
          'twice(y)',
          'let { a, b } = { a: 1, b: 2 }',
          'a + b',
          'const late = await Promise.resolve(7)',
          'late',
          '_ + 1',
          'new Promise(() => {}) && "not waited for"',
        ],
      );
      expect(results.map(({ value }) => value?.replace(/\s+/gu, ' '))).toEqual([
        '2',
        expect.anything(),
        '22',
        '42',
        expect.stringMatching(/"a": 1.*2n/u),
        expect.stringMatching(/twice/u),
        '44',
        expect.anything(),
        '3',
        '7',
        '7',
        '8',
        '"not waited for"',
      ]);
      expect(code).toBe(0);
    });
  });

  it('reaches the names that it was granted, and nothing else', async () => {
    await withHome(async (home) => {
      await home.json(['launch', 'examples/counter']);
      await home.json(['launch', 'examples/greeter']);
      const { results, code } = await repl(
        home,
        ['counter'],
        [
          'E(counter).increment()',
          'E(counter).increment()',
          'await E(counter).increment() + 10',
          'greeter',
          'process',
          'require',
          'globalThis.constructor.constructor("return process")()',
          'fetch',
          'E(counter).nonsense()',
          'typeof E(counter)',
          'null',
        ],
      );
      expect(results.slice(0, 3)).toMatchObject([
        { value: '1' },
        { value: '2' },
        { value: '13' },
      ]);
      for (const result of results.slice(3, 8)) {
        expect(result['error']).toMatch(/not defined|not a valid constructor/u);
      }
      expect(results[8]?.['error']).toMatch(/nonsense/u);
      expect(results.at(-1)).toEqual({ value: 'null' });
      expect(code).toBe(1);
      // It is what a capability report says, too, while it lasts.
      const all = await repl(home, [], ['typeof greeter', 'typeof counter']);
      expect(all.results).toEqual([
        { value: '"object"' },
        { value: '"object"' },
      ]);
    });
  });

  it('goes with its session, also if that was killed', async () => {
    await withHome(async (home) => {
      await repl(home, [], ['1']);
      const count = async () =>
        ((await home.json(['daemon', 'exec', 'getStatus'])) as Status)
          .subclusters.length;
      expect(await count()).toBe(0);
      const child = spawn(process.execPath, [ocapBin, 'daemon', 'repl'], {
        env: home.env,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      try {
        child.stdin.write('1\n');
        await once(child.stdout, 'data');
        expect(await count()).toBe(1);
      } finally {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await delay(50);
      const { results } = await repl(home, [], ['2']);
      expect(results).toEqual([{ value: '2' }]);
      expect(await count()).toBe(0);
    });
  });
});
