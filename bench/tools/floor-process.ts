/** The child processes that are floors: a bare echo, one over libp2p, and bare liveslots. */
import { readFile } from 'node:fs/promises';
import { makeClient, type Client } from '@ocap/nodejs/client';
import {
  openEchoClient,
  type EchoClient,
} from '../../packages/nodejs/src/testing/libp2p-echo.ts';
import type { Answer, Request } from '../floors/bare-liveslots.ts';
import { forkOwned, nextMessage } from './forked.ts';
import type { Close, Workspace } from './workspace.ts';

const echoEntry = new URL('../floors/echo.ts', import.meta.url);
const libp2pEntry = new URL('../floors/libp2p-echo.ts', import.meta.url);
const bareEntry = new URL('../floors/bare-liveslots.ts', import.meta.url);

export type Echo = Readonly<{ pid: number; client: Client; close: Close }>;

/** The same client as for a daemon, connected to a bare echo. */
export const openEcho = async (workspace: Workspace): Promise<Echo> => {
  const socketPath = workspace.newPath();
  const { child, close } = forkOwned(workspace, echoEntry, [socketPath]);
  await nextMessage(child);
  const client = makeClient({ socketPath });
  return {
    pid: child.pid ?? 0,
    client,
    close: async () => {
      client.close();
      await close();
    },
  };
};

export type Libp2pEcho = Readonly<{ client: EchoClient; close: Close }>;

export const openLibp2pEcho = async (
  workspace: Workspace,
): Promise<Libp2pEcho> => {
  const { child, close } = forkOwned(workspace, libp2pEntry);
  const address = (await nextMessage(child)) as string;
  const client = await openEchoClient(address);
  return {
    client,
    close: async () => {
      await client.close();
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
  const { child, close } = forkOwned(workspace, bareEntry);
  const ask = async (request: Request): Promise<number> => {
    child.send(request);
    const answer = (await nextMessage(child)) as Answer;
    if ('problem' in answer) throw Error(answer.problem);
    return answer.ms;
  };
  await ask({
    do: 'load',
    codes: {
      caller: await codeOf(workspace, 'caller'),
      counter: await codeOf(workspace, 'counter'),
      map: await codeOf(workspace, 'map'),
    },
  });
  return {
    pid: child.pid ?? 0,
    time: async (work, times) => ask({ do: work, times }),
    close,
  };
};

const codeOf = async (workspace: Workspace, name: string): Promise<string> => {
  const bundle = new URL(await workspace.bundle(name));
  return (JSON.parse(await readFile(bundle, 'utf8')) as { code: string }).code;
};
