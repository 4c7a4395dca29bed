/**
 * A private home for one test, with the real `ocap` in it. The home is a fresh
 * temporary directory; when the test is over, however it went, the daemon of
 * this home is killed by the pid in its `daemon.pid`, and the directory removed.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gone, isAlive, sendSignal } from './processes.ts';
import { run, type Run, type RunOptions } from './run.ts';

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));
export const ocapBin = join(repositoryRoot, 'packages/cli/bin/ocap.cjs');

export type Home = Readonly<{
  /** The value of `OCAP_HOME`. */
  dir: string;
  socketPath: string;
  databasePath: string;
  logPath: string;
  env: NodeJS.ProcessEnv;
  /** Runs `ocap …args` in the repository's root. */
  ocap(args: readonly string[], options?: RunOptions): Promise<Run>;
  /** The same with `--json`: the value printed. Throws if it failed. */
  json(args: readonly string[], options?: RunOptions): Promise<unknown>;
  /** `ocap call …words`: the value answered. Throws if the call was rejected. */
  call(...words: (string | number)[]): Promise<unknown>;
  /** The live daemon of this home. */
  daemonPid(): number | undefined;
  /** Sends the signal (SIGKILL by default) to the daemon and waits until it is gone. */
  killDaemon(signal?: NodeJS.Signals): Promise<void>;
  /** Kills the daemon and removes the directory. */
  close(): Promise<void>;
}>;

const readPid = (dir: string): number | undefined => {
  try {
    const text = readFileSync(join(dir, 'daemon.pid'), 'utf8');
    // Nothing but a pid: what stands in garbage is somebody else's, who would be killed.
    return /^\d+\n$/u.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
};

/** `within`: the words of a command that runs the `ocap` of this home, and so its daemon, elsewhere. */
export const openHome = async ({
  within = [],
}: Readonly<{ within?: readonly string[] }> = {}): Promise<Home> => {
  // Short on purpose: a socket path has 107 bytes at most.
  const dir = await mkdtemp(join(tmpdir(), 'ocap-'));
  // As at a user's, also where a build runs the tests.
  const env = { ...process.env, OCAP_HOME: dir, NO_COLOR: '1', CI: '' };

  const ocap = async (
    args: readonly string[],
    options: RunOptions = {},
  ): Promise<Run> => {
    const words = [...within, process.execPath, ocapBin, ...args];
    const [command = process.execPath, ...rest] = words;
    return run(command, rest, {
      cwd: repositoryRoot,
      ...options,
      env: { ...env, ...options.env },
    });
  };

  const daemonPid = (): number | undefined => {
    const pid = readPid(dir);
    return pid !== undefined && isAlive(pid) ? pid : undefined;
  };

  const killDaemon = async (
    signal: NodeJS.Signals = 'SIGKILL',
  ): Promise<void> => {
    const pid = daemonPid();
    if (pid === undefined) return;
    sendSignal(pid, signal);
    await gone(pid);
  };

  const json: Home['json'] = async (args, options) => {
    const { stdout, stderr, code } = await ocap(['--json', ...args], options);
    if (code !== 0) {
      throw new Error(`ocap ${args.join(' ')} → ${code}: ${stderr}${stdout}`);
    }
    return JSON.parse(stdout);
  };

  return {
    dir,
    socketPath: join(dir, 'daemon.sock'),
    databasePath: join(dir, 'kernel.sqlite'),
    logPath: join(dir, 'daemon.log'),
    env,
    ocap,
    json,
    call: async (...words) => json(['call', ...words.map(String)]),
    daemonPid,
    killDaemon,
    close: async () => {
      await killDaemon();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
};

/** Gives `use` a fresh home and cleans it up, also when `use` throws. */
export const withHome = async <Result>(
  use: (home: Home) => Promise<Result>,
): Promise<Result> => {
  const home = await openHome();
  try {
    return await use(home);
  } finally {
    await home.close();
  }
};
