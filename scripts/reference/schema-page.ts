/**
 * `docs/schema.md`: what is in a database that was just made, explained by the
 * comments of the migrations that made it.
 */
import { openDatabase } from '../../packages/nodejs/src/store/open-database.ts';
import {
  migrations,
  SCHEMA_VERSION,
} from '../../packages/kernel/src/store/schema.ts';
import { code, page, table } from './markdown.ts';
import { readComments, type SchemaComments } from './schema-comments.ts';

type Column = Readonly<{
  name: string;
  type: string;
  notnull: 0 | 1;
  /** Place in the primary key, from 1; 0 if it has none. */
  pk: number;
}>;

type Row = Readonly<{ name: string; sql: string | null }>;

export const schemaPage = (): string => {
  const db = openDatabase(':memory:');
  try {
    const tables = db
      .prepare<[], Row>(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
      )
      .all();
    const indexesOf = db.prepare<[string], Row>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ? ORDER BY rowid",
    );
    const comments = readComments(migrations);
    return page('`packages/kernel/src/store/schema.ts`', [
      '# The database',
      `One SQLite file, \`kernel.sqlite\`, with \`user_version\` ${SCHEMA_VERSION}. A database of an older version is copied (\`kernel.sqlite.schema-N\`) and then migrated when the daemon starts; one of a newer version is refused. Look into it while the daemon runs with \`ocap daemon exec executeDBQuery '["SELECT …"]'\`: what is shown is what has been committed. Never write to it.`,
      'References are krefs (`ko12`, `kp7`) unless a column says otherwise. A value that can hold references is two columns: a `body`, smallcaps text, and its `slots`, a JSON array of krefs. `sum` is the CRC-32 of the other columns of its row.',
      ...tables.flatMap(({ name }) =>
        tableParts(
          name,
          db.pragma(`table_info('${name}')`) as Column[],
          indexesOf.all(name),
          comments,
        ),
      ),
    ]);
  } finally {
    db.close();
  }
};

const tableParts = (
  name: string,
  columns: readonly Column[],
  indexes: readonly Row[],
  comments: SchemaComments,
): string[] => {
  const about = comments.tables.get(name);
  return [
    `## ${name}`,
    ...(about === undefined ? [] : [about]),
    table(
      ['column', 'type', '', 'what it is'],
      columns.map((column) => [
        code(column.name),
        column.type,
        column.pk > 0 ? 'key' : column.notnull === 0 ? 'may be NULL' : '',
        comments.columns.get(`${name}.${column.name}`) ?? '',
      ]),
    ),
    ...indexes.map(
      ({ name: index, sql }) => `Index ${code(index)}: ${indexText(sql ?? '')}`,
    ),
  ];
};

/** `unique (endpoint, vref)` of a CREATE INDEX. */
const indexText = (sql: string): string => {
  const found = /^CREATE (UNIQUE )?INDEX \S+ ON \S+\s*(.*)$/su.exec(sql);
  const rest = (found?.[2] ?? sql).replaceAll(/\s+/gu, ' ');
  return `${found?.[1] === undefined ? '' : 'unique '}${code(rest)}.`;
};
