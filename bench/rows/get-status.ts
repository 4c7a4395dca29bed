/** A request that touches no vat and no disk: what the socket and the RPC cost. */
import { counters } from '../tools/counters.ts';
import { withDaemon } from '../tools/daemon.ts';
import { openEcho } from '../tools/floor-process.ts';
import { interleave } from '../tools/interleave.ts';
import { rate } from '../tools/rate.ts';
import type { Bench, Measured, Row } from '../tools/row.ts';

const measure = async (
  { workspace }: Bench,
  rounds: number,
  calls: number,
  inFlight: number,
): Promise<Measured> =>
  withDaemon(workspace, async (daemon) => {
    await daemon.launch(await counters(workspace, 1));
    await daemon.settle();
    const echo = await openEcho(workspace);
    const ask = async (): Promise<unknown> => daemon.call('getStatus');
    const askEcho = async (): Promise<unknown> => echo.client.call('getStatus');
    try {
      return await interleave({
        rounds,
        warmUps: 2,
        ours: async () => rate(calls, inFlight, ask),
        floor: async () => rate(calls, inFlight, askEcho),
      });
    } finally {
      await echo.close();
    }
  });

const common = { floor: 'bare NDJSON echo, same client', unit: '/s' } as const;

export const getStatusRows: readonly Row[] = [
  {
    ...common,
    id: 'get-status',
    title: 'getStatus, one after the other',
    goal: { kind: 'aim', of: 'ratio', atLeast: 0.5 },
    measure: async (bench) =>
      measure(bench, bench.amount(5, 15), bench.amount(500, 2000), 1),
  },
  {
    ...common,
    id: 'get-status-100',
    title: 'getStatus, 100 in flight',
    goal: { kind: 'aim', of: 'ratio', atLeast: 0.4 },
    measure: async (bench) =>
      measure(bench, bench.amount(5, 15), bench.amount(2000, 8000), 100),
  },
];
