/**
 * The comments in the SQL of the migrations, by what they explain: those above
 * a table, and those behind (or above) a column.
 */
export type SchemaComments = Readonly<{
  tables: ReadonlyMap<string, string>;
  /** By `table.column`. */
  columns: ReadonlyMap<string, string>;
}>;

export const readComments = (migrations: readonly string[]): SchemaComments => {
  const tables = new Map<string, string>();
  const columns = new Map<string, string>();
  let inTable: string | undefined;
  let above: string[] = [];

  const noteColumn = (table: string, name: string, behind: string): void => {
    const about = [...above, behind].filter((text) => text !== '').join(' ');
    if (about !== '') columns.set(`${table}.${name}`, about);
  };

  const readLine = (line: string): void => {
    const [sql = '', behind = ''] = line.split(/--(.*)/u, 2);
    const statement = sql.trim();
    if (statement === '' && behind !== '') {
      above.push(behind.trim());
      return;
    }
    const created = /^CREATE TABLE (\w+)/u.exec(statement)?.[1];
    const added = /^ALTER TABLE (\w+) ADD(?: COLUMN)? (\w+)/u.exec(statement);
    const column = /^([a-z]\w*) /u.exec(statement)?.[1];
    if (created !== undefined) {
      if (above.length > 0) tables.set(created, above.join(' '));
      inTable = created;
    } else if (added !== null) {
      noteColumn(added[1] ?? '', added[2] ?? '', behind.trim());
    } else if (statement.startsWith(')')) {
      inTable = undefined;
    } else if (inTable !== undefined && column !== undefined) {
      noteColumn(inTable, column, behind.trim());
    }
    above = [];
  };

  migrations.join('\n').split('\n').forEach(readLine);
  return { tables, columns };
};
