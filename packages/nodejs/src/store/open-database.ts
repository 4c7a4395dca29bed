/**
 * Opens (and if needed creates or migrates) the kernel's database. What is set
 * here is read back, because a pragma that did not take is the difference
 * between "on disk" and "probably on disk": better-sqlite3 is compiled to lower
 * `synchronous` under WAL unless told otherwise.
 */
import { chmodSync, existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrations, SCHEMA_VERSION } from '@ocap/kernel';
import { fail, messageOf } from '@ocap/kernel-utils';

export type Sqlite = Database.Database;

const promised = {
  journal_mode: 'wal',
  synchronous: 2, // FULL
  foreign_keys: 1,
} as const;

/** `path` is a file; `:memory:` is for tests that need no disk. */
export const openDatabase = (path: string): Sqlite => {
  const db = connect(path);
  try {
    insistPragmas(db, path);
    migrate(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

const connect = (path: string): Sqlite => {
  try {
    const db = new Database(path);
    if (path !== ':memory:') {
      chmodSync(path, 0o600);
    }
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('wal_autocheckpoint = 4000');
    return db;
  } catch (error) {
    throw fail(
      'STORE_UNUSABLE',
      { path, problem: messageOf(error) },
      { cause: error },
    );
  }
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

const migrate = (db: Sqlite, path: string): void => {
  const found = Number(db.pragma('user_version', { simple: true }));
  if (found > SCHEMA_VERSION) {
    throw fail('STORE_TOO_NEW', { path, found, known: SCHEMA_VERSION });
  }
  insistKnownVersion(db, path, found);
  if (found > 0 && found < SCHEMA_VERSION) {
    backUp(db, `${path}.schema-${found}`);
  }
  for (let version = found; version < SCHEMA_VERSION; version += 1) {
    db.transaction(() => {
      db.exec(migrations[version] ?? '');
      db.pragma(`user_version = ${version + 1}`);
    })();
  }
};

/** Version 0 is that of a new file; one that has tables already is not ours to write to. */
const insistKnownVersion = (db: Sqlite, path: string, found: number): void => {
  const tables = db
    .prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'")
    .pluck()
    .get();
  if (found < 0 || (found === 0 && tables !== 0)) {
    const problem = `it has tables, but its schema version is ${found}, which no version of ocap has written`;
    throw fail('STORE_UNUSABLE', { path, problem });
  }
};

/** `VACUUM INTO` refuses to overwrite, so the oldest copy of a schema is the one that stays. */
const backUp = (db: Sqlite, copy: string): void => {
  if (!existsSync(copy)) {
    db.prepare('VACUUM INTO ?').run(copy);
    chmodSync(copy, 0o600);
  }
};
