/** The least that one durable step costs: an UPDATE of one row, committed and synced. */
import Database from 'better-sqlite3';

export type FsyncedCounter = Readonly<{ increment(): void; close(): void }>;

export const openFsyncedCounter = (path: string): FsyncedCounter => {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  // Under WAL this library is compiled to lower it.
  if (db.pragma('synchronous', { simple: true }) !== 2) {
    throw Error('this SQLite does not sync every commit');
  }
  db.exec(`
    CREATE TABLE counter (id INTEGER PRIMARY KEY, count INTEGER NOT NULL);
    INSERT INTO counter VALUES (1, 0);
  `);
  const update = db.prepare(
    'UPDATE counter SET count = count + 1 WHERE id = 1',
  );
  return {
    increment: () => void update.run(),
    close: () => void db.close(),
  };
};
