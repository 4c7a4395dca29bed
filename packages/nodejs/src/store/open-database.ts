/**
 * Opens (and if needed creates or migrates) the kernel's database. What is set
 * here is read back, because a pragma that did not take is the difference
 * between "on disk" and "probably on disk": better-sqlite3 is compiled to lower
 * `synchronous` under WAL unless told otherwise. What is there is looked
 * through before it is used: see find-problem.ts and store-problems.ts.
 */
import { chmodSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrations, SCHEMA_VERSION } from '@ocap/kernel/schema';
import { fail, limits, messageOf, OcapError } from '@ocap/kernel-utils';
import { copyWhole } from './copy-whole.ts';
import { deleteDatabase } from './delete-database.ts';
import { isOfDisk } from './disk-failure.ts';
import { findProblem } from './find-problem.ts';
import { findUnknownVersion, versionOf } from './schema-version.ts';
import { sumAllRows } from './row-sums.ts';
import { findSchemaProblem } from './store-problems.ts';
import { findWalProblem } from './wal-problem.ts';

export type Sqlite = Database.Database;

const promised = {
  journal_mode: 'wal',
  synchronous: 2, // FULL
  foreign_keys: 1,
} as const;

export type OpenOptions = Readonly<{
  /** A larger one is not looked through at the start. */
  checkedBytes?: number | undefined;
  /** Looks at a copy that was brought up to date, before the database itself is. */
  findMigratedProblem?: ((path: string) => string | undefined) | undefined;
}>;

/** `path` is a file; `:memory:` is for tests that need no disk. @throws STORE_UNUSABLE, STORE_TOO_NEW */
export const openDatabase = (
  path: string,
  {
    checkedBytes = limits.storeBytesChecked.value,
    findMigratedProblem,
  }: OpenOptions = {},
): Sqlite => {
  try {
    if (path === ':memory:') return openMigrated(path);
    if (existsSync(path)) insistSound(path, checkedBytes);
    else create(path);
    return openMigrated(path, findMigratedProblem);
  } catch (error) {
    if (error instanceof OcapError) throw error;
    // SQLite may show the text of a whole table.
    const text = messageOf(error).replaceAll(/\s+/gu, ' ');
    const problem = isOfDisk(error)
      ? `${text}; see first whether its disk has room, and is sound`
      : text;
    throw fail('STORE_UNUSABLE', { path, problem }, { cause: error });
  }
};

/** Under its name there is never half of one: an empty file is one that has lost what it had. */
const create = (path: string): void => {
  const draft = `${path}.new`;
  deleteDatabase(draft);
  openMigrated(draft).close();
  // The log of one that was deleted would be taken for that of the new one.
  deleteDatabase(path);
  renameSync(draft, path);
};

/** What has been changed since it was written must not be taken for what was. */
const insistSound = (path: string, checkedBytes: number): void => {
  const bytes = statSync(path).size;
  const insist = (problem: string | undefined): void => {
    if (problem !== undefined) throw fail('STORE_UNUSABLE', { path, problem });
  };
  insist(bytes === 0 ? 'it is empty' : findWalProblem(path, checkedBytes));
  // One that cannot write: what is refused stays as it is, with its log.
  const db = new Database(path, { readonly: true });
  try {
    const found = versionOf(db);
    if (found > SCHEMA_VERSION) {
      throw fail('STORE_TOO_NEW', { path, found, known: SCHEMA_VERSION });
    }
    insist(findUnknownVersion(db));
    if (bytes <= checkedBytes) insist(findProblem(db));
  } finally {
    db.close();
  }
};

const openMigrated = (
  path: string,
  findMigratedProblem?: OpenOptions['findMigratedProblem'],
): Sqlite =>
  keptUnlessThrown(connect(path), (db) => {
    insistPragmas(db, path);
    migrate(db, path, findMigratedProblem);
    const problem = findSchemaProblem(db);
    if (problem !== undefined) throw fail('STORE_UNUSABLE', { path, problem });
  });

const keptUnlessThrown = (db: Sqlite, use: (db: Sqlite) => void): Sqlite => {
  try {
    use(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

const connect = (path: string): Sqlite => {
  const db = new Database(path);
  return keptUnlessThrown(db, () => {
    if (path !== ':memory:') {
      chmodSync(path, 0o600);
    }
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('cache_size = -4000'); // KiB; the kernel has caches of its own
  });
};

const insistPragmas = (db: Sqlite, path: string): void => {
  for (const [name, expected] of Object.entries(promised)) {
    const found: unknown = db.pragma(name, { simple: true });
    const inMemory = path === ':memory:' && name === 'journal_mode';
    if (found !== expected && !inMemory) {
      const problem = `${name} is ${String(found)} and not ${expected}, so what it says is stored might not be`;
      throw fail('STORE_UNUSABLE', { path, problem });
    }
  }
};

/** All of it or nothing: a start that is killed leaves no schema in between. */
const migrate = (
  db: Sqlite,
  path: string,
  findMigratedProblem: OpenOptions['findMigratedProblem'],
): void => {
  const found = versionOf(db);
  if (found === SCHEMA_VERSION) return;
  if (found > 0) {
    backUp(db, `${path}.schema-${found}`);
    const problem = rehearse(db, `${path}.rehearsal`, findMigratedProblem);
    if (problem !== undefined) {
      throw fail('STORE_NOT_MIGRATED', {
        path,
        found,
        known: SCHEMA_VERSION,
        problem,
      });
    }
  }
  runMigrations(db, found);
};

const runMigrations = (db: Sqlite, found: number): void => {
  db.transaction(() => {
    for (const migration of migrations.slice(found)) db.exec(migration);
    sumAllRows(db);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  })();
};

/** What would be wrong with the database once it is brought up to date: tried with a copy of it as it is now. */
const rehearse = (
  db: Sqlite,
  copy: string,
  findMigratedProblem: OpenOptions['findMigratedProblem'],
): string | undefined => {
  deleteDatabase(copy);
  try {
    copyWhole(db, copy);
    const rehearsed = connect(copy);
    try {
      runMigrations(rehearsed, versionOf(rehearsed));
      const problem = findProblem(rehearsed) ?? findSchemaProblem(rehearsed);
      if (problem !== undefined) return problem;
    } finally {
      rehearsed.close();
    }
    return findMigratedProblem?.(copy);
  } catch (error) {
    return messageOf(error);
  } finally {
    deleteDatabase(copy);
  }
};

/** The oldest copy of a schema is the one that stays. Under its name there is never half of one. */
const backUp = (db: Sqlite, copy: string): void => {
  if (existsSync(copy)) return;
  const draft = `${copy}.new`;
  rmSync(draft, { force: true });
  copyWhole(db, draft);
  renameSync(draft, copy);
};
