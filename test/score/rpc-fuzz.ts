/**
 * Check 32. Requests that are nearly right, by the million, over every method:
 * each is answered as JSON-RPC demands, none of them meets a defect, and no
 * answer says where on this machine the daemon lives.
 */
import { readFileSync } from 'node:fs';
import type { Json } from '@ocap/kernel-utils';
import { repositoryRoot } from '../support/home.ts';
import { makeRandom, type Random } from '../support/random.ts';
import { mutate } from './requests/mutations.ts';
import { seeds, TOY, toyConfig } from './requests/seeds.ts';
import {
  dueId,
  isEvent,
  isShutdown,
  parseLine,
  problemOfAnswer,
  unmatched,
} from './requests/verdicts.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';
import { CLOSED, openWire, SILENT } from './tools/wire.ts';

const REQUESTS = 1_000_000;
/** On a connection at a time: below what the daemon takes in flight. */
const BATCH = 1000;
const AT_ONCE = 4;
/** For the last batch and the end of the check. */
const LAST_MS = 8000;
const SHOWN = 12;

export const check: Check = {
  number: 32,
  id: 'rpc-fuzz',
  title: 'a million requests that are nearly right, over every method',
  missing:
    'a full run makes as many of the million as fit into five minutes, a quick run as many as fit into its own; the next seed makes others',
  run: async ({ openDaemon, seed, timeLeftMs, note }) => {
    const daemon = await openDaemon();
    const facts: Fact[] = [await everyMethod(daemon)];
    const random = makeRandom(seed);
    let count = 0;
    const problems: Json[] = [];
    const goOn = (): boolean =>
      count < REQUESTS && timeLeftMs() > LAST_MS && problems.length < SHOWN;
    // Each goes on when its own batch is answered: some take their time.
    const work = async (): Promise<void> => {
      while (goOn()) {
        const first = count;
        count += BATCH;
        await provideToy(daemon);
        problems.push(...(await batch(daemon, random, first)));
        if (first % 50_000 === 0) note(`${first} requests`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    facts.push(
      {
        fact: 'every request is answered by one valid answer, and tells no path of this machine',
        holds: problems.length === 0,
        found: problems.slice(0, SHOWN),
      },
      nothingInLog(daemon),
    );
    return judge(facts, {
      value: `${count} requests`,
      limit: 'every reply valid, no unhandled rejection, no host path leaks',
    });
  },
};

const everyMethod = async ({ client }: ScoreDaemon): Promise<Fact> => {
  const { methods } = (await client.rpc('rpc.discover')) as {
    methods: readonly { name: string }[];
  };
  const left = methods
    .map(({ name }) => name)
    .filter((name) => !seeds.some(({ method }) => method === name));
  return {
    fact: 'every method is among what is changed',
    holds: methods.length > 0 && left.length === 0,
    found: left,
  };
};

/**
 * The requests may well have ended it. Others do the same at the same time, and
 * undo it: then there is none for a while.
 */
const provideToy = async ({ client }: ScoreDaemon): Promise<void> => {
  try {
    await client.rpc('queueMessage', [TOY, 'hi', []]);
  } catch {
    const ask = async (method: string, params: Json): Promise<unknown> =>
      client.rpc(method, params).catch(() => undefined);
    const launched = await ask('launchSubcluster', { config: toyConfig });
    const { rootKref = '' } = (launched ?? {}) as { rootKref?: string };
    await ask('removeName', [TOY]);
    await ask('setName', [TOY, rootKref]);
  }
};

/** What is wrong with the answers to so many requests, on a connection of its own. */
const batch = async (
  { home }: ScoreDaemon,
  random: Random,
  first: number,
): Promise<readonly Json[]> => {
  const lines = Array.from({ length: BATCH }, (_, n) =>
    mutate(first + n, random),
  ).filter((line) => !isShutdown(line) && !line.includes('\n'));
  const due = lines.map(dueId).filter((id) => id !== undefined);
  const places = [home.dir, repositoryRoot, process.execPath];
  const wire = await openWire(home.socketPath);
  wire.say(`${lines.join('\n')}\n`);
  const came: string[] = [];
  const problems: Json[] = [];
  while (came.length < due.length) {
    const heard = await wire.hear();
    if (heard === CLOSED || heard === SILENT) {
      problems.push({ [heard]: unmatched(due, came) });
      break;
    }
    const answer = parseLine(heard);
    const place = places.find((path) => heard.includes(path));
    if (place !== undefined) problems.push({ 'tells a path': heard });
    if (isEvent(answer)) continue;
    const problem = problemOfAnswer(answer);
    if (problem !== undefined) problems.push({ [problem]: heard });
    came.push(JSON.stringify((answer as { id?: unknown } | undefined)?.id));
  }
  wire.close();
  const left = unmatched(due, came) as Json[];
  if (problems.length === 0 && left.length > 0) problems.push({ ids: left });
  return problems;
};

/** An unhandled rejection would be in it, and be the end of the daemon. */
const nothingInLog = ({ home }: ScoreDaemon): Fact => {
  const errors = readFileSync(home.logPath, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"level":"error"'));
  return {
    fact: 'the daemon logs no error',
    holds: errors.length === 0,
    found: errors.slice(0, 3),
  };
};

await runAlone(import.meta.url, check);
