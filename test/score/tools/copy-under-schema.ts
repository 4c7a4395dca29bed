/** A database as another release would have left it: the rows of this one under another schema. */
import Database from 'better-sqlite3';
import { migrations } from '../../../packages/kernel/src/store/schema.ts';

type Column = Readonly<{ name: string }>;

const tablesOf = (
  database: Database.Database,
  where: 'main' | 'from',
): readonly string[] =>
  database
    .prepare<[], string>(
      `SELECT name FROM "${where}".sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
    )
    .pluck()
    .all();

const columnsOf = (
  database: Database.Database,
  where: 'main' | 'from',
  table: string,
): readonly string[] =>
  (database.pragma(`"${where}".table_info('${table}')`) as Column[]).map(
    ({ name }) => name,
  );

/** Whatever that schema has no place for stays behind. */
export const copyUnderSchema = (
  version: number,
  from: string,
  to: string,
): void => {
  const copy = new Database(to);
  try {
    copy.pragma('journal_mode = WAL');
    for (const migration of migrations.slice(0, version)) {
      copy.exec(migration);
    }
    copy.pragma(`user_version = ${version}`);
    copy.prepare('ATTACH ? AS "from"').run(from);
    const there = tablesOf(copy, 'from');
    for (const table of tablesOf(copy, 'main')) {
      if (!there.includes(table)) continue;
      const known = columnsOf(copy, 'from', table);
      const columns = columnsOf(copy, 'main', table)
        .filter((name) => known.includes(name))
        .join(', ');
      copy.exec(
        `INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM "from".${table}`,
      );
    }
  } finally {
    copy.close();
  }
};
