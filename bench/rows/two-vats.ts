/** Two vats of one subcluster that talk to each other: in turns, and all at once; in one process or in two. */
import type { ClusterConfig, VatConfig } from '@ocap/kernel';
import { withDaemon } from '../tools/daemon.ts';
import { openBareLiveslots } from '../tools/floor-process.ts';
import type { OpenFloor } from '../tools/floor.ts';
import { interleave } from '../tools/interleave.ts';
import type { Bench, Measured, Row } from '../tools/row.ts';
import type { Workspace } from '../tools/workspace.ts';

type Work = [method: 'pingPong' | 'flood', times: number];

type Placement = NonNullable<VatConfig['placement']>;

type Plan = Readonly<{
  method: 'pingPong' | 'flood';
  times: number;
  rounds: number;
  /** Whose bootstrap vat has the method: a caller and a counter, in one host, unless told. */
  configOf?: (workspace: Workspace) => Promise<ClusterConfig>;
}>;

/** A caller and a counter. `subcluster` is one host for both, `own` is a host for each. */
export const inHosts =
  (placement: Placement) =>
  async (workspace: Workspace): Promise<ClusterConfig> => ({
    bootstrap: 'caller',
    vats: {
      caller: { bundleSpec: await workspace.bundle('caller'), placement },
      counter: { bundleSpec: await workspace.bundle('counter'), placement },
    },
  });

/** Two vats, and the same between two of what `openFloor` opens. */
export const measureTwoVats = async (
  { workspace }: Bench,
  openFloor: OpenFloor<Work>,
  { method, times, rounds, configOf = inHosts('subcluster') }: Plan,
): Promise<Measured> =>
  withDaemon(workspace, async (daemon) => {
    const { rootKref } = await daemon.launch(await configOf(workspace));
    await daemon.settle();
    const floor = await openFloor(workspace);
    const run = async (): Promise<number> => {
      const begun = performance.now();
      await daemon.call('queueMessage', [rootKref, method, [times]]);
      return (times / (performance.now() - begun)) * 1000;
    };
    try {
      return await interleave({
        rounds,
        ours: run,
        floor: async () => floor.perSecond(method, times),
      });
    } finally {
      await floor.close();
    }
  });

export const barePair: OpenFloor<Work> = async (workspace) => {
  const { time, close } = await openBareLiveslots(workspace);
  return {
    perSecond: async (method, times) =>
      (times / (await time(method, times))) * 1000,
    close,
  };
};

const common = {
  floor: 'the same between two vats in bare liveslots',
  unit: '/s',
} as const;

const rowsOf = (
  placement: Placement,
  suffix: string,
  where: string,
): readonly Row[] => [
  {
    ...common,
    id: `ping-pong${suffix}`,
    title: `round trips between two vats${where}`,
    measure: async (bench) =>
      measureTwoVats(bench, barePair, {
        configOf: inHosts(placement),
        method: 'pingPong',
        times: bench.amount(300, 1000),
        rounds: bench.amount(4, 15),
      }),
  },
  {
    ...common,
    id: `flood${suffix}`,
    title: `calls between two vats${where}, 2,000 sent at once`,
    measure: async (bench) =>
      measureTwoVats(bench, barePair, {
        configOf: inHosts(placement),
        method: 'flood',
        times: 2000,
        rounds: bench.amount(3, 10),
      }),
  },
];

export const twoVatsRows: readonly Row[] = [
  ...rowsOf('subcluster', '', ' in one host'),
  ...rowsOf('own', '-apart', ' in two hosts'),
];
