/**
 * Check 31. Ten thousand connections at once. So many as are allowed are served,
 * the others are refused, and soon after the flood all is as it was. After the
 * "C10K problem" (D. Kegel, http://www.kegel.com/c10k.html) and CWE-400.
 */
import { connect } from 'node:net';
import { limits, messageOf } from '@ocap/kernel-utils';
import { makeClient } from '@ocap/nodejs/client';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { launchVat } from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { requestOf } from './tools/wire.ts';

const CONNECTIONS = 10_000;
const RECOVERY_MS = 5000;
/** Within which a connection that is refused has been. */
const PAUSE_MS = 1000;
/** For all of them to have heard something. */
const FLOOD_MS = 15_000;

export const check: Check = {
  number: 31,
  id: 'conn-10k',
  title: 'ten thousand connections at once',
  run: async ({ openDaemon, amount, timeLeftMs, note }) => {
    const daemon = await openDaemon();
    const { root } = await launchVat(
      daemon,
      `let n = 0; return makeDefaultExo('Counter', { next: () => { n += 1; return n; } });`,
    );
    const facts: Fact[] = [];
    let calls = 0;
    let slowest = 0;
    const rounds = amount(1, 8);
    for (let round = 0; round < rounds && timeLeftMs() > FLOOD_MS; round += 1) {
      // A client from before, which must not be lost.
      calls += 1;
      const before = await daemon.client.call(root, 'next');
      const flood = openFlood(daemon.home.socketPath);
      const during = await daemon.client.call(root, 'next').catch(messageOf);
      calls += 1;
      const counts = await flood.settled();
      note(JSON.stringify(counts));
      facts.push(
        {
          fact: 'a client from before is served during the flood',
          holds: before === calls - 1 && during === calls,
          found: String(during),
        },
        ...countFacts(counts),
      );
      flood.end();
      const ms = await recovery(daemon);
      slowest = Math.max(slowest, ms);
      facts.push({
        fact: `a new client is answered within ${RECOVERY_MS} ms of its end`,
        holds: ms < RECOVERY_MS,
        found: ms,
      });
    }
    return judge(facts, {
      value: `recovered in ${slowest.toFixed(0)} ms at most`,
      limit: `no crash, excess refused, recovers in ${RECOVERY_MS} ms`,
    });
  },
};

/** What has become of them so far. */
type Counts = Readonly<{
  served: number;
  /** With the reason. */
  refused: number;
  /** By the system, or without a word. */
  lost: number;
  open: number;
}>;

const openFlood = (
  socketPath: string,
): Readonly<{ settled(): Promise<Counts>; end(): void }> => {
  let served = 0;
  let refused = 0;
  let lost = 0;
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const counts = (): Counts => ({
    served,
    refused,
    lost,
    open: CONNECTIONS - served - refused - lost,
  });
  const sockets = Array.from({ length: CONNECTIONS }, () => {
    const socket = connect(socketPath);
    let heard = '';
    const settle = (): void => {
      if (heard.includes('pong')) served += 1;
      else if (heard.includes('connections')) refused += 1;
      else lost += 1;
      if (counts().open === 0) resolve();
    };
    socket.once('connect', () => {
      // Who writes to a connection that was refused cannot read why.
      setTimeout(() => {
        if (heard === '') socket.write(`${requestOf(1, 'ping')}\n`);
      }, PAUSE_MS);
    });
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes('pong')) settle();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!heard.includes('pong')) settle();
    });
    return socket;
  });
  return {
    settled: async () => {
      const late = setTimeout(resolve, FLOOD_MS);
      await all;
      clearTimeout(late);
      return counts();
    },
    end: () => sockets.forEach((socket) => socket.destroy()),
  };
};

const countFacts = ({
  served,
  refused,
  lost,
  open,
}: Counts): readonly Fact[] => {
  const max = limits.connections.value;
  const found = { served, refused, lost, open };
  return [
    {
      fact: `those are served that there may be, and no more`,
      holds: served > 0 && served <= max,
      found,
    },
    {
      fact: 'every other one is refused, and none is left waiting',
      holds: open === 0 && served + refused + lost === CONNECTIONS,
      found,
    },
    {
      fact: 'whom the daemon itself refuses is told why',
      holds: refused > 0,
      found,
    },
  ];
};

/** How long it takes until somebody who comes now is answered. */
const recovery = async ({ home }: ScoreDaemon): Promise<number> => {
  const begun = performance.now();
  const { socketPath } = home;
  while (performance.now() - begun < 2 * RECOVERY_MS) {
    const client = makeClient({ socketPath, timeoutMs: RECOVERY_MS });
    const answer = await client.call('ping').catch(messageOf);
    client.close();
    if (answer === 'pong') return performance.now() - begun;
    await new Promise(setImmediate);
  }
  return Infinity;
};

await runAlone(import.meta.url, check);
