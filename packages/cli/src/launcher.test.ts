/** `bin/ocap.cjs` as a user's system starts it: by whatever Node there is. */
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const launcher = fileURLToPath(new URL('../bin/ocap.cjs', import.meta.url));

/** A Node that is too old, if this system has one. */
const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
  if (!existsSync(path)) return false;
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' });
  return Number(/^v(\d+)/u.exec(version)?.[1] ?? '99') < 22;
});

let folder: string;
let program: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocap-launcher-test-'));
  mkdirSync(join(folder, 'packages/cli/bin'), { recursive: true });
  program = join(folder, 'packages/cli/bin/ocap.cjs');
  cpSync(launcher, program);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const build = (text: string): void => {
  mkdirSync(join(folder, 'packages/cli/dist'), { recursive: true });
  writeFileSync(join(folder, 'packages/cli/dist/ocap.cjs'), text);
};

/** The package `node`, with the Node that runs this test in it. */
const installNode = (): void => {
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true });
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'));
};

type Ended = Readonly<{
  stdout: string;
  stderr: string;
  code: number | null;
  signal: string | null;
}>;

const run = async (
  node: string,
  args: readonly string[] = [],
  onOutput: (pid: number) => void = () => {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(node, [program, ...args], {
      stdio: 'pipe',
      timeout: 15_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text: Buffer) => {
      stdout += String(text);
      onOutput(child.pid ?? 0);
    });
    child.stderr.on('data', (text: Buffer) => {
      stderr += String(text);
    });
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ stdout, stderr, code, signal }),
    );
  });

const report =
  'console.log(process.version, ...process.argv.slice(2)); process.exitCode = 7;';

describe('started by a Node that is new enough, the launcher', () => {
  it('runs the program, with its words and its exit code', async () => {
    build(report);
    expect(await run(process.execPath, ['a', 'b c'])).toMatchObject({
      stdout: `${process.version} a b c\n`,
      code: 7,
    });
  });

  it('says what to do if the program is not built', async () => {
    const { stderr, code } = await run(process.execPath);
    expect(stderr).toBe(
      '✗ ocap is not built yet: run `npm install` in its folder.\n',
    );
    expect(code).toBe(1);
  });
});

// Nothing to test where the system's own Node is new enough, or there is none.
describe.skipIf(oldNode === undefined)(
  'started by a Node that is too old, the launcher',
  () => {
    const old = oldNode ?? '';

    it('hands over to the Node that is installed beside it', async () => {
      build(report);
      installNode();
      expect(await run(old, ['a', 'b c'])).toMatchObject({
        stdout: `${process.version} a b c\n`,
        code: 7,
      });
    });

    it('passes signals on, and ends as the program ended', async () => {
      build('console.log("up"); setInterval(() => {}, 1000);');
      installNode();
      const ended = await run(old, [], (pid) => process.kill(pid, 'SIGTERM'));
      expect(ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    });

    it('says in one sentence what to install if there is none', async () => {
      build(report);
      const { stderr, stdout, code } = await run(old);
      expect(stderr).toMatch(
        /^✗ ocap needs Node 22\.18 or newer, and this is \S+: install it .*\n$/u,
      );
      expect(stdout).toBe('');
      expect(code).toBe(1);
    });
  },
);
