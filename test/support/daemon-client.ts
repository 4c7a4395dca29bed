/** A program's way to the daemon of a home: the client that the CLI uses, and decoded values. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureDaemon, makeClient } from '@ocap/nodejs/client';
import {
  decodedToJson,
  decodeSmallcaps,
  type CapData,
  type Json,
} from '@ocap/kernel-utils';
import { repositoryRoot, type Home } from './home.ts';

/** The built daemon, where the client would find it, too, outside of vitest. */
export const daemonEntry = join(
  repositoryRoot,
  'packages/nodejs/dist/daemon.mjs',
);
// For a machine that is busy with other things; nothing is measured here.
const PATIENCE_MS = 60_000;

/** Starts the daemon of this home unless it runs; answers its pid. */
export const startDaemonOf = async (
  home: Home,
  options: Readonly<{ logLevel?: string }> = {},
): Promise<number> => {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const { pid } = await ensureDaemon({
      home: home.dir,
      entry: daemonEntry,
      timeoutMs: PATIENCE_MS,
      ...options,
    });
    if (pid !== undefined) return pid;
    // One that was just killed: it runs no more, and its socket closes soon.
    await delay(5);
  }
  throw new Error('The daemon has no pid file.');
};

export type DaemonClient = Readonly<{
  rpc(method: string, params?: Json): Promise<unknown>;
  /** `queueMessage`, as it is answered. */
  send(
    target: string,
    method: string,
    args: readonly Json[],
    requestId?: string,
  ): Promise<CapData>;
  /** The same with the answer decoded. */
  call(target: string, method: string, ...args: Json[]): Promise<unknown>;
  close(): void;
}>;

/** A connection of its own. It keeps no program running; close it all the same. */
export const openClient = (home: Home): DaemonClient => {
  const client = makeClient({
    socketPath: home.socketPath,
    timeoutMs: PATIENCE_MS,
  });
  const send: DaemonClient['send'] = async (
    target,
    method,
    args,
    requestId,
  ) => {
    const options = requestId === undefined ? [] : [{ requestId }];
    const params = [target, method, args, ...options];
    return (await client.call('queueMessage', params)) as CapData;
  };
  return {
    rpc: async (method, params) => client.call(method, params),
    send,
    call: async (target, method, ...args) =>
      decodedToJson(decodeSmallcaps(await send(target, method, args))),
    close: client.close,
  };
};

/** Gives `use` a client of a running daemon and closes it, also when `use` throws. */
export const withClient = async <Result>(
  home: Home,
  use: (client: DaemonClient) => Promise<Result>,
): Promise<Result> => {
  await startDaemonOf(home);
  const client = openClient(home);
  try {
    return await use(client);
  } finally {
    client.close();
  }
};
