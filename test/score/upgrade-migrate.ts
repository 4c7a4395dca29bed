/**
 * Check 13. Databases of every earlier schema, with vats and their state in
 * them, under the program of today: it migrates them, keeps the old file, and
 * does so once. It is killed at every step of every migration, and from each
 * schema at some of the steps that later ones have as well; the next start must
 * come to the same. A database that is newer than the program is refused.
 */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { messageOf } from '@ocap/kernel-utils';
import { SCHEMA_VERSION } from '../../packages/kernel/src/store/schema.ts';
import { durableRows } from '../../packages/nodejs/src/testing/durable-rows.ts';
import type { Check } from './tools/check.ts';
import { copyUnderSchema } from './tools/copy-under-schema.ts';
import { differences, dumpStore, type Dump } from './tools/dump-store.ts';
import { judge, type Fact } from './tools/facts.ts';
import { hasEnded } from './tools/has-ended.ts';
import { launchVat } from './tools/launch-vat.ts';
import { runAlone } from './tools/run-alone.ts';
import type { ScoreDaemon } from './tools/score-daemon.ts';

const preload = fileURLToPath(
  new URL('./preloads/die-in-migration.ts', import.meta.url),
);
/** From the latest to the first. */
const versions = Array.from(
  { length: SCHEMA_VERSION - 1 },
  (_, i) => SCHEMA_VERSION - 1 - i,
);

/** The same for each table. */
const isRepeated = (name: string): boolean => / sum\b/u.test(name);
/** Each schema has an old file of its own to keep. */
const isOfCopy = (name: string): boolean => / copy$/u.test(name);
/** Of the steps that it need not die at each time, it dies at one of so many. */
const SAMPLED = 12;
/** In quick mode, of all these one of so many. */
const SAMPLED_QUICK = 10;

export const check: Check = {
  number: 13,
  id: 'upgrade-migrate',
  title: 'databases of earlier schemas, deaths within migrations, a newer one',
  run: async ({ openDaemon, mode, note }) => {
    const daemon = await openDaemon({ preload });
    const world = await openWorld(daemon);
    const facts: Fact[] = [];
    let deaths = 0;
    const chosen =
      mode === 'full' ? versions : [Math.ceil(SCHEMA_VERSION / 2), 1];
    // From each schema it takes the steps of all later ones: those are known by then.
    const known = new Set<string>();
    for (const version of chosen) {
      const { names, facts: found } = await migrateOnce(world, version);
      facts.push(...found);
      note(`from ${version}, ${names.length} steps`);
      const mustDie = (name: string): boolean =>
        isOfCopy(name) || !(known.has(name) || isRepeated(name));
      const dying = names
        .map((name, i) => ({ name, at: i + 1 }))
        .filter(({ name, at }) => at % SAMPLED === 0 || mustDie(name))
        .filter((_, i) => mode === 'full' || i % SAMPLED_QUICK === 1);
      for (const name of names) known.add(name);
      for (const { name, at } of dying) {
        facts.push(...(await dieAt(world, version, at, name)));
        deaths += 1;
      }
    }
    facts.push(...(await newer(world)));
    return judge(facts, {
      value: `${chosen.length} earlier schemas, ${deaths} deaths within migrations`,
      limit: 'migrates, keeps the old file, idempotent; the newer is refused',
    });
  },
};

type World = Readonly<{
  daemon: ScoreDaemon;
  /** A database of today, and the same as each earlier schema would have it. */
  today: string;
  earlier(version: number): string;
  /** What the vats must answer, and the names there are. */
  served: Readonly<Record<string, string>>;
  roots: readonly string[];
}>;

const openWorld = async (daemon: ScoreDaemon): Promise<World> => {
  const { client, home } = daemon;
  const steps = join(home.dir, 'steps');
  const roots: string[] = [];
  for (const [at, [, body]] of durableRows.entries()) {
    const { root } = await launchVat(daemon, body, { placement: 'shared' });
    await client.call(root, 'fill');
    await client.rpc('setName', [`vat${at}`, root]);
    roots.push(root);
  }
  const served = await look(daemon, roots);
  await daemon.stop();
  const today = join(home.dir, 'today.sqlite');
  copyFileSync(home.databasePath, today);
  const earlier = (version: number): string =>
    join(home.dir, `earlier-${version}.sqlite`);
  for (const version of versions) {
    copyUnderSchema(version, today, earlier(version));
  }
  await daemon.start({ SCORE_STEPS: steps });
  return { daemon, today, earlier, served, roots };
};

const look = async (
  { client }: ScoreDaemon,
  roots: readonly string[],
): Promise<Readonly<Record<string, string>>> => {
  const looks: Record<string, string> = {};
  const see = async (what: string, found: Promise<unknown>): Promise<void> => {
    looks[what] = JSON.stringify(await found.catch(messageOf));
  };
  await Promise.all([
    see('the names', client.rpc('listNames')),
    ...roots.map(async (root, at) =>
      see(`what vat ${at} reads`, client.send(root, 'read', [])),
    ),
  ]);
  return looks;
};

/** Puts this database in the place of the daemon's; nothing else of earlier ones stays. */
const place = async ({ daemon }: World, from: string): Promise<void> => {
  await daemon.kill();
  const { dir, databasePath } = daemon.home;
  for (const name of readdirSync(dir)) {
    if (name.startsWith('kernel.sqlite')) rmSync(join(dir, name));
  }
  copyFileSync(from, databasePath);
};

const startAt = async (
  { daemon }: World,
  step: number,
): Promise<string | undefined> => {
  const path = join(daemon.home.dir, 'steps');
  rmSync(path, { force: true });
  return daemon
    .start({ SCORE_STEPS: path, SCORE_DIE_AT: String(step) })
    .then(() => undefined, messageOf);
};

const stepsOf = ({ daemon }: World): readonly string[] => {
  const path = join(daemon.home.dir, 'steps');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.split('\n').filter((name) => name !== '');
};

const migrateOnce = async (
  world: World,
  version: number,
): Promise<Readonly<{ names: readonly string[]; facts: readonly Fact[] }>> => {
  const { daemon } = world;
  await place(world, world.earlier(version));
  const refusal = await startAt(world, 0);
  const names = stepsOf(world);
  if (refusal !== undefined) {
    const fact = `from ${version}: it starts`;
    return { names, facts: [{ fact, holds: false, found: refusal }] };
  }
  const facts = await migrated(world, version, `from ${version}`);
  await daemon.stop();
  const before = dumpStore(daemon.home.databasePath);
  await startAt(world, 0);
  const after = dumpStore(daemon.home.databasePath);
  return {
    names,
    facts: [
      ...facts,
      {
        fact: `from ${version}: a second start migrates nothing`,
        holds: stepsOf(world).length === 0,
        found: [...stepsOf(world)],
      },
      same(`from ${version}: a second start changes nothing`, before, after),
      ...(await kept(world, version, `from ${version}, started again`)),
    ],
  };
};

const dieAt = async (
  world: World,
  version: number,
  at: number,
  name: string,
): Promise<readonly Fact[]> => {
  const when = `from ${version}, death ${at} (${name})`;
  await place(world, world.earlier(version));
  const refusal = await startAt(world, at);
  const isDead =
    (await hasEnded(world.daemon.home)) && stepsOf(world).length === at;
  const again = await startAt(world, 0);
  return [
    {
      fact: `${when}: it died there`,
      holds: refusal !== undefined && isDead,
    },
    {
      fact: `${when}: the next start goes well`,
      holds: again === undefined,
      found: again ?? 'it runs',
    },
    ...(again === undefined ? await migrated(world, version, when) : []),
  ];
};

/** It has today's schema and the rows of the old one, serves them, and keeps the old file. */
const migrated = async (
  world: World,
  version: number,
  when: string,
): Promise<readonly Fact[]> => {
  const { daemon, roots, served } = world;
  const now = dumpStore(daemon.home.databasePath);
  const found = await look(daemon, roots);
  const wrong = Object.keys(served).filter((key) => found[key] !== served[key]);
  const audit = await daemon.client.rpc('audit');
  return [
    {
      fact: `${when}: the schema is that of today`,
      holds: versionOf(daemon.home.databasePath) === SCHEMA_VERSION,
    },
    same(`${when}: every row is there`, rowsOf(world.today, version), now),
    {
      fact: `${when}: all that was durable is served`,
      holds: wrong.length === 0,
      found: wrong.map((key) => `${key}: ${found[key]}`),
    },
    {
      fact: `${when}: the audit is clean`,
      holds: (audit as { ok: boolean }).ok,
      found: JSON.stringify(audit),
    },
    ...(await kept(world, version, when)),
  ];
};

/** The old file is beside it as it was, and no half of a copy. */
const kept = async (
  world: World,
  version: number,
  when: string,
): Promise<readonly Fact[]> => {
  const { dir, databasePath } = world.daemon.home;
  const copy = `${databasePath}.schema-${version}`;
  const copies = readdirSync(dir).filter((name) =>
    name.startsWith('kernel.sqlite.'),
  );
  const facts: Fact[] = [
    {
      fact: `${when}: there is one copy, of the old schema`,
      holds: copies.join() === `kernel.sqlite.schema-${version}`,
      found: copies,
    },
  ];
  try {
    const old = dumpStore(world.earlier(version));
    facts.push(same(`${when}: the copy is the old file`, old, dumpStore(copy)));
  } catch (thrown) {
    const fact = `${when}: the copy can be opened`;
    facts.push({ fact, holds: false, found: messageOf(thrown) });
  }
  return facts;
};

const same = (fact: string, one: Dump, other: Dump): Fact => {
  const found = differences(withoutSums(one), withoutSums(other));
  return { fact, holds: found.length === 0, found: [...found] };
};

/** Checksums are made by the migration; what the start itself notes is no row of old. */
const withoutSums = (dump: Dump): Dump =>
  new Map(
    [...dump]
      .filter(([table, rows]) => table !== 'events' && rows.length > 0)
      .map(([table, rows]) => [
        table,
        rows.map((row) => row.replace(/,"sum":(?:\d+|null)(?=\})/u, '')),
      ]),
  );

/** What there would be today if the earlier schema had been all there was. */
const rowsOf = (today: string, version: number): Dump => {
  const path = `${today}.${version}`;
  if (!existsSync(path)) {
    copyUnderSchema(version, today, `${path}.earlier`);
    copyUnderSchema(SCHEMA_VERSION, `${path}.earlier`, path);
  }
  return dumpStore(path);
};

const versionOf = (path: string): number => {
  const database = new Database(path, { readonly: true });
  try {
    return Number(database.pragma('user_version', { simple: true }));
  } finally {
    database.close();
  }
};

const newer = async (world: World): Promise<readonly Fact[]> => {
  const { daemon, today } = world;
  const path = daemon.home.databasePath;
  const facts: Fact[] = [];
  for (const version of [SCHEMA_VERSION + 1, 2 ** 31 - 1]) {
    await place(world, today);
    const database = new Database(path);
    database.pragma(`user_version = ${version}`);
    database.close();
    const before = readFileSync(path);
    const refusal = String(await startAt(world, 0));
    facts.push(
      {
        fact: `schema ${version} is refused, and what can be done is said`,
        holds: new RegExp(
          `kernel\\.sqlite has schema ${version}; .*newer program`,
          'u',
        ).test(refusal),
        found: refusal,
      },
      {
        fact: `schema ${version}: the refused file is as it was`,
        holds: before.equals(readFileSync(path)),
      },
    );
  }
  await place(world, today);
  await startAt(world, 0);
  return facts;
};

await runAlone(import.meta.url, check);
