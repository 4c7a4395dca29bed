/**
 * Another user of this machine: processes of uid 65534. They need a Node that
 * they can reach, because the one of a checkout may lie in a folder that is
 * closed to them, and a way to the folder in which homes are made.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, statSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NOBODY = 65534;
const identity = { uid: NOBODY, gid: NOBODY };

/** Only root can have processes of somebody else. */
export const canBeAnother =
  process.platform === 'linux' && process.getuid?.() === 0;

export type Outcome = Readonly<{ code: number | null; text: string }>;

export type OtherUser = Readonly<{
  uid: number;
  /** A Node that they can run. */
  node: string;
  /** Runs code of CommonJS to its end. */
  run(code: string, ...args: string[]): Promise<Outcome>;
  /** Runs code of CommonJS until it is told to end; resolves once it has said something. */
  serve(
    code: string,
    ...args: string[]
  ): Promise<Readonly<{ text(): string; end(): void }>>;
  /** Runs a program of Node, with this environment besides the usual one. */
  runFile(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<Outcome>;
  close(): Promise<void>;
}>;

export const openOtherUser = async (): Promise<OtherUser> => {
  const folder = await mkdtemp(join(tmpdir(), 'other-'));
  const node = join(folder, 'node');
  await copyFile(process.execPath, node);
  for (const path of [folder, node]) chmodSync(path, 0o755);
  const closeWay = openWay(tmpdir());
  const start = async (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const child = spawn(node, args, {
        cwd: '/',
        env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        ...identity,
      });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (more: string) => {
          text += more;
        });
      }
      const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ code, text });
      });
    });
  return {
    uid: NOBODY,
    node,
    run: async (code, ...args) => start(['-e', code, ...args]),
    runFile: async (args, env) => start(args, env),
    serve: async (code, ...args) => {
      const child = spawn(node, ['-e', code, ...args], {
        cwd: '/',
        env: {},
        stdio: ['ignore', 'pipe', 'inherit'],
        ...identity,
      });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      await once(child.stdout, 'data');
      return { text: () => text, end: () => void child.kill('SIGKILL') };
    },
    close: async () => {
      closeWay();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** The runner of checks gives each a private folder for what is temporary. */
const openWay = (folder: string): (() => void) => {
  const { mode } = statSync(folder);
  if ((mode & 0o001) !== 0) return () => undefined;
  chmodSync(folder, (mode & 0o777) | 0o011);
  return () => chmodSync(folder, mode & 0o777);
};
