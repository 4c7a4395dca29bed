/**
 * What the way of a call takes of the processor, of daemon and hosts together.
 * The client is left out. It hardly depends on what else the machine does, so a
 * change of a few per cent shows here and not in the rates.
 */
import { counters } from '../tools/counters.ts';
import { withDaemon, type Daemon } from '../tools/daemon.ts';
import { openBareLiveslots, openEcho } from '../tools/floor-process.ts';
import { interleave } from '../tools/interleave.ts';
import { processorMicros } from '../tools/processor-micros.ts';
import { processorMsOf } from '../tools/processes.ts';
import { rate } from '../tools/rate.ts';
import type { Bench, Row } from '../tools/row.ts';
import type { Workspace } from '../tools/workspace.ts';
import { inHosts } from './two-vats.ts';

/** Makes so many calls. */
type Work = (calls: number) => Promise<unknown>;

type OpenWork = (daemon: Daemon, workspace: Workspace) => Promise<Work>;

/** A process that does the work of the floor. */
type FloorWork = Readonly<{ pid: number; work: Work; close(): Promise<void> }>;

type Case = Readonly<{
  id: string;
  title: string;
  floor: string;
  calls: readonly [quick: number, full: number];
  open: OpenWork;
  openFloor(workspace: Workspace): Promise<FloorWork>;
}>;

const durable =
  (inFlight: number): OpenWork =>
  async (daemon, workspace) => {
    const { rootKref } = await daemon.launch(await counters(workspace, 1));
    const increment = async (): Promise<unknown> =>
      daemon.call('queueMessage', [rootKref, 'increment', []]);
    return async (calls) => rate(calls, inFlight, increment);
  };

const between =
  (method: 'pingPong' | 'flood'): OpenWork =>
  async (daemon, workspace) => {
    const config = await inHosts('subcluster')(workspace);
    const { rootKref } = await daemon.launch(config);
    return async (calls) =>
      daemon.call('queueMessage', [rootKref, method, [calls]]);
  };

const bare =
  (work: 'calls' | 'pingPong' | 'flood') =>
  async (workspace: Workspace): Promise<FloorWork> => {
    const { pid, time, close } = await openBareLiveslots(workspace);
    return { pid, work: async (calls) => time(work, calls), close };
  };

const echo = async (workspace: Workspace): Promise<FloorWork> => {
  const { pid, client, close } = await openEcho(workspace);
  const ask = async (): Promise<unknown> => client.call('getStatus');
  return { pid, work: async (calls) => rate(calls, 100, ask), close };
};

const calls = 'the same calls in bare liveslots';
const pair = 'the same between two vats in bare liveslots';

const cases: readonly Case[] = [
  {
    id: 'cpu-get-status-100',
    title: 'processor time of getStatus, 100 in flight',
    floor: 'bare NDJSON echo, same client',
    calls: [2000, 8000],
    open: async (daemon, workspace) => {
      await daemon.launch(await counters(workspace, 1));
      return async (times) => rate(times, 100, daemon.getStatus);
    },
    openFloor: echo,
  },
  {
    id: 'cpu-durable',
    title: 'processor time of a durable call, one after the other',
    floor: calls,
    calls: [200, 1000],
    open: durable(1),
    openFloor: bare('calls'),
  },
  {
    id: 'cpu-durable-100',
    title: 'processor time of a durable call, 100 in flight',
    floor: calls,
    calls: [1000, 4000],
    open: durable(100),
    openFloor: bare('calls'),
  },
  {
    id: 'cpu-ping-pong',
    title: 'processor time of a round trip between two vats',
    floor: pair,
    calls: [300, 1000],
    open: between('pingPong'),
    openFloor: bare('pingPong'),
  },
  {
    id: 'cpu-flood',
    title: 'processor time of a call between two vats, 2,000 sent at once',
    floor: pair,
    calls: [2000, 2000],
    open: between('flood'),
    openFloor: bare('flood'),
  },
];

const rowOf = ({ id, title, floor, ...plan }: Case): Row => ({
  id,
  title,
  floor,
  unit: 'µs',
  measure: async ({ workspace, amount }: Bench) =>
    withDaemon(workspace, async (daemon) => {
      const work = await plan.open(daemon, workspace);
      await daemon.settle();
      const other = await plan.openFloor(workspace);
      const times = amount(...plan.calls);
      try {
        return await interleave({
          rounds: amount(3, 9),
          ours: async () =>
            processorMicros(times, daemon.processorMs, async () => work(times)),
          floor: async () =>
            processorMicros(
              times,
              () => processorMsOf(other.pid),
              async () => other.work(times),
            ),
        });
      } finally {
        await other.close();
      }
    }),
});

export const processorRows: readonly Row[] = cases.map(rowOf);
