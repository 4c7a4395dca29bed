/**
 * Check 33. Whoever may ask the database must not write to it, nor hold up the
 * daemon: `executeDBQuery` takes one statement, reads, and has caps on time,
 * rows and bytes.
 */
import { readdir } from 'node:fs/promises';
import { limits, type Json } from '@ocap/kernel-utils';
import * as queries from './queries/queries.ts';
import { openBystander } from './tools/bystander.ts';
import type { Check } from './tools/check.ts';
import { watchMemory } from './tools/daemon-memory.ts';
import { differences, dumpStore } from './tools/dump-store.ts';
import { judge, type Fact } from './tools/facts.ts';
import { factOf, outcomeOf } from './tools/outcome-of.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const REFUSED = /^1000 SQL_REFUSED /u;
const ANSWERED = /^answered \[/u;
/** Beyond its deadline: the end of a process, and the start of another. */
const GRACE_MS = 2000;
/** Less than any query of those that never end may take. */
const P99_MS = 500;
const GROWTH_MIB = 100;

export const check: Check = {
  number: 33,
  id: 'sql-surface',
  title: 'SQL that would write, reach out, or never end',
  run: async ({ openDaemon, mode, amount, note }) => {
    const queryMs = amount(1000, limits.queryMs.value);
    const config = mode === 'quick' ? { limits: { queryMs } } : {};
    const daemon = await openDaemon({ config });
    const bystander = await openBystander(daemon, P99_MS);
    const { home } = daemon;
    const before = dumpStore(home.databasePath);
    const files = await readdir(home.dir);
    const memory = watchMemory(daemon);

    const facts: Fact[] = [];
    const all = [
      ...queries.writing,
      ...queries.pragmas,
      ...queries.several,
      ...queries.functions,
      ...queries.nonsense,
    ];
    for (const { name, sql } of all) {
      const found = await ask(daemon, sql);
      facts.push(factOf(`${name} is refused`, found, REFUSED));
    }
    const changed = differences(before, dumpStore(home.databasePath));
    facts.push({
      fact: 'the database is what it was',
      holds: changed.length === 0,
      found: [...changed],
    });

    const watch = bystander.watch();
    facts.push(...(await inTime(daemon, queryMs, note)));
    facts.push(...(await inSize(daemon)));
    const { p99, facts: seen } = await watch.end();
    facts.push(...seen);
    const { peak } = memory.growth();
    const left = await readdir(home.dir);
    facts.push(
      {
        fact: `the daemon has grown by less than ${GROWTH_MIB} MiB`,
        holds: peak < GROWTH_MIB,
        found: `${peak.toFixed(1)} MiB`,
      },
      {
        fact: 'there is no file that was not there',
        holds: left.every((file) => files.includes(file)),
        found: left,
      },
    );
    for (const { name, sql } of queries.honest) {
      facts.push(
        factOf(`${name} is answered`, await ask(daemon, sql), ANSWERED),
      );
    }
    return judge(facts, {
      value: `p99 ${p99.toFixed(1)} ms, +${peak.toFixed(0)} MiB`,
      limit: 'read-only connection, one statement, time and row caps',
    });
  },
};

const ask = async ({ client }: ScoreDaemon, sql: Json): Promise<string> =>
  outcomeOf(client.rpc('executeDBQuery', [sql]));

/** Each ends within its deadline, and the next one is answered. */
const inTime = async (
  daemon: ScoreDaemon,
  queryMs: number,
  note: (text: string) => void,
): Promise<readonly Fact[]> => {
  const facts: Fact[] = [];
  for (const { name, sql } of queries.endless) {
    const begun = performance.now();
    const found = await ask(daemon, sql);
    const next = await ask(daemon, 'SELECT 1');
    const ms = performance.now() - begun;
    note(`${name}: ${ms.toFixed(0)} ms, ${found.slice(0, 80)}`);
    facts.push(
      factOf(name, found, /^1000 SQL_REFUSED .*longer than/u),
      factOf(`a query after ${name}`, next, ANSWERED),
      {
        fact: `${name} holds up others for less than ${queryMs + GRACE_MS} ms`,
        holds: ms < queryMs + GRACE_MS,
        found: ms,
      },
    );
  }
  return facts;
};

/** The cap on rows at N and N + 1, and memory that nobody has. */
const inSize = async (daemon: ScoreDaemon): Promise<readonly Fact[]> => {
  const rows = limits.queryRows.value;
  const facts: Fact[] = [
    factOf(
      `${rows} rows are answered`,
      await ask(daemon, queries.rowsQuery(rows)),
      new RegExp(`^answered .*"i":${rows}\\}\\]$`, 'u'),
    ),
    factOf(
      `${rows + 1} rows are refused`,
      await ask(daemon, queries.rowsQuery(rows + 1)),
      /^1000 SQL_REFUSED .*more than 10000 rows/u,
    ),
  ];
  for (const { name, sql } of queries.large) {
    facts.push(factOf(`${name} is refused`, await ask(daemon, sql), REFUSED));
  }
  return facts;
};

await runAlone(import.meta.url, check);
