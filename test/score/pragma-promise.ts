/**
 * Check 4. What SQLite promises depends on settings of the connection, so they
 * are read where the daemon has it open, in its own process; and a daemon whose
 * settings did not take must not run.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { messageOf } from '@ocap/kernel-utils';
import { sendSignal } from '../support/processes.ts';
import type { Check } from './tools/check.ts';
import { judge, type Fact } from './tools/facts.ts';
import { launchVat } from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const preload = fileURLToPath(
  new URL('./preloads/bend-pragmas.ts', import.meta.url),
);

const promised = {
  journal_mode: 'wal',
  synchronous: 2,
  foreign_keys: 1,
};

/** What is asked for, what is done instead, and what the refusal must name. */
const bends: readonly (readonly [string, string, RegExp])[] = [
  ['journal_mode = WAL', 'journal_mode = DELETE', /journal_mode is delete/u],
  ['synchronous = FULL', 'synchronous = NORMAL', /synchronous is 1/u],
  ['synchronous = FULL', 'synchronous = OFF', /synchronous is 0/u],
  ['foreign_keys = ON', 'foreign_keys = OFF', /foreign_keys is 0/u],
];

/** Versions that a program which knows this one has not written. */
const unknownVersions = (
  known: number,
): readonly (readonly [number, RegExp])[] => [
  [known + 1, /schema \d+; this program knows up to/u],
  [2 ** 31 - 1, /schema \d+; this program knows up to/u],
  [-1, /kernel\.sqlite/u],
  // As if it were empty, but it is not.
  [0, /kernel\.sqlite/u],
];

export const check: Check = {
  number: 4,
  id: 'pragma-promise',
  title: 'reads back the pragmas of an open store, and has them not take',
  run: async ({ openDaemon, amount }) => {
    const daemon = await openDaemon({ preload });
    const { home, client } = daemon;
    const path = join(home.dir, 'pragmas.json');
    const { root } = await launchVat(
      daemon,
      `if (!baggage.has('n')) baggage.init('n', 0);
       return makeDefaultExo('R', { inc: () => { baggage.set('n', baggage.get('n') + 1); return baggage.get('n'); } });`,
    );
    let count = 0;
    const call = async (): Promise<void> => {
      count += 1;
      const answer = await client.call(root, 'inc');
      if (answer !== count) throw Error(`${count} was answered by ${answer}`);
    };
    const facts: Fact[] = [];
    await daemon.stop();
    // The one that this program gives to a new store.
    const known = versionOf(home.databasePath);
    const look = async (when: string): Promise<void> => {
      const wanted = { ...promised, user_version: known };
      facts.push(...(await readBack(daemon, path, { when, wanted })));
    };
    await daemon.start({ SCORE_PRAGMAS: path });
    await look('after a start');
    for (let calls = amount(50, 2000); calls > 0; calls -= 1) await call();
    await look('under load');
    await daemon.kill();
    await daemon.start({ SCORE_PRAGMAS: path });
    await call();
    await look('after kill -9');

    for (const [asked, done, named] of bends) {
      await daemon.stop();
      const refusal = await startIn(daemon, { [asked]: done });
      facts.push(
        refusedFact(`a store with ${done} is refused`, refusal, named),
      );
      facts.push(endedFact(daemon));
      await daemon.start({ SCORE_PRAGMAS: path });
    }
    for (const [version, named] of unknownVersions(known)) {
      await daemon.stop();
      setVersion(home.databasePath, version);
      const refusal = await startIn(daemon, {});
      facts.push(
        refusedFact(`user_version ${version} is refused`, refusal, named),
      );
      facts.push(endedFact(daemon));
      const left = setVersion(home.databasePath, known);
      facts.push({
        fact: `a refused database keeps its user_version ${version}`,
        holds: left === version,
        found: left,
      });
      await daemon.start({ SCORE_PRAGMAS: path });
    }
    await call();
    return judge(facts, {
      limit:
        'WAL, synchronous=2, foreign_keys=1, known user_version, else refused',
    });
  },
};

const readBack = async (
  daemon: ScoreDaemon,
  path: string,
  {
    when,
    wanted,
  }: Readonly<{
    when: string;
    wanted: Readonly<Record<string, string | number>>;
  }>,
): Promise<readonly Fact[]> => {
  rmSync(path, { force: true });
  sendSignal(daemon.pid(), 'SIGUSR2');
  for (let tries = 0; !existsSync(path) && tries < 200; tries += 1) {
    await delay(10);
  }
  const connections = (
    JSON.parse(readFileSync(path, 'utf8')) as Record<
      string,
      string | number | boolean
    >[]
  ).filter(({ name }) => String(name).endsWith('kernel.sqlite'));
  const writers = connections.filter(
    ({ readonly, query_only: queryOnly }) =>
      readonly !== true && queryOnly !== 1,
  );
  return [
    {
      fact: `${when}, one connection can write`,
      holds: writers.length === 1,
      found: connections,
    },
    ...Object.entries(wanted).map(([name, value]) => ({
      fact: `${when}, ${name} is ${String(value)}`,
      holds: writers.every((writer) => writer[name] === value),
      found: writers,
    })),
  ];
};

/** What a start came to: undefined if the daemon runs. */
const startIn = async (
  daemon: ScoreDaemon,
  bend: Readonly<Record<string, string>>,
): Promise<string | undefined> =>
  daemon
    .start({ SCORE_BEND: JSON.stringify(bend) })
    .then(() => undefined, messageOf);

const refusedFact = (
  fact: string,
  refusal: string | undefined,
  named: RegExp,
): Fact => ({
  fact,
  holds: refusal !== undefined && named.test(refusal),
  found: refusal ?? 'it runs',
});

/** A daemon that refuses leaves no process. */
const endedFact = ({ home }: ScoreDaemon): Fact => ({
  fact: 'a daemon that refuses is gone',
  holds: home.daemonPid() === undefined,
});

/** Returns the version that it had. */
const setVersion = (path: string, version: number): number => {
  const before = versionOf(path);
  withDatabase(path, (database) =>
    database.pragma(`user_version = ${version}`),
  );
  return before;
};

const versionOf = (path: string): number =>
  Number(
    withDatabase(path, (database) =>
      database.pragma('user_version', { simple: true }),
    ),
  );

const withDatabase = (
  path: string,
  use: (database: Database.Database) => unknown,
): unknown => {
  const database = new Database(path);
  try {
    return use(database);
  } finally {
    database.close();
  }
};

await runAlone(import.meta.url, check);
