/** What one more vat adds to the memory of all vat hosts, by placement; what a thousand take, and none. */
import type { VatConfig } from '@ocap/kernel';
import { counters } from '../tools/counters.ts';
import { withDaemon, type Daemon } from '../tools/daemon.ts';
import { openBareLiveslots } from '../tools/floor-process.ts';
import { openIdleNode } from '../tools/idle-node.ts';
import { interleave } from '../tools/interleave.ts';
import { memoryOf } from '../tools/processes.ts';
import type { Bench, Goal, Measured, Row } from '../tools/row.ts';
import type { Workspace } from '../tools/workspace.ts';

type Placement = NonNullable<VatConfig['placement']>;

type Sample = Readonly<{
  placement: Placement;
  floor: string;
  goal: Goal;
  /** How many more vats. */
  vats: number;
  floorMiB(workspace: Workspace, vats: number): Promise<number>;
}>;

/** In MiB, of every host there is, the spare one included. */
const memoryOfHosts = async (daemon: Daemon): Promise<number> => {
  await daemon.settle();
  const { hosts } = await daemon.getStatus();
  return hosts.reduce((sum, { pid }) => sum + memoryOf(pid), 0);
};

/** With `vats` more of them, divided by that. Each time in fresh hosts. */
const memoryOfOneMore = async (
  daemon: Daemon,
  workspace: Workspace,
  { placement, vats }: Sample,
): Promise<number> => {
  const memoryWith = async (count: number): Promise<number> => {
    await daemon.launch(await counters(workspace, count, placement));
    const memory = await memoryOfHosts(daemon);
    await daemon.call('terminateAllVats');
    return memory;
  };
  return ((await memoryWith(1 + vats)) - (await memoryWith(1))) / vats;
};

const bareVatMiB = async (
  workspace: Workspace,
  vats: number,
): Promise<number> => {
  const bare = await openBareLiveslots(workspace);
  try {
    await bare.time('keep', 1);
    const before = memoryOf(bare.pid);
    await bare.time('keep', vats);
    return (memoryOf(bare.pid) - before) / vats;
  } finally {
    await bare.close();
  }
};

const idleNodeMiB = async (workspace: Workspace): Promise<number> => {
  const idle = await openIdleNode(workspace);
  const memory = memoryOf(idle.pid);
  await idle.close();
  return memory;
};

const measure = async (
  { workspace, amount }: Bench,
  sample: Sample,
): Promise<Measured> =>
  withDaemon(workspace, async (daemon) =>
    interleave({
      rounds: amount(2, 5),
      warmUps: 0,
      ours: async () => memoryOfOneMore(daemon, workspace, sample),
      floor: async () => sample.floorMiB(workspace, sample.vats),
    }),
  );

const bareVat = {
  floor: 'one more vat in bare liveslots',
  floorMiB: bareVatMiB,
};

const samples: readonly Sample[] = [
  {
    placement: 'own',
    vats: 4,
    floor: 'an idle Node process',
    floorMiB: idleNodeMiB,
    goal: { kind: 'target', of: 'ours', atMost: 60 },
  },
  {
    placement: 'subcluster',
    vats: 40,
    ...bareVat,
    goal: { kind: 'aim', of: 'ours', atMost: 1 },
  },
  {
    placement: 'shared',
    vats: 40,
    ...bareVat,
    goal: { kind: 'target', of: 'ours', atMost: 0.5 },
  },
];

const oneMore: readonly Row[] = samples.map((sample) => ({
  id: `memory-${sample.placement}`,
  title: `memory of one more vat, placement ${sample.placement}`,
  floor: sample.floor,
  unit: 'MiB',
  goal: sample.goal,
  measure: async (bench: Bench) => measure(bench, sample),
}));

const THOUSAND = 1000;

/** All hosts of so many small vats, without the spare one. */
const thousandMiB = async (workspace: Workspace): Promise<number> =>
  withDaemon(workspace, async (daemon) => {
    await daemon.launch(await counters(workspace, THOUSAND, 'shared'));
    await daemon.settle();
    const { hosts, vats } = await daemon.getStatus();
    const awake = vats.filter(({ host }) => host !== undefined).length;
    if (awake !== THOUSAND) throw Error(`only ${awake} vats are awake`);
    return hosts
      .filter(({ spare }) => !spare)
      .reduce((sum, { pid }) => sum + memoryOf(pid), 0);
  });

const thousandBareMiB = async (workspace: Workspace): Promise<number> => {
  const bare = await openBareLiveslots(workspace);
  try {
    await bare.time('keep', THOUSAND);
    return memoryOf(bare.pid);
  } finally {
    await bare.close();
  }
};

/** The daemon and its spare host, with nothing to do. */
const idleMiB = async (workspace: Workspace): Promise<number> =>
  withDaemon(workspace, async (daemon) => {
    const hosts = await memoryOfHosts(daemon);
    return daemon.memoryMiB() + hosts;
  });

export const memoryRows: readonly Row[] = [
  ...oneMore,
  {
    id: 'memory-thousand',
    title: 'memory of all hosts of 1,000 vats, placement shared',
    floor: 'as many in bare liveslots',
    unit: 'MiB',
    // 250 MB
    goal: { kind: 'target', of: 'ours', atMost: 238 },
    measure: async ({ workspace, amount }) =>
      interleave({
        rounds: amount(1, 3),
        warmUps: 0,
        ours: async () => thousandMiB(workspace),
        floor: async () => thousandBareMiB(workspace),
      }),
  },
  {
    id: 'memory-idle',
    title: 'memory of a daemon that has nothing to do, and its spare host',
    floor: 'two idle Node processes',
    unit: 'MiB',
    goal: { kind: 'target', of: 'ours', atMost: 100 },
    measure: async ({ workspace, amount }) =>
      interleave({
        rounds: amount(2, 5),
        warmUps: 0,
        ours: async () => idleMiB(workspace),
        floor: async () =>
          (await idleNodeMiB(workspace)) + (await idleNodeMiB(workspace)),
      }),
  },
];
