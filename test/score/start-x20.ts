/**
 * Check 34. Twenty commands start the daemon of one home at the same instant,
 * again and again: after a stop, after `kill -9`, and while another command
 * stops the one that runs. One daemon may come of it, all twenty must find it,
 * and it must have what the ones before it had.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { daemonsOf } from '../support/daemons-of.ts';
import type { Home } from '../support/home.ts';
import { makeRandom, type Random } from '../support/random.ts';
import type { Run } from '../support/run.ts';
import type { Check } from './tools/check.ts';
import { openCounter } from './tools/durable-counter.ts';
import { factThat, judge, type Fact } from './tools/facts.ts';
import { percentile } from './tools/percentile.ts';
import { runAlone } from './tools/run-alone.ts';

const STARTERS = 20;
const LIMIT_MS = 3000;
/** A stop that races them comes at some time in so many ms. */
const STOP_WITHIN_MS = 600;
/** What one more round may need, at the end of a run that has little time left. */
const ROUND_MS = 12_000;

const kinds = ['after a stop', 'after kill -9', 'while it is stopped'] as const;
type Kind = (typeof kinds)[number];

export const check: Check = {
  number: 34,
  id: 'start-x20',
  title: 'twenty starts at once, also while another command stops the daemon',
  missing:
    'on a machine on which the 50 rounds take longer than five minutes, as many as fit',
  run: async ({ openDaemon, mode, seed, amount, note, timeLeftMs }) => {
    const daemon = await openDaemon();
    const { home } = daemon;
    const random = makeRandom(seed);
    const counter = await openCounter(daemon);
    const facts: Fact[] = [];
    const times: number[] = [];
    const most = amount(kinds.length, 50);
    let rounds = 0;
    while (rounds < most && (mode === 'quick' || timeLeftMs() > ROUND_MS)) {
      const kind = kinds[rounds % kinds.length] ?? 'after a stop';
      rounds += 1;
      const { ms, facts: found } = await playRound(home, kind, random);
      times.push(ms);
      note(`round ${rounds}, ${kind}: ${ms.toFixed(0)} ms`);
      // Where it was stopped in the end, the next command starts it.
      await daemon.start();
      const state = await factThat('it has its state', counter.next());
      const alone = daemonsOf(home.dir);
      for (const fact of [
        ...found,
        state,
        {
          fact: 'one daemon runs afterwards',
          holds: alone.length === 1 && alone[0] === daemon.pid(),
          found: [...alone],
        },
      ]) {
        facts.push({ ...fact, fact: `round ${rounds}, ${kind}: ${fact.fact}` });
      }
    }
    return judge(facts, {
      value: `${rounds} rounds, median ${percentile(times, 50).toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms`,
      limit: `one daemon each round, ${STARTERS} successes, same pid, < ${LIMIT_MS} ms`,
    });
  },
};

const playRound = async (
  home: Home,
  kind: Kind,
  random: Random,
): Promise<Readonly<{ ms: number; facts: readonly Fact[] }>> => {
  if (kind === 'after a stop') await home.json(['daemon', 'stop']);
  if (kind === 'after kill -9') await home.killDaemon();
  const before = home.daemonPid();
  const startsBefore = startsOf(home);
  const begun = performance.now();
  const stopping =
    kind === 'while it is stopped'
      ? delay(random.integer(0, STOP_WITHIN_MS)).then(async () =>
          home.ocap(['daemon', 'stop']),
        )
      : undefined;
  const runs = await Promise.all(
    Array.from({ length: STARTERS }, async () =>
      home.ocap(['--json', 'daemon', 'start']),
    ),
  );
  const ms = performance.now() - begun;
  const stop = await stopping;
  const starts = startsOf(home) - startsBefore;
  const told = pidsTold(runs);
  const others = told.filter((pid) => pid !== before);
  return {
    ms,
    facts: [
      {
        fact: `${STARTERS} successes`,
        holds: runs.every(({ code }) => code === 0),
        found: runs.filter(({ code }) => code !== 0).map(textOf),
      },
      {
        fact: 'the stop succeeds',
        holds: stop === undefined || stop.code === 0,
        found: stop === undefined ? '' : textOf(stop),
      },
      {
        fact: 'one daemon is started, or at most one if another was there',
        holds: before === undefined ? starts === 1 : starts <= 1,
        found: starts,
      },
      {
        fact: 'all name the same process, besides the one that was there',
        holds:
          !told.includes(undefined) &&
          (before === undefined ? others.length === 1 : others.length <= 1),
        found: told.map(String),
      },
      {
        fact: `all are done within ${LIMIT_MS} ms`,
        holds: ms < LIMIT_MS,
        found: `${ms.toFixed(0)} ms`,
      },
    ],
  };
};

const textOf = ({ code, stderr, stdout }: Run): string =>
  `${code}: ${stderr}${stdout}`;

/** Each pid that they told, once; undefined if one told none. */
const pidsTold = (runs: readonly Run[]): readonly (number | undefined)[] => [
  ...new Set(
    runs
      .filter(({ code }) => code === 0)
      .map(({ stdout }) => (JSON.parse(stdout) as { pid?: number }).pid),
  ),
];

/** How many daemons have started in this home so far. */
const startsOf = ({ logPath }: Home): number =>
  readFileSync(logPath, 'utf8').split('"The daemon has started."').length - 1;

await runAlone(import.meta.url, check);
