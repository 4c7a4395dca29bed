/**
 * Loaded into the daemon's process before its own program. Its steps are those
 * of its migrations: the copy of the old file, before, in the middle and after;
 * each statement; each version, before and after.
 */
import { statSync, truncateSync } from 'node:fs';
import Database from 'better-sqlite3';
import { step } from './die-at-step.ts';

const { prototype } = Database;
const statement = new Database(':memory:').prepare('SELECT 1');
const ofStatements = Object.getPrototypeOf(statement) as Database.Statement;
// Called with the database or statement as their `this`, below.
const { exec, pragma } = prototype;
const { run } = ofStatements;

/** Comments may have semicolons of their own; strings in the migrations have none. */
const statementsOf = (sql: string): readonly string[] =>
  sql
    .replaceAll(/--.*$/gmu, '')
    .split(';')
    .map((text) => text.trim())
    .filter((text) => text !== '');

const isStore = ({ name }: Database.Database): boolean =>
  name.endsWith('kernel.sqlite');

prototype.exec = function (sql) {
  if (!isStore(this)) return exec.call(this, sql);
  for (const text of statementsOf(sql)) {
    step(text.replaceAll(/\s+/gu, ' ').slice(0, 60));
    exec.call(this, text);
  }
  return this;
};

prototype.pragma = function (source, options) {
  const isVersion = isStore(this) && source.startsWith('user_version =');
  if (!isVersion) return pragma.call(this, source, options);
  step(`before ${source}`);
  const found = pragma.call(this, source, options);
  step(`after ${source}, before its commit`);
  return found;
};

ofStatements.run = function (...parameters: unknown[]) {
  if (!this.source.startsWith('VACUUM INTO')) {
    return run.apply(this, parameters);
  }
  step('before the copy');
  const result = run.apply(this, parameters);
  // As a death in the middle leaves it.
  const copy = String(parameters[0]);
  step('in the middle of the copy', () =>
    truncateSync(copy, Math.floor(statSync(copy).size / 2)),
  );
  step('after the copy');
  return result;
};
