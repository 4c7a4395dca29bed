/**
 * Starts the daemon of a home unless one runs. However many do this at once,
 * one daemon starts: the lock decides, and who lost waits for who won.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeLine } from '@ocap/kernel-utils';
import { DaemonError } from '../client/errors.ts';
import { PING_TIMEOUT_MS } from '../client/make-client.ts';
import { pathsOf, resolveHome, type HomePaths } from './paths.ts';
import { findDaemon } from './pid-file.ts';
import { preparePrivateFolder } from './private-folder.ts';
import { parseReadiness, type Readiness } from './readiness.ts';

const POLL_MS = 20;

type Options = Readonly<{
  home?: string | undefined;
  logLevel?: string | undefined;
  timeoutMs?: number;
  /** The program of the daemon; by default the one of this package. */
  entry?: string;
}>;

export type EnsuredDaemon = Readonly<{ started: boolean; pid?: number }>;

/** @throws START_FAILED, START_TIMEOUT */
export const ensureDaemon = async ({
  home,
  logLevel,
  timeoutMs = 30_000,
  entry = findEntry(),
}: Options = {}): Promise<EnsuredDaemon> => {
  const paths = pathsOf(resolveHome(home));
  const end = Date.now() + timeoutMs;
  const timedOut = (): DaemonError =>
    new DaemonError('START_TIMEOUT', {
      seconds: timeoutMs / 1000,
      log: paths.logPath,
    });

  while (Date.now() < end) {
    if (await isThere(paths.socketPath)) return running(paths);
    const said = await spawnDaemon({ paths, logLevel, entry, end });
    if (said === undefined) throw timedOut();
    if ('ready' in said) return { started: true, pid: said.pid };
    if ('problem' in said) {
      throw new DaemonError('START_FAILED', {
        problem: said.problem.replace(/\.$/u, ''),
        log: paths.logPath,
      });
    }
    // Another one has the lock: it is starting, or on its way out.
    for (let tries = 0; tries < 25 && Date.now() < end; tries += 1) {
      if (await isThere(paths.socketPath)) return running(paths);
      await delay(POLL_MS);
    }
  }
  throw timedOut();
};

const running = (paths: HomePaths): EnsuredDaemon => {
  const daemon = findDaemon(paths);
  return { started: false, ...(daemon ? { pid: daemon.pid } : {}) };
};

/**
 * Whether a daemon is there. To be connected is not enough: the socket of a
 * process that was just killed still accepts for a moment, and then breaks. One
 * that accepts and says nothing is there: stuck is not absent.
 */
const isThere = async (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(socketPath);
    const settle = (there: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(there);
    };
    const timer = setTimeout(settle, PING_TIMEOUT_MS, true);
    socket.on('connect', () => {
      socket.write(encodeLine({ jsonrpc: '2.0', id: 0, method: 'ping' }));
    });
    socket.on('data', () => settle(true));
    socket.on('error', () => settle(false));
    socket.on('close', () => settle(false));
  });

/**
 * Found by the name of this package, because this file is also part of the
 * CLI's single file, which lies elsewhere.
 */
const findEntry = (): string => {
  const here = import.meta.resolve('@ocap/nodejs/client');
  const built = fileURLToPath(new URL('../../dist/daemon.mjs', here));
  return existsSync(built)
    ? built
    : fileURLToPath(new URL('../daemon/main.ts', here));
};

type SpawnOptions = Readonly<{
  paths: HomePaths;
  logLevel: string | undefined;
  entry: string;
  end: number;
}>;

/** What the new process says, or `undefined` if it says nothing in time. */
const spawnDaemon = async ({
  paths,
  logLevel,
  entry,
  end,
}: SpawnOptions): Promise<Readiness | undefined> => {
  preparePrivateFolder(paths.home);
  const level = logLevel === undefined ? [] : ['--log-level', logLevel];
  const args = [entry, '--home', paths.home, '--ready-fd', '3', ...level];
  // What Node itself has to say (out of memory, a syntax error) belongs in the log.
  const log = openSync(paths.logPath, 'a', 0o600);
  try {
    const child = spawn(process.execPath, args, {
      cwd: paths.home,
      detached: true,
      env: { ...compileCacheOf(entry), ...process.env },
      stdio: ['ignore', log, log, 'pipe'],
    });
    child.unref();
    return await readReadiness(child.stdio[3] as Readable, end);
  } finally {
    closeSync(log);
  }
};

/**
 * The built daemon is one large file; kept compiled, beside it and not in a
 * folder that others can write to, it starts in less time.
 */
const compileCacheOf = (entry: string): Record<string, string> =>
  entry.endsWith('/dist/daemon.mjs')
    ? { NODE_COMPILE_CACHE: join(dirname(entry), 'compile-cache') }
    : {};

const readReadiness = async (
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
