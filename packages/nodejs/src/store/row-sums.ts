/**
 * The checksum in each row, of all else that is in it. SQLite has none in its
 * file: a byte that a disk gives back otherwise than it got it would be a
 * balance, a name or a reference like any other. CRC-32 tells every change of
 * up to 32 bits in a row; it is no protection from somebody who writes there.
 */
import { crc32 } from 'node:zlib';
import type { Sqlite } from './open-database.ts';
import type { Column, Columns } from './row-codecs.ts';

export const SUM = 'sum';

/** In the order in which they are summed. */
export const summedColumns = (names: readonly string[]): readonly string[] =>
  names.filter((name) => name !== SUM).sort();

/** Values as text, since SQLite gives "5" of a column of numbers back as 5. */
export const sumOf = (values: readonly (Column | undefined)[]): number =>
  crc32(
    values.map((value) => (value === null ? '\0' : String(value))).join('\x1f'),
  );

export const isSound = (row: Columns, names: readonly string[]): boolean =>
  row[SUM] === sumOf(names.map((name) => row[name]));

/** Of whole rows of one table. Rows without the column have none. */
export const areSound = (rows: readonly Columns[]): boolean => {
  const [first] = rows;
  if (first === undefined || !(SUM in first)) return true;
  const names = summedColumns(Object.keys(first));
  return rows.every((row) => isSound(row, names));
};

const columnsOf = (db: Sqlite, table: string): readonly string[] =>
  (db.pragma(`table_info('${table}')`) as Readonly<{ name: string }>[]).map(
    ({ name }) => name,
  );

/** With the columns of each; only those that have checksums. */
const summedTables = (
  db: Sqlite,
): readonly (readonly [string, readonly string[]])[] =>
  db
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .pluck()
    .all()
    .map((table) => [table, columnsOf(db, table)] as const)
    .filter(([, columns]) => columns.includes(SUM));

/** What `sumOf` sums, put together by SQLite: so each row is handed over as one text, and not value by value. */
const summedText = (names: readonly string[]): string =>
  names.map((name) => `ifnull(${name}, char(0))`).join(' || char(31) || ');

/** Reads every row; says which table has one that is not as it was written. */
export const findUnsoundTable = (db: Sqlite): string | undefined => {
  db.function('text_sum', { deterministic: true }, (text) =>
    crc32(text as string),
  );
  for (const [table, columns] of summedTables(db)) {
    const names = summedColumns(columns);
    const suspects = db.prepare<[], Columns>(
      `SELECT * FROM ${table} WHERE ${SUM} IS NOT text_sum(${summedText(names)})`,
    );
    for (const row of suspects.iterate()) {
      // SQLite may write a number otherwise than it was when it was summed.
      if (!isSound(row, names)) return table;
    }
  }
  return undefined;
};

/** Sums every row anew, after a migration has changed what columns there are. */
export const sumAllRows = (db: Sqlite): void => {
  db.function('row_sum', { varargs: true, deterministic: true }, (...values) =>
    sumOf(values as Column[]),
  );
  for (const [table, columns] of summedTables(db)) {
    const names = summedColumns(columns).join(', ');
    db.exec(`UPDATE ${table} SET ${SUM} = row_sum(${names})`);
  }
};
