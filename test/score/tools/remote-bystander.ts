/**
 * A daemon that does nothing wrong, and calls a ledger at another one all the
 * time: what it notices of what is done to the other is what honest peers would.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@ocap/kernel-utils';
import type { Fact } from './facts.ts';
import { launchVat } from './launch-vat.ts';
import { passByUrl } from './meet.ts';
import { percentile } from './percentile.ts';
import type { ScoreDaemon } from './score-daemon.ts';

/** Sent together, so that their order can be wrong. */
const AT_ONCE = 3;
const PAUSE_MS = 3;
/** Calls before anything is measured: hosts start, code is compiled. */
const WARMING = 60;
/** Fewer calls make no 99th percentile. */
const LEAST_CALLS = 100;

/** Answers with how many calls there were; one that comes out of turn is noted. */
const ledger = `
  if (!baggage.has('count')) { baggage.init('count', 0); baggage.init('wrong', harden([])); }
  return makeDefaultExo('Ledger', {
    note: (n) => {
      const count = baggage.get('count') + 1;
      baggage.set('count', count);
      if (n !== count) baggage.set('wrong', harden([...baggage.get('wrong'), n + ' as number ' + count].slice(0, 20)));
      return count;
    },
    read: () => harden({ count: baggage.get('count'), wrong: baggage.get('wrong') }),
  });`;

export type RemoteBystander = Readonly<{
  /** What it saw while this was done; one call more at least. */
  during(act: () => Promise<unknown>): Promise<Readonly<{ worstMs: number }>>;
  end(
    p99Ms: number,
  ): Promise<Readonly<{ p99: number; facts: readonly Fact[] }>>;
}>;

/** `b` calls a ledger of `a`, which it can reach. Begins at once. */
export const openRemoteBystander = async (
  a: ScoreDaemon,
  b: ScoreDaemon,
): Promise<RemoteBystander> => {
  const { root } = await launchVat(a, ledger);
  const target = await passByUrl({ from: a, to: b, root });
  const client = b.openClient();
  const times: number[] = [];
  let count = 0;
  let problem: string | undefined;
  let isEnding = false;

  const callOnce = async (): Promise<void> => {
    const begun = performance.now();
    const expected = Array.from({ length: AT_ONCE }, () => (count += 1));
    const calls = expected.map(async (n) => client.call(target, 'note', n));
    const answers = await Promise.all(calls).finally(() => {
      times.push(performance.now() - begun);
    });
    if (answers.join() !== expected.join()) {
      throw Error(`${expected.join()} were answered with ${answers.join()}`);
    }
  };
  while (count < WARMING) await callOnce();
  times.length = 0;

  const calling = (async () => {
    while (!isEnding || (times.length < LEAST_CALLS && problem === undefined)) {
      await callOnce().catch((thrown: unknown) => {
        problem ??= messageOf(thrown);
      });
      await delay(PAUSE_MS);
    }
  })();

  return {
    during: async (act) => {
      const before = times.length;
      await act();
      const after = times.length;
      while (times.length <= after) await delay(2);
      return { worstMs: Math.max(...times.slice(before)) };
    },
    end: async (p99Ms) => {
      isEnding = true;
      await calling;
      client.close();
      const p99 = percentile(times, 99);
      const books = (await a.client.call(root, 'read')) as {
        count: number;
        wrong: string[];
      };
      return {
        p99,
        facts: [
          {
            fact: 'every call of an honest peer is answered',
            holds: problem === undefined && times.length >= LEAST_CALLS,
            found: problem ?? `${times.length} times`,
          },
          {
            fact: 'its ledger has each of its calls once and in order, and no others',
            holds: books.count === count && books.wrong.length === 0,
            found: { ...books, sent: count },
          },
          {
            fact: `the p99 of an honest peer stays under ${p99Ms} ms`,
            holds: p99 < p99Ms,
            found: `p99 ${p99.toFixed(1)} ms, worst ${Math.max(...times).toFixed(1)} ms of ${times.length} times`,
          },
        ],
      };
    },
  };
};
