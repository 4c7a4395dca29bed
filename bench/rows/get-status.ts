/** A request that touches no vat and no disk: what the socket and the RPC cost. */
import type { Json } from '@ocap/kernel-utils';
import { counters } from '../tools/counters.ts';
import { withDaemon } from '../tools/daemon.ts';
import { openEcho } from '../tools/floor-process.ts';
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

type Pace = Readonly<{
  id: string;
  title: string;
  inFlight: number;
  calls: readonly [quick: number, full: number];
  /** Ratio to the bare echo. */
  atLeast: number;
}>;

/** Beside both echoes. */
const rowsOf = ({
  id,
  title,
  inFlight,
  calls,
  atLeast,
}: Pace): readonly Row[] => {
  const common = { title: `getStatus, ${title}`, unit: '/s' } as const;
  const measure =
    (openFloor: OpenFloor): Row['measure'] =>
    async (bench) =>
      measureRequests(bench, openFloor, {
        method: 'getStatus',
        rounds: bench.amount(5, 15),
        calls: bench.amount(...calls),
        inFlight,
      });
  return [
    {
      ...common,
      id: `get-status${id}`,
      floor: 'bare NDJSON echo, same client',
      goal: { kind: 'target', of: 'ratio', atLeast },
      measure: measure(bareEcho),
    },
    {
      ...common,
      id: `get-status-same${id}`,
      floor: 'bare NDJSON echo of the same answer, same client',
      measure: measure(sameAnswer),
    },
  ];
};

export const getStatusRows: readonly Row[] = [
  ...rowsOf({
    id: '',
    title: 'one after the other',
    inFlight: 1,
    calls: [500, 2000],
    atLeast: 0.5,
  }),
  ...rowsOf({
    id: '-100',
    title: '100 in flight',
    inFlight: 100,
    calls: [2000, 8000],
    atLeast: 0.4,
  }),
];
