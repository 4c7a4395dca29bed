/** Whether the database of a home is as it was written. Writes nothing. */
import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { SCHEMA_VERSION } from '@ocap/kernel/schema';
import { messageOf } from '@ocap/kernel-utils';
import { findProblem } from '../store/find-problem.ts';
import { findUnknownVersion, versionOf } from '../store/schema-version.ts';
import { findWalProblem } from '../store/wal-problem.ts';
import { notOk, ok, type Finding } from './finding.ts';

const BACK =
  'go back to a backup:  ocap daemon restore <file> --force      or begin anew:  ocap daemon purge --force';

/** All of it is read, however large it is. `isOpen`: a daemon may be writing to it. */
export const examineStore = (
  path: string,
  isOpen: boolean,
): readonly Finding[] => {
  if (!existsSync(path)) return [ok('database', 'there is none yet')];
  const problem = isOpen
    ? undefined
    : findWalProblem(path, Number.POSITIVE_INFINITY);
  if (problem !== undefined) {
    return [notOk('problem', 'database', problem, BACK)];
  }
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true });
    try {
      return [examineVersion(db), examineContents(db, path)];
    } finally {
      db.close();
    }
  } catch (error) {
    const found = `it cannot be opened (${messageOf(error)})`;
    return [notOk('problem', 'database', found, BACK)];
  }
};

const examineVersion = (db: Database.Database): Finding => {
  const found = versionOf(db);
  const unknown = findUnknownVersion(db);
  if (unknown !== undefined) {
    const advice =
      found > SCHEMA_VERSION
        ? 'use the newer version of ocap that has written it; or go back to kernel.sqlite.schema-N, if it left one'
        : BACK;
    return notOk('problem', 'schema', unknown, advice);
  }
  return found < SCHEMA_VERSION
    ? notOk(
        'warning',
        'schema',
        `version ${found}, of an earlier ocap; this one uses ${SCHEMA_VERSION}`,
        'the next start brings it up to date, and keeps a copy of how it is now',
      )
    : ok('schema', `version ${found}`);
};

const examineContents = (db: Database.Database, path: string): Finding => {
  const problem = findProblem(db);
  const size = (statSync(path).size / 1024 ** 2).toFixed(1);
  return problem === undefined
    ? ok('database', `${size} MiB, every row is as it was written`)
    : notOk('problem', 'database', problem, BACK);
};
