/** Child processes that are compared with ours: how they are started, heard and ended. */
import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { untilGone } from './processes.ts';
import type { Close, Workspace } from './workspace.ts';

export type Forked = Readonly<{ child: ChildProcess; close: Close }>;

export const forkOwned = (
  workspace: Workspace,
  entry: URL,
  args: string[] = [],
  options: ForkOptions = {},
): Forked => {
  const child = fork(entry, args, { ...options, detached: true });
  const close = workspace.own(async () => {
    child.kill('SIGKILL');
    await untilGone([child.pid ?? 0]);
  });
  return { child, close };
};

/** @throws if it ends instead */
export const nextMessage = async (child: ChildProcess): Promise<unknown> => {
  const listening = new AbortController();
  const { signal } = listening;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw Error(`the process of ${child.spawnargs[1]} has ended`);
  });
  try {
    const [message] = (await Promise.race([
      once(child, 'message', { signal }),
      ended,
    ])) as unknown[];
    return message;
  } finally {
    listening.abort();
    ended.catch(() => undefined);
  }
};
