/**
 * The subcluster of one console session: launched with a terminal of its own,
 * granted what it may reach, and ended with the session. One that outlived its
 * session (a CLI that was killed) is ended by the next.
 */
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelStatus, LaunchResult } from '@ocap/kernel';
import { CliError } from '../cli-error.ts';
import type { Context } from '../context.ts';

export type ConsoleSubcluster = Readonly<{
  socketPath: string;
  grant(name: string): Promise<void>;
  end(): Promise<void>;
}>;

const socketName = /^repl-(\d+)\.sock$/u;

export const launchConsole = async (
  context: Context,
): Promise<ConsoleSubcluster> => {
  await endLeftovers(context);
  const socket = `repl-${process.pid}.sock`;
  const { subclusterId, rootKref } = (await context.call('launchSubcluster', {
    config: {
      bootstrap: 'console',
      vats: {
        console: {
          bundleSpec: `file://${bundlePath()}`,
          globals: [...consoleGlobals],
        },
      },
      io: { terminal: { type: 'socket', path: socket } },
    },
  })) as LaunchResult;
  return {
    socketPath: join(context.home, socket),
    grant: async (name) => {
      await context.call('queueMessage', [
        rootKref,
        'grant',
        [name, { '@ref': name }],
      ]);
    },
    end: async () => {
      await context.callIfRunning('terminateSubcluster', { id: subclusterId });
    },
  };
};

/** What is convenient at a prompt and reaches nothing. */
const consoleGlobals = [
  'Date',
  'Math',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
] as const;

const bundlePath = (): string => {
  for (const place of ['./console.bundle', '../../dist/console.bundle']) {
    const path = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(path)) {
      return path;
    }
  }
  throw new CliError('NOT_BUILT', { file: 'console.bundle' });
};

const endLeftovers = async (context: Context): Promise<void> => {
  const { subclusters } = (await context.call('getStatus', [])) as KernelStatus;
  for (const { id, config } of subclusters) {
    const terminal = config.io?.['terminal'];
    const path = terminal?.type === 'socket' ? terminal.path : '';
    const [, pid] = socketName.exec(path) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) {
      await context.call('terminateSubcluster', { id });
    }
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's is alive as well.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
