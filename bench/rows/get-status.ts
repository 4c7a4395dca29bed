/** A request that touches no vat and no disk: what the socket and the RPC cost. */
import { counters } from '../tools/counters.ts';
import { withDaemon } from '../tools/daemon.ts';
import { openEcho } from '../tools/floor-process.ts';
import type { OpenFloor } from '../tools/floor.ts';
import { interleave } from '../tools/interleave.ts';
import { rate } from '../tools/rate.ts';
import type { Bench, Measured, Row } from '../tools/row.ts';

type Calls = [calls: number, inFlight: number];

type Plan = Readonly<{
  method: 'getStatus' | 'ping';
  rounds: number;
  calls: number;
  inFlight: number;
}>;

/** Calls of a method of the daemon, and as many of what `openFloor` opens. */
export const measureRequests = async (
  { workspace }: Bench,
  openFloor: OpenFloor<Calls>,
  { method, rounds, calls, inFlight }: Plan,
): Promise<Measured> =>
  withDaemon(workspace, async (daemon) => {
    await daemon.launch(await counters(workspace, 1));
    await daemon.settle();
    const floor = await openFloor(workspace);
    const ask = async (): Promise<unknown> => daemon.call(method);
    try {
      return await interleave({
        rounds,
        warmUps: 2,
        ours: async () => rate(calls, inFlight, ask),
        floor: async () => floor.perSecond(calls, inFlight),
      });
    } finally {
      await floor.close();
    }
  });

/** The same client as for a daemon, connected to a bare echo. */
const bareEcho: OpenFloor<Calls> = async (workspace) => {
  const { client, close } = await openEcho(workspace);
  const ask = async (): Promise<unknown> => client.call('getStatus');
  return {
    perSecond: async (calls, inFlight) => rate(calls, inFlight, ask),
    close,
  };
};

const common = { floor: 'bare NDJSON echo, same client', unit: '/s' } as const;

export const getStatusRows: readonly Row[] = [
  {
    ...common,
    id: 'get-status',
    title: 'getStatus, one after the other',
    goal: { kind: 'target', of: 'ratio', atLeast: 0.5 },
    measure: async (bench) =>
      measureRequests(bench, bareEcho, {
        method: 'getStatus',
        rounds: bench.amount(5, 15),
        calls: bench.amount(500, 2000),
        inFlight: 1,
      }),
  },
  {
    ...common,
    id: 'get-status-100',
    title: 'getStatus, 100 in flight',
    goal: { kind: 'target', of: 'ratio', atLeast: 0.4 },
    measure: async (bench) =>
      measureRequests(bench, bareEcho, {
        method: 'getStatus',
        rounds: bench.amount(5, 15),
        calls: bench.amount(2000, 8000),
        inFlight: 100,
      }),
  },
];
