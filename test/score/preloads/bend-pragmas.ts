/**
 * Loaded into the daemon's process before its own program. Tells, on SIGUSR2,
 * what the pragmas of its open databases are: nobody else can, they belong to
 * the connection. And, if it is told to, has a pragma not take.
 *
 * `SCORE_PRAGMAS` names the file to write; `SCORE_BEND` is JSON: what to do
 * (`synchronous = NORMAL`) when the program asks for something else
 * (`synchronous = FULL`).
 */
import { renameSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const reported = [
  'journal_mode',
  'synchronous',
  'foreign_keys',
  'user_version',
  'query_only',
];
const bent = JSON.parse(process.env['SCORE_BEND'] ?? '{}') as Readonly<
  Record<string, string>
>;
const path = process.env['SCORE_PRAGMAS'] ?? '';

const opened = new Set<Database.Database>();
const { prototype } = Database;
// Called with the database as its `this`, below.
const { pragma } = prototype;

prototype.pragma = function (source, options) {
  opened.add(this);
  return pragma.call(this, bent[source] ?? source, options);
};

process.on('SIGUSR2', () => {
  const connections = [...opened]
    .filter(({ open }) => open)
    .map((database) => ({
      name: database.name,
      readonly: database.readonly,
      ...Object.fromEntries(
        reported.map((name) => [
          name,
          pragma.call(database, name, { simple: true }),
        ]),
      ),
    }));
  writeFileSync(`${path}.new`, JSON.stringify(connections));
  renameSync(`${path}.new`, path);
});
