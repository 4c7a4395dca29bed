/**
 * The message patterns of the kernel's own suite between two daemons with
 * sockets of their own: directly, and with nothing in common but a relay.
 */
import { describe, expect, it } from 'vitest';
import type { Json } from '@ocap/kernel-utils';
import {
  cyclicPatterns,
  methodsOf,
  promisePatterns,
} from '../../packages/nodejs/src/testing/promise-patterns.ts';
import {
  launchTriosAcross,
  type Trio,
  type TrioHome,
} from '../../packages/nodejs/src/testing/three-vats.ts';
import { openClient, type DaemonClient } from '../support/daemon-client.ts';
import { openMachine, type Machine } from '../support/machine.ts';

const direct = async (): Promise<readonly Machine[]> => {
  const machines = [await openMachine(), await openMachine()];
  for (const machine of machines) await machine.listen();
  return machines;
};

const relayed = async (): Promise<readonly Machine[]> => {
  const [relay = ''] = await (await openMachine()).startRelay();
  const machines = [await openMachine(), await openMachine()];
  for (const machine of machines) {
    await machine.json(['daemon', 'start', '--relay', relay]);
  }
  return machines;
};

type Launched = Awaited<ReturnType<TrioHome['launchSubcluster']>>;
type Daemon = TrioHome & Readonly<{ client: DaemonClient }>;

const openDaemon = (machine: Machine): Daemon => {
  const client = openClient(machine);
  return {
    client,
    launchSubcluster: async (config) =>
      (await client.rpc('launchSubcluster', {
        config: config as unknown as Json,
      })) as Launched,
    call: async (target, method, ...args) =>
      client.call(target, method, ...args),
  };
};

const share = async (
  from: Daemon,
  kref: string,
  to: Daemon,
): Promise<string> => {
  const issued = await from.client.rpc('issueOcapURL', { kref });
  const { url } = issued as { url: string };
  return (await to.client.rpc('redeemOcapURL', { url })) as string;
};

/** Rows of what only passes through. */
const waiting = async ({ client }: Daemon): Promise<unknown> =>
  client.rpc('executeDBQuery', {
    sql: `SELECT (SELECT count(*) FROM promises) + (SELECT count(*) FROM inbox)
               + (SELECT count(*) FROM promise_queue) + (SELECT count(*) FROM remote_outbox)
               + (SELECT count(*) FROM stale_names) AS rows`,
  });

const play = async (
  daemons: readonly Daemon[],
  patterns: typeof promisePatterns,
  leavesNothing: boolean,
): Promise<void> => {
  const [near, far] = daemons as [Daemon, Daemon];
  const trios = await launchTriosAcross(
    { a: near, b: far, c: far },
    share,
    methodsOf(patterns),
  );
  for (const [index, [title, , expected]] of patterns.entries()) {
    const trio = trios[index] as Trio;
    const found = await near.call(trio.a.root, 'run');
    expect(found, title).toStrictEqual(expected);
    await far.call(trio.b.root, 'forget');
    await far.call(trio.c.root, 'forget');
    if (leavesNothing) {
      await expect
        .poll(async () => Promise.all(daemons.map(waiting)), {
          timeout: 20_000,
          message: title,
        })
        .toStrictEqual([[{ rows: 0 }], [{ rows: 0 }]]);
    }
  }
  for (const { client } of daemons) {
    await client.rpc('terminateAllVats', []);
    const audit = await client.rpc('audit');
    expect(audit).toStrictEqual({ ok: true, problems: [] });
  }
};

describe.each([
  ['directly', direct],
  ['through a relay', relayed],
])('messages between two daemons, %s', (_, open) => {
  it('follow every pattern', async () => {
    const daemons = (await open()).map(openDaemon);
    try {
      await play(daemons, promisePatterns, true);
      await play(daemons, cyclicPatterns, false);
    } finally {
      for (const { client } of daemons) client.close();
    }
  }, 240_000);
});
