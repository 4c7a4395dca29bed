/** A request that touches no vat and no disk: what the socket and the RPC cost. */
import { counters } from '../tools/counters.ts';
import { withDaemon } from '../tools/daemon.ts';
import { openEcho } from '../tools/floor-process.ts';
import type { Json } from '@ocap/kernel-utils';
import type { Floor } from '../tools/floor.ts';
import { interleave } from '../tools/interleave.ts';
import { rate } from '../tools/rate.ts';
import type { Bench, Measured, Row } from '../tools/row.ts';
import type { Workspace } from '../tools/workspace.ts';

type Calls = [calls: number, inFlight: number];

type Plan = Readonly<{
  method: 'getStatus' | 'ping';
  rounds: number;
  calls: number;
  inFlight: number;
}>;

/** `answer` is what the daemon answers. */
type OpenFloor = (workspace: Workspace, answer: Json) => Promise<Floor<Calls>>;

/** Calls of a method of the daemon, and as many of what `openFloor` opens. */
export const measureRequests = async (
  { workspace }: Bench,
  openFloor: OpenFloor,
  { method, rounds, calls, inFlight }: Plan,
): Promise<Measured> =>
  withDaemon(workspace, async (daemon) => {
    await daemon.launch(await counters(workspace, 1));
    await daemon.settle();
    const ask = async (): Promise<unknown> => daemon.call(method);
    const floor = await openFloor(workspace, (await ask()) as Json);
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

/** The same client as for a daemon, connected to a bare echo, which is sent `params`. */
const openBareEcho = async (
  workspace: Workspace,
  params?: Json,
): Promise<Floor<Calls>> => {
  const { client, close } = await openEcho(workspace);
  const ask = async (): Promise<unknown> => client.call('getStatus', params);
  return {
    perSecond: async (calls, inFlight) => rate(calls, inFlight, ask),
    close,
  };
};

const bareEcho: OpenFloor = async (workspace) => openBareEcho(workspace);

/** The client has as much to read of it as of the daemon. */
const sameAnswer: OpenFloor = openBareEcho;

const common = { floor: 'bare NDJSON echo, same client', unit: '/s' } as const;

const sequential = (bench: Bench): Plan => ({
  method: 'getStatus',
  rounds: bench.amount(5, 15),
  calls: bench.amount(500, 2000),
  inFlight: 1,
});

const hundred = (bench: Bench): Plan => ({
  method: 'getStatus',
  rounds: bench.amount(5, 15),
  calls: bench.amount(2000, 8000),
  inFlight: 100,
});

const ofSameAnswer = 'bare NDJSON echo of the same answer, same client';

export const getStatusRows: readonly Row[] = [
  {
    ...common,
    id: 'get-status',
    title: 'getStatus, one after the other',
    goal: { kind: 'target', of: 'ratio', atLeast: 0.5 },
    measure: async (bench) =>
      measureRequests(bench, bareEcho, sequential(bench)),
  },
  {
    ...common,
    id: 'get-status-same',
    title: 'getStatus, one after the other',
    floor: ofSameAnswer,
    measure: async (bench) =>
      measureRequests(bench, sameAnswer, sequential(bench)),
  },
  {
    ...common,
    id: 'get-status-100',
    title: 'getStatus, 100 in flight',
    goal: { kind: 'target', of: 'ratio', atLeast: 0.4 },
    measure: async (bench) => measureRequests(bench, bareEcho, hundred(bench)),
  },
  {
    ...common,
    id: 'get-status-same-100',
    title: 'getStatus, 100 in flight',
    floor: ofSameAnswer,
    measure: async (bench) =>
      measureRequests(bench, sameAnswer, hundred(bench)),
  },
];
