/**
 * SwingSet, at the same work as ours: in its best mode, where one commit takes
 * 1,000 cranks along, and as it has to be if what it did may not be lost.
 */
import type { OpenFloor } from '../tools/floor.ts';
import { openSwingset } from '../tools/peer-process.ts';
import type { Bench, Goal, Row } from '../tools/row.ts';
import { measureInFlight } from './durable-calls.ts';
import { measureTwoVats } from './two-vats.ts';

type Mode = Readonly<{
  suffix: string;
  cranksPerCommit: number;
  /** As the table says it. */
  floor: string;
  rounds(bench: Bench): number;
}>;

const best: Mode = {
  suffix: '',
  cranksPerCommit: 1000,
  floor: 'SwingSet, a commit per 1,000 cranks',
  rounds: (bench) => bench.amount(3, 9),
};

const eachCrank: Mode = {
  suffix: '-each',
  cranksPerCommit: 1,
  floor: 'SwingSet, a commit for each crank',
  rounds: (bench) => bench.amount(2, 5),
};

const atLeast = (ratio: number): Goal => ({
  kind: 'target',
  of: 'ratio',
  atLeast: ratio,
});

const rowsIn = (mode: Mode): readonly Row[] => {
  const { suffix, cranksPerCommit, floor, rounds } = mode;
  const common = { floor, unit: '/s', peer: 'swingset' } as const;
  const open = async (workspace: Bench['workspace']) =>
    openSwingset(workspace, cranksPerCommit);
  const callCounter: OpenFloor<[calls: number]> = async (workspace) => {
    const { perSecond, close } = await open(workspace);
    return { perSecond: async (calls) => perSecond('calls', calls), close };
  };
  const goal = (ratio: number) => mode === best && { goal: atLeast(ratio) };
  return [
    {
      ...common,
      // No call waits for more than those that are in flight with it.
      ...(mode === best && { floor: 'SwingSet, a commit per 100 calls' }),
      id: `swingset-durable-100${suffix}`,
      title: 'durable calls, 100 in flight',
      ...goal(3),
      measure: async (bench) =>
        measureInFlight(bench, callCounter, {
          rounds: rounds(bench),
          calls: bench.amount(500, 2000),
        }),
    },
    {
      ...common,
      id: `swingset-ping-pong${suffix}`,
      title: 'round trips between two vats',
      ...goal(5),
      measure: async (bench) =>
        measureTwoVats(bench, open, {
          method: 'pingPong',
          times: bench.amount(200, 1500),
          rounds: rounds(bench),
        }),
    },
    {
      ...common,
      id: `swingset-flood${suffix}`,
      title: 'calls between two vats, 2,000 sent at once',
      ...goal(8),
      measure: async (bench) =>
        measureTwoVats(bench, open, {
          method: 'flood',
          times: 2000,
          rounds: Math.ceil(rounds(bench) / 2),
        }),
    },
  ];
};

export const swingsetRows: readonly Row[] = [
  ...rowsIn(best),
  ...rowsIn(eachCrank),
];
