/** A relay with a home of its own, as `ocap relay start --foreground` runs it, that can be killed and comes back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askRelay, attachRelay, type RelaySettings } from '@ocap/nodejs/client';
import { gone, sendSignal } from '../../support/processes.ts';

export type ScoreRelay = Readonly<{
  /** Where it listens; the same after each start. */
  port: number;
  peerId: string;
  pid(): number;
  start(): Promise<void>;
  /** SIGKILL; returns when it is gone. */
  kill(): Promise<void>;
  status(): ReturnType<typeof askRelay>;
  close(): Promise<void>;
}>;

/** Started. `announced`: the port by which others are to know it. */
export const openScoreRelay = async (
  announced: number,
  limits: NonNullable<RelaySettings['limits']>,
): Promise<ScoreRelay> => {
  const home = await mkdtemp(join(tmpdir(), 'relay-'));
  const port = await freePort();
  let pid = 0;

  const start = async (): Promise<void> => {
    ({ pid } = await attachRelay({
      home,
      settings: {
        host: '127.0.0.1',
        tcpPort: port,
        wsPort: 0,
        announce: [`/ip4/127.0.0.1/tcp/${announced}`],
        limits,
      },
    }));
  };
  const kill = async (): Promise<void> => {
    if (sendSignal(pid, 'SIGKILL')) await gone(pid);
  };
  // One that stands still would not notice that we are gone.
  const killAtExit = (): void => void sendSignal(pid, 'SIGKILL');

  process.once('exit', killAtExit);
  await start();
  const status = await askRelay({ home });
  return {
    port,
    peerId: status?.peerId ?? '',
    pid: () => pid,
    start,
    kill,
    status: async () => askRelay({ home }),
    close: async () => {
      await kill();
      process.removeListener('exit', killAtExit);
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
