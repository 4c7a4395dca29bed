/** The processes of the peers, see `peers/`: each hears by IPC what to do and answers with a rate. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Floor } from './floor.ts';
import { forkOwned, nextMessage, type Forked } from './forked.ts';
import { peerFolder, type PeerId } from './peers.ts';
import type { Workspace } from './workspace.ts';

type Answer = Readonly<{ perSecond: number } | { problem: string }>;

/** A SwingSet with a caller and a counter, in a process of its own. */
export const openSwingset = async (
  workspace: Workspace,
  cranksPerCommit: number,
): Promise<Floor<[work: 'calls' | 'pingPong' | 'flood', times: number]>> => {
  const bundles = join(workspace.folder, 'swingset-bundles.json');
  const args = [workspace.newPath(), String(cranksPerCommit), bundles];
  const { child, close } = await start(workspace, 'swingset', 'main.js', args);
  return {
    perSecond: async (work, times) => ask(child, { work, times }),
    close,
  };
};

/** A server and a client, each in a process of its own, with a Unix socket in between. */
export const openRpcPeer = async (
  workspace: Workspace,
  id: 'captp' | 'capnweb',
): Promise<Floor<[calls: number, inFlight: number]>> => {
  const args = [workspace.newPath()];
  const server = await start(workspace, id, 'server.js', args);
  const client = await start(workspace, id, 'client.js', args);
  return {
    perSecond: async (calls, inFlight) =>
      ask(client.child, { calls, inFlight }),
    close: async () => {
      await client.close();
      await server.close();
    },
  };
};

/** Returns when it says that it is ready. */
const start = async (
  workspace: Workspace,
  id: PeerId,
  program: string,
  args: string[],
): Promise<Forked> => {
  const entry = pathToFileURL(join(peerFolder(id), program));
  const forked = forkOwned(workspace, entry, args, {
    // What a peer has to tell is no part of the table.
    stdio: ['ignore', 2, 2, 'ipc'],
    // Else SES lists what it finds unusual in this version of Node.
    env: { ...process.env, LOCKDOWN_REPORTING: 'none' },
  });
  await nextMessage(forked.child);
  return forked;
};

const ask = async (
  child: Forked['child'],
  request: Readonly<Record<string, string | number>>,
): Promise<number> => {
  child.send(request);
  const answer = (await nextMessage(child)) as Answer;
  if ('problem' in answer) throw Error(answer.problem);
  return answer.perSecond;
};
