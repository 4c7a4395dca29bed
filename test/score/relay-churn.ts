/**
 * Check 40. Two daemons that only a relay joins, whose circuits are small, call
 * each other all the time, while chance kills them, the relay or the wire
 * between. Every call must count once and in order, and soon after everything
 * is there again the next one must be answered.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '@ocap/kernel-utils';
import { sendSignal } from '../support/processes.ts';
import { makeRandom, type Random } from '../support/random.ts';
import type { Check, Mode } from './tools/check.ts';
import {
  openChurnWorld,
  queuesOf,
  type ChurnWorld,
  type Way,
} from './tools/churn-world.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

/** So that circuits end in the middle of things, by both limits. */
const CIRCUIT_BYTES = 128 * 1024;
const CIRCUIT_MS = 1000;

const HEALED_MS = 5000;
/** How long a way that does not come back is waited for. */
const PATIENCE_MS = 40_000;
/** Frames of one peer that may wait for their acknowledgement: see remote-queue.ts. */
const WINDOW_FRAMES = 256;
const LOOK_EVERY_MS = 250;
/** Looks, 100 ms apart, in which the queues must become empty at the end. */
const EMPTY_TRIES = 50;
/** For them, and the examination of the daemons. */
const EXAMINED_MS = 4000;
/** What is left of the time when no further trouble begins, in ms. */
const END_MS: Readonly<Record<Mode, number>> = { quick: 6000, full: 45_000 };

type Trouble = Readonly<{
  name: string;
  begin(world: ChurnWorld, daemon: ScoreDaemon): unknown;
  /** Returns when everything is there again. */
  end(world: ChurnWorld, daemon: ScoreDaemon): unknown;
  /** Least and most, in seconds. */
  seconds: readonly [least: number, most: number];
  /** What is added to the time for healing: that in which nobody can know yet. */
  unknownMs?: number;
  /** Whether so much is said meanwhile that small circuits need as long again to carry it. */
  pilesUp?: boolean;
  only?: Mode;
}>;

const stand = (pid: number): boolean => sendSignal(pid, 'SIGSTOP');
const goOn = (pid: number): boolean => sendSignal(pid, 'SIGCONT');

const troubles: readonly Trouble[] = [
  {
    name: 'a daemon is killed',
    begin: async (_, daemon) => daemon.kill(),
    end: async (_, daemon) => daemon.start(),
    seconds: [0, 2],
  },
  {
    name: 'the relay is killed',
    begin: async ({ relay }) => relay.kill(),
    end: async ({ relay }) => relay.start(),
    seconds: [0, 3],
  },
  {
    name: 'the wire is cut',
    begin: ({ wire }) => wire.cut(),
    end: ({ wire }) => wire.mend(),
    seconds: [0, 3],
  },
  {
    name: 'a daemon stands still',
    begin: (_, daemon) => stand(daemon.pid()),
    end: (_, daemon) => goOn(daemon.pid()),
    seconds: [0, 2],
  },
  {
    name: 'the relay stands still',
    begin: ({ relay }) => stand(relay.pid()),
    end: ({ relay }) => goOn(relay.pid()),
    seconds: [0, 2],
  },
  {
    name: 'nothing passes on the wire',
    begin: ({ wire }) => wire.hold(),
    end: ({ wire }) => wire.mend(),
    seconds: [0, 3],
  },
  {
    name: 'a daemon and the relay are killed at once',
    begin: async ({ relay }, daemon) =>
      Promise.all([relay.kill(), daemon.kill()]),
    end: async ({ relay }, daemon) =>
      Promise.all([relay.start(), daemon.start()]),
    seconds: [0, 2],
  },
  {
    name: 'the relay is away for long',
    begin: async ({ relay }) => relay.kill(),
    end: async ({ relay }) => relay.start(),
    seconds: [8, 20],
    pilesUp: true,
    only: 'full',
  },
  {
    name: 'a daemon stands still until it is given up',
    begin: (_, daemon) => stand(daemon.pid()),
    end: (_, daemon) => goOn(daemon.pid()),
    seconds: [22, 28],
    only: 'full',
  },
  {
    name: 'connections are dead and nobody is told',
    begin: ({ wire }) => wire.forget(),
    end: () => undefined,
    seconds: [0, 0],
    unknownMs: limits.remoteSilenceMs.value,
    only: 'full',
  },
];

export const check: Check = {
  number: 40,
  id: 'relay-churn',
  title: 'two daemons and a relay: kills, cuts, standstills, small circuits',
  run: async ({ openDaemon, mode, seed, timeLeftMs, note }) => {
    const random = makeRandom(seed);
    const world = await openChurnWorld(openDaemon, {
      circuitBytes: CIRCUIT_BYTES,
      circuitMs: CIRCUIT_MS,
    });
    try {
      const healings: Fact[] = [];
      const watch = watchWorld(world);
      let worst = 0;
      let count = 0;
      for (const trouble of order(mode, random)) {
        const [least, most] = trouble.seconds;
        const ms = random.integer(least * 1000, most * 1000);
        if (timeLeftMs() < END_MS[mode] + ms) break;
        const daemon = random.pick(world.daemons);
        const healing = await suffer(world, daemon, trouble, ms);
        healings.push(...healing.facts);
        worst = Math.max(worst, healing.beyondMs);
        count += 1;
        note(`${trouble.name} for ${ms} ms: ${healing.told} ms`);
        await delay(random.integer(100, 600));
      }
      const patience = timeLeftMs() - EXAMINED_MS;
      await Promise.all(world.ways.map(async (way) => finish(way, patience)));
      const { told, facts: queues } = await watch.end();
      const facts: Fact[] = [];
      for (const way of world.ways) facts.push(...(await way.facts()));
      facts.push(...queues, ...healings);
      return judge(facts, {
        value: `${count} troubles, healed in ${worst.toFixed(0)} ms at most; ${told}`,
        limit: `each once and in order, healed < ${HEALED_MS} ms, queues bounded`,
      });
    } finally {
      await world.close();
    }
  },
};

/** Without end: all of them in random order, again and again. */
function* order(mode: Mode, random: Random): Generator<Trouble> {
  const chosen = troubles.filter(({ only = mode }) => only === mode);
  for (;;) {
    const left = [...chosen];
    while (left.length > 0) {
      yield* left.splice(random.integer(0, left.length - 1), 1);
    }
  }
}

const suffer = async (
  world: ChurnWorld,
  daemon: ScoreDaemon,
  trouble: Trouble,
  ms: number,
) => {
  await trouble.begin(world, daemon);
  await delay(ms);
  await trouble.end(world, daemon);
  const { name, unknownMs = 0, pilesUp = false } = trouble;
  const times = await Promise.all(world.ways.map(untilAnswered));
  const withinMs = HEALED_MS + unknownMs;
  const newWithinMs = withinMs + (pilesUp ? ms : 0);
  return {
    /** Of what is allowed for, the part that is not `unknownMs`. */
    beyondMs: Math.max(...times.map(({ firstMs }) => firstMs)) - unknownMs,
    told: times
      .map(({ firstMs, newMs }) => `${firstMs.toFixed(0)}, ${newMs.toFixed(0)}`)
      .join(' and '),
    facts: world.ways.flatMap(({ name: way }, i) => {
      const { firstMs, newMs } = times[i] ?? { firstMs: NaN, newMs: NaN };
      return [
        {
          fact: `after ${name} for ${ms} ms, a call from ${way} is answered within ${withinMs} ms`,
          holds: firstMs < withinMs,
          found: `${firstMs.toFixed(0)} ms`,
        },
        {
          fact: `after ${name} for ${ms} ms, a call from ${way} that nobody had made yet is answered within ${newWithinMs} ms`,
          holds: newMs < newWithinMs,
          found: `${newMs.toFixed(0)} ms`,
        },
      ];
    }),
  };
};

/** Until a call is answered, and one that nobody has made yet, after all that has piled up; in ms. */
const untilAnswered = async ({
  calls,
}: Way): Promise<Readonly<{ firstMs: number; newMs: number }>> => {
  const begun = performance.now();
  const passed = (): number => performance.now() - begun;
  const until = async (goal: number): Promise<number> => {
    while (calls.answered() < goal && passed() < PATIENCE_MS) {
      if (calls.problem() !== undefined) return Infinity;
      await delay(5);
    }
    return passed();
  };
  const afterAllSent = calls.sent() + 1;
  const firstMs = await until(calls.answered() + 1);
  return { firstMs, newMs: await until(afterAllSent) };
};

const finish = async (
  { calls, batches }: Way,
  withinMs: number,
): Promise<void> => {
  await batches.finish(withinMs);
  // After the last one, so that its answer comes when all before it is there.
  await calls.finish(withinMs);
};

/** Looks at the queues of both daemons, and at how often the relay cuts circuits. */
const watchWorld = ({ daemons, relay }: ChurnWorld) => {
  const worst = { frames: 0, inbox: 0 };
  /** By process of the relay. */
  const cuts = new Map<number, number>();
  const look = async () => {
    const queues = await Promise.all(
      daemons.map(async (daemon) => queuesOf(await daemon.status())),
    );
    const frames = Math.max(...queues.map((queue) => queue.frames));
    const inbox = Math.max(...queues.map((queue) => queue.inbox));
    worst.frames = Math.max(worst.frames, frames);
    worst.inbox = Math.max(worst.inbox, inbox);
    const { pid = 0, metrics } = (await relay.status()) ?? {};
    const { cutByBytes = 0, cutByTime = 0 } = metrics?.totals ?? {};
    cuts.set(pid, cutByBytes + cutByTime);
    return { frames, inbox };
  };
  const stopping = new AbortController();
  const { signal } = stopping;
  const looking = (async () => {
    while (!signal.aborted) {
      // One that is killed tells nothing.
      await look().catch(() => undefined);
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  })();

  const untilEmpty = async () => {
    for (let tries = 0; ; tries += 1) {
      const left = await look();
      if (left.frames + left.inbox === 0 || tries > EMPTY_TRIES) return left;
      await delay(100);
    }
  };

  return {
    end: async () => {
      stopping.abort();
      await looking;
      const left = await untilEmpty();
      const total = [...cuts.values()].reduce((sum, count) => sum + count, 0);
      return {
        told: `${total} circuits cut, ${worst.frames} frames and ${worst.inbox} messages queued at most`,
        facts: [
          {
            fact: `no more than ${WINDOW_FRAMES} frames and ${limits.waitingMessages.value} messages wait for a peer`,
            holds:
              worst.frames <= WINDOW_FRAMES &&
              worst.inbox <= limits.waitingMessages.value,
            found: worst,
          },
          {
            fact: 'at the end nothing waits any more',
            holds: left.frames + left.inbox === 0,
            found: left,
          },
          {
            fact: 'circuits end at the limits of the relay meanwhile',
            holds: total > 0,
            found: total,
          },
        ],
      };
    },
  };
};

await runAlone(import.meta.url, check);
