/**
 * Check 35. Whatever lies in a home in which no daemon runs, `stop` has nothing
 * to stop, `start` starts, and no process is signalled that is not ours. And a
 * daemon whose socket is deleted or replaced under it must not stay out of
 * reach for ever: it notices, and puts it back or ends.
 */
import { rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { makeClient } from '@ocap/nodejs/client';
import { daemonsOf } from '../support/daemons-of.ts';
import type { Home } from '../support/home.ts';
import { gone, sendSignal } from '../support/processes.ts';
import { makeRandom } from '../support/random.ts';
import type { Check } from './tools/check.ts';
import { openCounter, type DurableCounter } from './tools/durable-counter.ts';
import { factThat, judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import { sample } from './tools/sample.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import {
  listenAt,
  staleStates,
  type StaleState,
} from './tools/stale-states.ts';
import { openStranger, type Stranger } from './tools/stranger.ts';

const NOTICES_MS = 60_000;
/** A quick run has time for so many of each, as the seed has it. */
const QUICK = 2;

type Scene = Readonly<{
  daemon: ScoreDaemon;
  counter: DurableCounter;
  stranger: Stranger;
}>;

export const check: Check = {
  number: 35,
  id: 'stale-state',
  title: 'leftovers and garbage in a home, and a socket that goes',
  missing: `a quick run tries ${QUICK} of the leftovers and ${QUICK} of the losses, as the seed has it`,
  run: async ({ openDaemon, seed, amount, note }) => {
    const daemon = await openDaemon();
    const counter = await openCounter(daemon);
    const stranger = await openStranger();
    const scene = { daemon, counter, stranger };
    const facts: Fact[] = [];
    let slowest = 0;
    try {
      const random = makeRandom(seed);
      const states = sample(
        staleStates,
        amount(QUICK, staleStates.length),
        random,
      );
      const some = sample(losses, amount(QUICK, losses.length), random);
      for (const state of states) {
        note(state.name);
        facts.push(...(await startOver(scene, state)));
      }
      for (const loss of some) {
        const { ms, facts: found } = await loseSocket(scene, loss);
        note(`${loss.name}: reached again after ${ms.toFixed(0)} ms`);
        slowest = Math.max(slowest, ms);
        facts.push(...found);
      }
      facts.push(...(await deceiveStop(scene)));
      facts.push({
        fact: 'no process is signalled that is not ours',
        holds: stranger.heard().length === 0,
        found: [...stranger.heard()],
      });
    } finally {
      await stranger.close();
    }
    return judge(facts, {
      value: `a lost socket is back after ${(slowest / 1000).toFixed(1)} s at most`,
      limit: `starts, no stranger signalled, a lost socket noticed < ${NOTICES_MS / 1000} s`,
    });
  },
};

/** What lies there is put there anew for `stop` and for `start`. */
const startOver = async (
  { daemon, counter, stranger }: Scene,
  { name, arrange }: StaleState,
): Promise<readonly Fact[]> => {
  const { home } = daemon;
  const facts: Fact[] = [];
  for (const command of ['stop', 'start']) {
    await killAll(home);
    const servers: Server[] = [];
    await arrange({
      home,
      stranger,
      impostor: async (path, answer) =>
        void servers.push(await listenAt(path, answer)),
    });
    const { code, stderr } = await home.ocap(['daemon', command]);
    servers.forEach((server) => server.close());
    facts.push({
      fact: `${name}: ${command} succeeds`,
      holds: code === 0,
      found: `${code}: ${stderr}`,
    });
  }
  // What was forged may still name another; this one is there if it answers.
  const started = daemonsOf(home.dir).length === 1;
  if (!started) await daemon.start();
  facts.push(
    { fact: `${name}: one daemon has started`, holds: started },
    await factThat(`${name}: it has its state`, counter.next()),
  );
  return facts;
};

/** By their command lines: the pid file may name anybody. */
const killAll = async (home: Home): Promise<void> => {
  for (const pid of daemonsOf(home.dir)) {
    sendSignal(pid, 'SIGKILL');
    await gone(pid);
  }
};

type Loss = Readonly<{
  name: string;
  take(home: Home): Promise<Server | undefined>;
}>;

const losses: readonly Loss[] = [
  {
    name: 'a socket that is deleted',
    take: async ({ socketPath }) => {
      rmSync(socketPath);
      return undefined;
    },
  },
  {
    name: 'a socket that is replaced by a file',
    take: async ({ socketPath }) => {
      rmSync(socketPath);
      writeFileSync(socketPath, 'not a socket');
      return undefined;
    },
  },
  {
    name: 'a socket that is replaced by that of a stranger',
    take: async ({ socketPath }) => listenAt(socketPath),
  },
];

const loseSocket = async (
  { daemon, counter }: Scene,
  { name, take }: Loss,
): Promise<Readonly<{ ms: number; facts: readonly Fact[] }>> => {
  const { home } = daemon;
  await daemon.start();
  // A connection that is open goes on: only newcomers are kept out.
  await counter.next();
  const thief = await take(home);
  const begun = performance.now();
  const meanwhile = await factThat(
    `${name}: who is connected is still answered`,
    counter.next(),
  );
  let answered = false;
  while (!answered && performance.now() - begun < NOTICES_MS) {
    answered = (await isAnswered(home)) || home.daemonPid() === undefined;
    if (!answered) await delay(50);
  }
  const ms = performance.now() - begun;
  thief?.close();
  const { code, stderr } = await home.ocap(['daemon', 'start']);
  await daemon.start();
  return {
    ms,
    facts: [
      meanwhile,
      {
        fact: `${name}: it is noticed within ${NOTICES_MS / 1000} s`,
        holds: answered,
      },
      {
        fact: `${name}: the next command succeeds`,
        holds: code === 0,
        found: `${code}: ${stderr}`,
      },
      {
        fact: `${name}: one daemon runs afterwards`,
        holds: daemonsOf(home.dir).length === 1,
        found: [...daemonsOf(home.dir)],
      },
      await factThat(`${name}: it has its state`, counter.next()),
    ],
  };
};

const isAnswered = async ({ socketPath }: Home): Promise<boolean> => {
  const client = makeClient({ socketPath, timeoutMs: 500 });
  try {
    return (await client.call('ping')) === 'pong';
  } catch {
    return false;
  } finally {
    client.close();
  }
};

/** The pid file of a daemon that runs names a stranger: `stop` stops the daemon. */
const deceiveStop = async ({
  daemon,
  counter,
  stranger,
}: Scene): Promise<readonly Fact[]> => {
  const { home } = daemon;
  await daemon.start();
  const pid = daemon.pid();
  await stranger.sign(home.dir);
  const { code, stderr } = await home.ocap(['daemon', 'stop']);
  const ended = await gone(pid, 2_000).then(
    () => true,
    () => false,
  );
  await daemon.start();
  return [
    {
      fact: 'a daemon whose pid file names a stranger can be stopped',
      holds: code === 0 && ended,
      found: `${code}: ${stderr}`,
    },
    await factThat('it goes on after that', counter.next()),
  ];
};

await runAlone(import.meta.url, check);
