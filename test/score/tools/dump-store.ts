/** Every row of every table of a store, as text: to compare two of them. */
import Database from 'better-sqlite3';

export type Dump = ReadonlyMap<string, readonly string[]>;

/** Reads what is committed, also beside a daemon that has it open. */
export const dumpStore = (path: string): Dump => {
  const database = new Database(path, { readonly: true, timeout: 5000 });
  try {
    const tables = database
      .prepare<[], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
      )
      .pluck()
      .all();
    return new Map(
      tables.map((table) => [
        table,
        database
          .prepare<[], object>(`SELECT * FROM "${table}"`)
          .all()
          .map((row) => JSON.stringify(row))
          .sort(),
      ]),
    );
  } finally {
    database.close();
  }
};

/** Rows that only one of them has: `- table row` of the first, `+ table row` of the second. */
export const differences = (one: Dump, other: Dump): readonly string[] =>
  [...new Set([...one.keys(), ...other.keys()])].flatMap((table) => {
    const before = one.get(table) ?? [];
    const after = other.get(table) ?? [];
    return [
      ...before
        .filter((row) => !after.includes(row))
        .map((row) => `- ${table} ${row}`),
      ...after
        .filter((row) => !before.includes(row))
        .map((row) => `+ ${table} ${row}`),
    ];
  });
