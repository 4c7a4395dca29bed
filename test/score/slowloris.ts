/**
 * Check 30. Peers that waste the connections of the daemon: by sending a byte a
 * second, by never reading, by being gone before they are answered; far more of
 * them than there are places. A client from before must not notice, and one that
 * comes meanwhile must find a place. After "Slowloris" (R. Hansen, 2009) and
 * CWE-400.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@ocap/kernel-utils';
import { makeClient } from '@ocap/nodejs/client';
import { openBystander } from './tools/bystander.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { percentile } from './tools/percentile.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import type { Account, Crowd } from './tools/slow-peers.ts';

const P99_MS = 100;
const DRIBBLERS = 500;
const DEAF = 500;
const RESETS = 1000;
/** Within which somebody new has to find a place and be answered. */
const PLACE_MS = 10_000;
/** The same when the peers are gone, of whom some still wait to be refused. */
const AFTER_MS = 1000;
/** Between two tries of who was refused, and between two who come. */
const AGAIN_MS = 100;
const NEXT_MS = 300;
/** How long a client is watched before they come, for comparison. */
const BEFORE_MS = 1500;
/** For the beginning and the end of the check. */
const REST_MS = 6000;
const FULL_MS = 240_000;

export const check: Check = {
  number: 30,
  id: 'slowloris',
  title: 'peers that send a byte a second, never read, or are gone at once',
  run: async ({ openDaemon, amount, timeLeftMs, note }) => {
    const daemon = await openDaemon();
    const bystander = await openBystander(daemon, P99_MS);
    const forMs = Math.min(amount(7000, FULL_MS), timeLeftMs() - REST_MS);
    const before = bystander.watch();
    await delay(BEFORE_MS);
    const { p99: p99Before } = await before.end();
    const watch = bystander.watch();
    const crowd = await openCrowd({
      socketPath: daemon.home.socketPath,
      dribblers: DRIBBLERS,
      deaf: DEAF,
      resets: RESETS,
      resetsMs: 0.7 * forMs,
    });
    const placeMs = await newcomers(daemon, forMs);
    const { p99, facts } = await watch.end();
    const account = crowd.account();
    crowd.end();
    const afterMs = await findPlace(daemon);
    const worst = Math.max(...placeMs);
    const told = `p99 ${p99.toFixed(1)} ms, before they came ${p99Before.toFixed(1)} ms; ${placeMs.length} came, answered after ${percentile(placeMs, 50).toFixed(0)} ms, at most ${worst.toFixed(0)} ms`;
    note(`${told}; ${JSON.stringify(account)}`);
    return judge(
      [
        ...facts,
        ...crowdFacts(account, forMs),
        {
          fact: `everybody who comes is answered within ${PLACE_MS} ms`,
          holds: placeMs.length > 5 && worst < PLACE_MS,
          found: placeMs.map(Math.round),
        },
        {
          fact: `when the peers are gone, a new client is answered within ${AFTER_MS} ms`,
          holds: afterMs < AFTER_MS,
          found: afterMs,
        },
      ],
      {
        value: told,
        limit: `p99 of a client < ${P99_MS} ms, a new one answered < ${PLACE_MS} ms`,
      },
    );
  },
};

/** That the peers have done what they are there for. */
const crowdFacts = (account: Account, forMs: number): readonly Fact[] => {
  const seconds = forMs / 1000;
  const found = { ...account };
  return [
    {
      fact: 'the peers that send a byte a second do so',
      // Most of them wait for a place at any time.
      holds: account.dribbled > 10 * seconds,
      found,
    },
    {
      fact: 'the peers that never read have asked for much',
      holds: account.asked > DEAF,
      found,
    },
    {
      fact: `there were ${RESETS} resets`,
      holds: account.resets >= 0.9 * RESETS,
      found,
    },
    {
      fact: 'there were always more of them than places',
      holds: account.turnedAway > DRIBBLERS,
      found,
    },
  ];
};

const openCrowd = async (
  crowd: Crowd,
): Promise<Readonly<{ account(): Account; end(): void }>> => {
  const program = new URL('tools/slow-peers.ts', import.meta.url);
  const child = fork(fileURLToPath(program), { stdio: 'ignore' });
  let last: Account | undefined;
  child.on('message', (message) => {
    last = message as Account;
  });
  child.send(crowd);
  await once(child, 'message');
  return {
    account: () => {
      if (last === undefined) throw Error('the peers say nothing');
      return last;
    },
    end: () => void child.kill('SIGKILL'),
  };
};

/** One after the other; how long each waits for its answer, and to be let in before. */
const newcomers = async (
  daemon: ScoreDaemon,
  forMs: number,
): Promise<readonly number[]> => {
  const times: number[] = [];
  for (const end = performance.now() + forMs; performance.now() < end;) {
    times.push(await findPlace(daemon));
    await delay(NEXT_MS);
  }
  return times;
};

const findPlace = async ({
  home: { socketPath },
}: ScoreDaemon): Promise<number> => {
  const begun = performance.now();
  while (performance.now() - begun < 2 * PLACE_MS) {
    const client = makeClient({ socketPath, timeoutMs: PLACE_MS });
    const answer = await client.call('ping').catch(messageOf);
    client.close();
    if (answer === 'pong') return performance.now() - begun;
    await delay(AGAIN_MS);
  }
  return Infinity;
};

await runAlone(import.meta.url, check);
