/**
 * Starts the daemon of a home unless one runs. However many do this at once,
 * one daemon starts: the lock decides, and who lost waits for who won.
 */
import { closeSync, existsSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeLine, type LimitValues } from '@ocap/kernel-utils';
import { childProcess } from '../child-process.ts';
import { DaemonError } from '../client/errors.ts';
import { insistOwnSocket } from '../client/own-socket.ts';
import { PING_TIMEOUT_MS } from '../client/make-client.ts';
import { pathsOf, resolveHome, type ProcessPaths } from './paths.ts';
import { isLocked } from './lock.ts';
import { findDaemon } from './pid-file.ts';
import { preparePrivateFolder } from './private-folder.ts';
import { parseReadiness, type Readiness } from './readiness.ts';
import { takeStartTurn } from './start-turn.ts';

const POLL_MS = 20;
/** How long another command is waited for that has begun to start it. */
const TURN_MS = 3_000;
const PID_TRIES = 10;

type Options = Readonly<{
  home?: string | undefined;
  logLevel?: string | undefined;
  /** Instead of those in the home's `config.json`, if it is started now. */
  limits?: Partial<LimitValues>;
  timeoutMs?: number;
  /** The program of the daemon; by default the one of this package. */
  entry?: string;
}>;

export type EnsuredDaemon = Readonly<{ started: boolean; pid?: number }>;

/** @throws START_FAILED, START_TIMEOUT, FOREIGN_FILE */
export const ensureDaemon = async ({
  home,
  logLevel,
  limits = {},
  timeoutMs = 30_000,
  entry,
}: Options = {}): Promise<EnsuredDaemon> =>
  ensureProcess({
    program: 'daemon',
    paths: pathsOf(resolveHome(home)),
    entry,
    v8Flags,
    args: [
      ...(logLevel === undefined ? [] : ['--log-level', logLevel]),
      ...Object.entries(limits).flatMap((limit) => [
        '--limit',
        limit.join('='),
      ]),
    ],
    timeoutMs,
  });

export type ProcessOptions = Readonly<{
  /** What messages call it, and the command of `ocap` that it belongs to. */
  program: 'daemon' | 'relay';
  paths: ProcessPaths;
  /** By default the program's in this package. */
  entry?: string | undefined;
  v8Flags?: readonly string[];
  /** Besides `--home` and `--ready-fd`. */
  args: readonly string[];
  timeoutMs: number;
}>;

/**
 * The same for any program that has a home like the daemon's, and answers
 * `ping` at its socket. @throws START_FAILED, START_TIMEOUT
 */
export const ensureProcess = async (
  options: ProcessOptions,
): Promise<EnsuredDaemon> => {
  const { program, paths, timeoutMs } = options;
  const end = Date.now() + timeoutMs;
  const timedOut = (): DaemonError =>
    new DaemonError('START_TIMEOUT', {
      program,
      seconds: timeoutMs / 1000,
      log: paths.logPath,
    });

  const waitUntil = Date.now() + TURN_MS;
  while (Date.now() < end) {
    const found = await findRunning(paths);
    if (found !== undefined) return found;
    preparePrivateFolder(paths.home);
    const turn = await takeStartTurn(paths.home);
    if (turn === undefined && Date.now() < waitUntil) {
      await delay(POLL_MS);
      continue;
    }
    const said = await startInTurn(options, end).finally(turn?.end);
    if (said === undefined) throw timedOut();
    if ('started' in said) return said;
    if ('ready' in said) return { started: true, pid: said.pid };
    if ('problem' in said) {
      throw new DaemonError('START_FAILED', {
        program,
        problem: said.problem.replace(/\.$/u, ''),
        log: paths.logPath,
      });
    }
    // Another one has the lock: it is starting, or on its way out.
    for (let tries = 0; tries < 25 && Date.now() < end; tries += 1) {
      const other = await findRunning(paths);
      if (other !== undefined) return other;
      await delay(POLL_MS);
    }
  }
  throw timedOut();
};

/** Who had to wait for the turn may find one running by then. */
const startInTurn = async (
  options: ProcessOptions,
  end: number,
): Promise<EnsuredDaemon | Readiness | undefined> =>
  (await findRunning(options.paths)) ?? spawnProcess(options, end);

const findRunning = async (
  paths: ProcessPaths,
): Promise<EnsuredDaemon | undefined> => {
  for (let tries = 0; await isThere(paths); tries += 1) {
    const daemon = findDaemon(paths);
    if (daemon !== undefined) return { started: false, pid: daemon.pid };
    // It is on its way out; or somebody has deleted its pid file.
    if (tries === PID_TRIES) return { started: false };
    await delay(POLL_MS);
  }
  return undefined;
};

/**
 * Whether a daemon is there. One that accepts and says nothing may be stuck, and
 * stuck is not absent; but it may also be a stranger at a socket that was left.
 * Then the lock tells, which no stranger has.
 */
const isThere = async ({
  socketPath,
  lockPath,
}: ProcessPaths): Promise<boolean> => {
  insistOwnSocket(socketPath);
  const said = await greet(socketPath);
  if (said === undefined) return false;
  return /"result":"pong"/u.test(said) || isLocked(lockPath);
};

/**
 * What is answered, empty if nothing is in time; undefined if nobody is there. To
 * be connected is not enough: the socket of a process that was just killed still
 * accepts for a moment, and then breaks.
 */
const greet = async (socketPath: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(socketPath);
    const settle = (said: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(said);
    };
    const timer = setTimeout(settle, PING_TIMEOUT_MS, '');
    socket.on('connect', () => {
      socket.write(encodeLine({ jsonrpc: '2.0', id: 0, method: 'ping' }));
    });
    // A first line as short as that of a ping comes in one piece.
    socket.on('data', (chunk) => settle(String(chunk)));
    socket.on('error', () => settle(undefined));
    socket.on('close', () => settle(undefined));
  });

/**
 * Found by the name of this package, because this file is also part of the
 * CLI's single file, which lies elsewhere.
 */
export const findEntry = (program: 'daemon' | 'relay'): string => {
  const { resolve } = createRequire(import.meta.url);
  const here = dirname(resolve('@ocap/nodejs/client'));
  const built = join(here, `../../dist/${program}.mjs`);
  return existsSync(built) ? built : join(here, `../${program}/main.ts`);
};

/**
 * The daemon lives long and has little: V8 is to collect what a flood of
 * messages leaves behind instead of taking more memory. Measured with 10,000
 * messages in each crank: +56 MiB with these, +142 MiB without. The second lets
 * the heap grow by a fifth between two collections, and not to a multiple: with
 * 9,000 promises in each crank, +69 MiB instead of +150 MiB.
 */
const v8Flags = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=20',
  '--max-old-space-size=2048',
  '--expose-gc',
];
/** The same for what is outside of V8's heap: glibc is to give large blocks back. */
const mallocSettings = {
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '1000000',
};

/** How the daemon of a home is run by somebody else, such as a service manager. */
export const daemonCommand = ({
  home,
  entry = findEntry('daemon'),
}: Pick<Options, 'home' | 'entry'> = {}): Readonly<{
  home: string;
  words: readonly string[];
  env: Readonly<Record<string, string>>;
}> => {
  const { home: resolved } = pathsOf(resolveHome(home));
  return {
    home: resolved,
    words: [process.execPath, ...v8Flags, entry, '--home', resolved],
    env: { ...mallocSettings, ...compileCacheOf(entry) },
  };
};

/** What the new process says, or `undefined` if it says nothing in time. */
const spawnProcess = async (
  {
    program,
    paths,
    // Looked for only now: most commands find a process that runs.
    entry = findEntry(program),
    v8Flags: flags = [],
    args,
  }: ProcessOptions,
  end: number,
): Promise<Readiness | undefined> => {
  const own = ['--home', paths.home, '--ready-fd', '3'];
  // What Node itself has to say (out of memory, a syntax error) belongs in the log.
  const log = openSync(paths.logPath, 'a', 0o600);
  try {
    const child = childProcess().spawn(
      process.execPath,
      [...flags, entry, ...own, ...args],
      {
        cwd: paths.home,
        detached: true,
        env: { ...mallocSettings, ...compileCacheOf(entry), ...process.env },
        stdio: ['ignore', log, log, 'pipe'],
      },
    );
    child.unref();
    return await readReadiness(child.stdio[3] as Readable, end);
  } finally {
    closeSync(log);
  }
};

/**
 * A built program is one large file; kept compiled, beside it and not in a
 * folder that others can write to, it starts in less time.
 */
export const compileCacheOf = (entry: string): Record<string, string> =>
  /\/dist\/(?:daemon|relay)\.mjs$/u.test(entry)
    ? { NODE_COMPILE_CACHE: join(dirname(entry), 'compile-cache') }
    : {};

export const readReadiness = async (
  pipe: Readable,
  end: number,
): Promise<Readiness | undefined> =>
  new Promise((resolve) => {
    let text = '';
    const timer = setTimeout(() => {
      pipe.destroy();
      resolve(undefined);
    }, end - Date.now());
    pipe.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    pipe.on('error', () => undefined);
    pipe.on('close', () => {
      clearTimeout(timer);
      resolve(parseReadiness(text));
    });
  });
