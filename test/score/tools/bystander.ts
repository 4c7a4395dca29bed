/**
 * A vat that has nothing to do with what the check is about, and a client that
 * calls it all the time: what both notice of it is what the vats of other
 * people would notice.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@ocap/kernel-utils';
import type { DaemonClient } from '../../support/daemon-client.ts';
import type { Fact } from './facts.ts';
import { launchVat } from './launch-vat.ts';
import { percentile } from './percentile.ts';
import type { ScoreDaemon } from './score-daemon.ts';

/** Between two calls, in ms. */
const PAUSE_MS = 3;
/** Fewer calls make no 99th percentile; the rest is called afterwards. */
const LEAST_CALLS = 100;

export type Watch = Readonly<{
  /** Ends the calls. */
  end(): Promise<Readonly<{ p99: number; facts: readonly Fact[] }>>;
}>;

export type Bystander = Readonly<{
  /** Calls from now on, one call after the other. */
  watch(): Watch;
}>;

/** A durable counter, so that a lost or doubled call shows. */
const counter = `
  if (!baggage.has('n')) baggage.init('n', 0);
  return makeDefaultExo('Bystander', {
    next: () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); },
  });`;

export const openBystander = async (
  daemon: ScoreDaemon,
  limitMs: number,
): Promise<Bystander> => {
  const { root } = await launchVat(daemon, counter);
  let count = 0;
  /** Its round trip in ms; throws if the answer is not the one that is due. */
  const call = async (client: DaemonClient): Promise<number> => {
    const begun = performance.now();
    const answer = await client.call(root, 'next');
    count += 1;
    if (answer !== count) {
      throw Error(`call ${count} was answered with ${JSON.stringify(answer)}`);
    }
    return performance.now() - begun;
  };

  const watch = (): Watch => {
    const client = daemon.openClient();
    const times: number[] = [];
    let problem: string | undefined;
    let ending = false;
    const calling = (async () => {
      while (!ending || times.length < LEAST_CALLS) {
        times.push(await call(client));
        await delay(PAUSE_MS);
      }
    })().catch((thrown: unknown) => {
      problem = messageOf(thrown);
    });
    return {
      end: async () => {
        ending = true;
        await calling;
        client.close();
        const p99 = percentile(times, 99);
        const measured = `p99 ${p99.toFixed(1)} ms, worst ${Math.max(...times).toFixed(1)} ms of ${times.length} calls`;
        return {
          p99,
          facts: [
            {
              fact: 'each call to another vat is answered, and once',
              holds: problem === undefined && times.length >= LEAST_CALLS,
              found: problem ?? measured,
            },
            {
              fact: `the p99 of another vat stays under ${limitMs} ms`,
              holds: p99 < limitMs,
              found: measured,
            },
          ],
        };
      },
    };
  };

  // The first ones start the host, the second ones are compiled.
  for (let warming = 0; warming < 20; warming += 1) await call(daemon.client);
  return { watch };
};
