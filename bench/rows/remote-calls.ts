/** A vat of one daemon calls a vat of another, over loopback. Both sides have each call on disk. */
import { counters } from '../tools/counters.ts';
import { makeDaemon, type Daemon } from '../tools/daemon.ts';
import { openBareLiveslots, openLibp2pEcho } from '../tools/floor-process.ts';
import type { OpenFloor } from '../tools/floor.ts';
import { interleave } from '../tools/interleave.ts';
import type { Bench, Measured, Row } from '../tools/row.ts';
import type { Workspace } from '../tools/workspace.ts';

type Run = (calls: number, inFlight: number) => Promise<number>;

const listen = ['/ip4/127.0.0.1/tcp/0'];

/** Returns what makes so many calls, and answers how many there were a second. */
const introduce = async (
  workspace: Workspace,
  caller: Daemon,
  callee: Daemon,
): Promise<Run> => {
  for (const daemon of [caller, callee]) {
    await daemon.start();
    await daemon.call('initRemoteComms', { listen });
  }
  const counter = await callee.launch(await counters(workspace, 1));
  const issued = await callee.call('issueOcapURL', { kref: counter.rootKref });
  const { url } = issued as { url: string };
  const known = (await caller.call('redeemOcapURL', { url })) as string;
  const { rootKref } = await caller.launch({
    bootstrap: 'caller',
    vats: { caller: { bundleSpec: await workspace.bundle('remote-caller') } },
  });
  await caller.call('queueMessage', [rootKref, 'use', [{ '@ref': known }]]);
  await Promise.all([caller.settle(), callee.settle()]);
  return async (calls, inFlight) => {
    const begun = performance.now();
    await caller.call('queueMessage', [rootKref, 'run', [calls, inFlight]]);
    return (calls / (performance.now() - begun)) * 1000;
  };
};

type Amounts = Readonly<{ rounds: number; calls: number; inFlight: number }>;
type Calls = [calls: number, inFlight: number];

/** What the wire allows: strings that come back, and nobody who does anything with them. */
const rawEcho: OpenFloor<Calls> = async (workspace) => {
  const { client, close } = await openLibp2pEcho(workspace);
  return {
    perSecond: async (calls, inFlight) =>
      (calls / (await client.exchange(calls, inFlight))) * 1000,
    close,
  };
};

/** What the vats themselves take: both in one process, without kernels, disks and wire. */
const barePair: OpenFloor<Calls> = async (workspace) => {
  const { time, close } = await openBareLiveslots(workspace);
  return {
    perSecond: async (calls) => (calls / (await time('flood', calls))) * 1000,
    close,
  };
};

const measure = async (
  { workspace }: Bench,
  openFloor: OpenFloor<Calls>,
  { rounds, calls, inFlight }: Amounts,
): Promise<Measured> => {
  const daemons = [makeDaemon(workspace), makeDaemon(workspace)] as const;
  const floor = await openFloor(workspace);
  try {
    const run = await introduce(workspace, ...daemons);
    return await interleave({
      rounds,
      ours: async () => run(calls, inFlight),
      floor: async () => floor.perSecond(calls, inFlight),
    });
  } finally {
    await floor.close();
    for (const daemon of daemons) await daemon.close();
  }
};

const hundred = (bench: Bench): Amounts => ({
  rounds: bench.amount(4, 15),
  calls: bench.amount(2000, 10_000),
  inFlight: 100,
});

const common = {
  floor: 'raw libp2p echo, same kind of connection',
  unit: '/s',
} as const;

export const remoteRows: readonly Row[] = [
  {
    ...common,
    id: 'remote',
    title: 'round trips between vats of two daemons',
    measure: async (bench) =>
      measure(bench, rawEcho, {
        rounds: bench.amount(4, 15),
        calls: bench.amount(100, 500),
        inFlight: 1,
      }),
  },
  {
    ...common,
    id: 'remote-100',
    title: 'the same, 100 in flight',
    goal: { kind: 'target', of: 'ratio', atLeast: 0.5 },
    measure: async (bench) => measure(bench, rawEcho, hundred(bench)),
  },
  {
    ...common,
    id: 'remote-100-bare',
    title: 'the same, beside what the vats take',
    floor: 'the same between two vats in bare liveslots',
    measure: async (bench) => measure(bench, barePair, hundred(bench)),
  },
];
