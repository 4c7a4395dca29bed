/** How long a durable call takes while others come in, half as many as could be done. */
import { setTimeout as delay } from 'node:timers/promises';
import { counters } from '../tools/counters.ts';
import { withDaemon } from '../tools/daemon.ts';
import { interleave } from '../tools/interleave.ts';
import { rate } from '../tools/rate.ts';
import type { Row } from '../tools/row.ts';
import { percentile } from '../tools/statistics.ts';

/**
 * Calls leave when it is time for them, whether or not those before are
 * answered: a daemon that falls behind is not given a rest. Answers with the
 * ms of each.
 */
const callAtRate = async (
  calls: number,
  perSecond: number,
  call: () => Promise<unknown>,
): Promise<readonly number[]> => {
  const timed = async (): Promise<number> => {
    const begun = performance.now();
    await call();
    return performance.now() - begun;
  };
  const begun = performance.now();
  const answers: Promise<number>[] = [];
  while (answers.length < calls) {
    const due = ((performance.now() - begun) * perSecond) / 1000;
    while (answers.length < Math.min(due, calls)) answers.push(timed());
    await delay(1);
  }
  return Promise.all(answers);
};

/** The ms of calls that wait for nothing but themselves. */
const callInTurn = async (
  calls: number,
  call: () => Promise<unknown>,
): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let i = 0; i < calls; i += 1) {
    const begun = performance.now();
    await call();
    times.push(performance.now() - begun);
  }
  return times;
};

const makeRow = (percent: number): Row => ({
  id: `latency-p${percent}`,
  title: `${percent} of 100 durable calls are answered within, under half load`,
  floor: 'of calls one after the other',
  unit: 'ms',
  measure: async ({ workspace, amount }) =>
    withDaemon(workspace, async (daemon) => {
      const { rootKref } = await daemon.launch(await counters(workspace, 1));
      await daemon.settle();
      const call = async (): Promise<unknown> =>
        daemon.call('queueMessage', [rootKref, 'increment', []]);
      const calls = amount(500, 2000);
      return interleave({
        rounds: amount(4, 9),
        ours: async () => {
          // In each round anew: so it is half of what the machine has to give now.
          const most = await rate(calls, 100, call);
          return percentile(await callAtRate(calls, most / 2, call), percent);
        },
        floor: async () =>
          percentile(await callInTurn(calls / 4, call), percent),
      });
    }),
});

export const latencyRows: readonly Row[] = [makeRow(50), makeRow(99)];
