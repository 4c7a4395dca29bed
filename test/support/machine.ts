/**
 * A home that talks to others, as if it were a machine of its own: a daemon that
 * listens on loopback or in a network of its own, and maybe a relay. Both are killed and the home is
 * removed when the test is over, however it went.
 */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { vatSource } from '../../packages/nodejs/src/testing/vat-source.ts';
import { openHome, type Home } from './home.ts';
import { gone, isAlive, sendSignal } from './processes.ts';

export type RemoteComms = Readonly<{
  peerId: string;
  addresses: readonly string[];
  peers: readonly Readonly<{
    peerId: string;
    state: string;
    relayed?: boolean;
    problem?: string;
    queued: number;
    inbox: number;
    seenAt: number;
  }>[];
}>;

export type Shared = Readonly<{
  id: string;
  url: string;
  addresses: readonly string[];
}>;

export type Machine = Home &
  Readonly<{
    peerId(): Promise<string>;
    /** Is reachable at a free port, from now on; resolves to `<host>:<port>`. */
    listen(): Promise<string>;
    /** Launches a vat that is written in place: see vat-source.ts. */
    launch(name: string, body: string): Promise<void>;
    share(name: string, ...options: string[]): Promise<Shared>;
    /** What `ocap redeem` prints. */
    redeem(url: string, as: string): Promise<Record<string, unknown>>;
    comms(): Promise<RemoteComms | undefined>;
    /** Starts the relay of this home, at the same ports each time; resolves to its addresses. */
    startRelay(): Promise<readonly string[]>;
    killRelay(): Promise<void>;
  }>;

/** Where a machine is: the address at which it listens, and how one gets there. */
export type Place = Readonly<{ host: string; within: readonly string[] }>;

const loopback: Place = { host: '127.0.0.1', within: [] };

export const openMachine = async (
  limits?: Readonly<Record<string, number>>,
  { host, within }: Place = loopback,
): Promise<Machine> => {
  const home = await openHome({ within });
  const relayPorts = { tcp: await freePort(), ws: await freePort() };
  const killRelay = async (): Promise<void> => {
    const pid = relayPidOf(home);
    if (pid !== undefined) {
      sendSignal(pid, 'SIGKILL');
      await gone(pid);
    }
  };
  onTestFinished(async () => {
    await killRelay();
    await home.close();
  });
  if (limits !== undefined) {
    const config = JSON.stringify({ limits });
    await writeFile(join(home.dir, 'config.json'), config);
  }
  const json = async <Result>(words: readonly string[]): Promise<Result> =>
    (await home.json(words)) as Result;

  return {
    ...home,
    peerId: async () =>
      (await json<{ peerId: string }>(['daemon', 'identity'])).peerId,
    listen: async () => {
      const where = `${host}:${await freePort()}`;
      await home.json(['daemon', 'start', '--listen', where]);
      return where;
    },
    launch: async (name, body) => {
      const vats = { [name]: { bundleSpec: vatSource(body) } };
      const config = { bootstrap: name, vats };
      const words = ['daemon', 'exec', 'launchSubcluster'];
      const { rootKref } = await json<{ rootKref: string }>([
        ...words,
        JSON.stringify({ config }),
      ]);
      await home.json(['names', 'set', name, rootKref]);
    },
    share: async (name, ...options) => json(['share', name, ...options]),
    redeem: async (url, as) => json(['redeem', url, '--as', as]),
    comms: async () =>
      (await json<{ remoteComms?: RemoteComms }>(['daemon', 'status']))
        .remoteComms,
    startRelay: async () => {
      const { addresses } = await json<{ addresses: readonly string[] }>([
        ...['relay', 'start', '--host', host],
        ...['--tcp-port', String(relayPorts.tcp)],
        ...['--ws-port', String(relayPorts.ws)],
      ]);
      return addresses;
    },
    killRelay,
  };
};

const relayPidOf = ({ dir }: Home): number | undefined => {
  const path = join(dir, 'relay', 'relay.pid');
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  return pid > 0 && isAlive(pid) ? pid : undefined;
};

/** Below those that the operating system hands out, so that it stays free while its owner is dead. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) {
      server.close();
      await once(server, 'close');
      return port;
    }
  }
};
