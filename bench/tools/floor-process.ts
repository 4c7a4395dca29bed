/** The child processes that are floors: a bare echo, and bare liveslots. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { makeClient, type Client } from '@ocap/nodejs/client';
import type { Answer, Request } from '../floors/bare-liveslots.ts';
import { untilGone } from './processes.ts';
import type { Close, Workspace } from './workspace.ts';

const echoEntry = new URL('../floors/echo.ts', import.meta.url);
const bareEntry = new URL('../floors/bare-liveslots.ts', import.meta.url);

export type Echo = Readonly<{ client: Client; close: Close }>;

/** The same client as for a daemon, connected to a bare echo. */
export const openEcho = async (workspace: Workspace): Promise<Echo> => {
  const socketPath = workspace.newPath();
  const { child, close } = forkOwned(workspace, echoEntry, [socketPath]);
  await nextMessage(child);
  const client = makeClient({ socketPath });
  return {
    client,
    close: async () => {
      client.close();
      await close();
    },
  };
};

type Work = Exclude<Request['do'], 'load'>;

export type BareLiveslots = Readonly<{
  pid: number;
  /** Does it so many times; answers how many ms that took. */
  time(work: Work, times: number): Promise<number>;
  close: Close;
}>;

export const openBareLiveslots = async (
  workspace: Workspace,
): Promise<BareLiveslots> => {
  const { child, close } = forkOwned(workspace, bareEntry, []);
  const ask = async (request: Request): Promise<number> => {
    child.send(request);
    const answer = (await nextMessage(child)) as Answer;
    if ('problem' in answer) throw Error(answer.problem);
    return answer.ms;
  };
  await ask({
    do: 'load',
    caller: await codeOf(workspace, 'caller'),
    counter: await codeOf(workspace, 'counter'),
  });
  return {
    pid: child.pid ?? 0,
    time: async (work, times) => ask({ do: work, times }),
    close,
  };
};

/** @throws if it ends instead */
const nextMessage = async (child: ChildProcess): Promise<unknown> => {
  const listening = new AbortController();
  const { signal } = listening;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw Error('the process of a floor has ended');
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

const codeOf = async (workspace: Workspace, name: string): Promise<string> => {
  const bundle = new URL(await workspace.bundle(name));
  return (JSON.parse(await readFile(bundle, 'utf8')) as { code: string }).code;
};

const forkOwned = (
  workspace: Workspace,
  entry: URL,
  args: string[],
): Readonly<{ child: ChildProcess; close: Close }> => {
  const child = fork(entry, args, { detached: true });
  const close = workspace.own(async () => {
    child.kill('SIGKILL');
    await untilGone([child.pid ?? 0]);
  });
  return { child, close };
};
