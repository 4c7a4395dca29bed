/**
 * SQL that would write, reach other files, run code, or never end, if it could.
 * After "Defense Against The Dark Arts" (https://www.sqlite.org/security.html),
 * the pragmas of https://www.sqlite.org/pragma.html, the "SQLite Injection" page
 * of https://github.com/swisskyrepo/PayloadsAllTheThings (ATTACH, load_extension,
 * writefile), and "SELECT code_execution FROM * USING SQLite" by Check Point
 * (fts3_tokenizer, views in the place of tables).
 */
export type Query = Readonly<{ name: string; sql: string }>;

const named = (sqls: readonly string[]): readonly Query[] =>
  sqls.map((sql) => ({ name: sql.slice(0, 60), sql }));

/** Refused whatever they say. */
export const writing: readonly Query[] = named([
  'DELETE FROM vats',
  "UPDATE names SET kref = 'ko1'",
  "INSERT INTO meta VALUES ('hacked', '1')",
  "REPLACE INTO meta VALUES ('hacked', '1')",
  "INSERT INTO meta VALUES ('hacked', '1') RETURNING key",
  'DELETE FROM vats RETURNING id',
  'WITH x AS (SELECT 1) DELETE FROM vats',
  "WITH x AS (SELECT 1) INSERT INTO meta SELECT 'hacked', 1 FROM x RETURNING key",
  'DROP TABLE vats',
  'ALTER TABLE vats RENAME TO stolen',
  'CREATE TABLE hacked (x)',
  'CREATE TEMP TABLE hacked (x)',
  'CREATE TEMP VIEW vats AS SELECT 1',
  'CREATE TEMP TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM vats; END',
  'CREATE VIRTUAL TABLE hacked USING fts5(x)',
  'CREATE INDEX hacked ON vats (name)',
  'REINDEX',
  'ANALYZE',
  'VACUUM',
  "VACUUM INTO 'stolen.sqlite'",
  "ATTACH ':memory:' AS other",
  "ATTACH 'stolen.sqlite' AS other",
  "ATTACH 'file:stolen.sqlite?mode=rwc' AS other",
  'DETACH main',
  'BEGIN',
  'BEGIN IMMEDIATE',
  'BEGIN EXCLUSIVE',
  'SAVEPOINT a',
  'COMMIT',
  'ROLLBACK',
]);

/** Some of them work while they are compiled; some would stay for the queries after. */
export const pragmas: readonly Query[] = named([
  'PRAGMA query_only = OFF',
  'PRAGMA writable_schema = ON',
  'PRAGMA trusted_schema = ON',
  'PRAGMA journal_mode = DELETE',
  'PRAGMA journal_mode = MEMORY',
  'PRAGMA locking_mode = EXCLUSIVE',
  'PRAGMA synchronous = OFF',
  'PRAGMA user_version = 99',
  'PRAGMA application_id = 99',
  'PRAGMA schema_version = 99',
  'PRAGMA wal_checkpoint(TRUNCATE)',
  'PRAGMA wal_autocheckpoint = 1',
  'PRAGMA incremental_vacuum',
  'PRAGMA optimize',
  'PRAGMA busy_timeout = 1000000',
  'PRAGMA hard_heap_limit = 1000',
  'PRAGMA soft_heap_limit = 1000',
  'PRAGMA mmap_size = 1000000000000',
  'PRAGMA cache_size = 1000000000',
  "PRAGMA temp_store_directory = '/tmp'",
  'PRAGMA case_sensitive_like = ON',
  "PRAGMA key = 'x'",
  '/* SELECT */ PRAGMA user_version = 99',
  '-- SELECT\nPRAGMA user_version = 99',
  'EXPLAIN PRAGMA user_version = 99',
]);

/** One statement, and nothing behind it. */
export const several: readonly Query[] = named([
  'SELECT 1; SELECT 2',
  'SELECT 1; DELETE FROM vats',
  'SELECT 1;; DELETE FROM vats',
  'SELECT 1; -- \n DELETE FROM vats',
  'SELECT 1; /* */ PRAGMA user_version = 99',
  ';DELETE FROM vats',
]);

/** Functions that run code, read files or write them; none may be there. */
export const functions: readonly Query[] = named([
  "SELECT load_extension('/tmp/evil.so')",
  "SELECT readfile('/etc/passwd')",
  "SELECT writefile('stolen', 'x')",
  "SELECT edit('x', 'sh')",
  "SELECT fts3_tokenizer('simple', x'4141414141414141')",
  "SELECT eval('DELETE FROM vats')",
  "SELECT * FROM fsdir('/')",
  "SELECT sqlite_rename_table('main','x','x','x','x','x',0)",
]);

/** Text that is no query, as those make it who guess. */
export const nonsense: readonly Query[] = named([
  '',
  ' ',
  ';',
  '--',
  '/*',
  '\0',
  '.shell id',
  "' OR 1=1 --",
  'SELECT',
  'SELECT ?',
  'SELECT :a',
  'SELECT * FROM nowhere',
  `SELECT ${'('.repeat(100_000)}1${')'.repeat(100_000)}`,
  `SELECT 1${' UNION SELECT 1'.repeat(100_000)}`,
  `SELECT '${'x'.repeat(4_000_000)}'`,
  `${'/**/'.repeat(500_000)}`,
]);

/** Each would take years. */
export const endless: readonly Query[] = [
  {
    name: 'a recursion without end',
    sql: 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n',
  },
  {
    name: 'a join of everything with everything',
    sql: `SELECT count(*) FROM ${Array.from({ length: 12 }, (_, n) => `sqlite_schema AS t${n}`).join()}`,
  },
  {
    name: 'a recursion that sorts',
    sql: 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n ORDER BY 1 DESC) SELECT i FROM n LIMIT -1 OFFSET 1000000000000',
  },
  {
    name: 'patterns that backtrack',
    sql: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000000) SELECT count(replace(hex(zeroblob(20000)), '00', 'a') LIKE '${'%a%'.repeat(30)}b' || i) FROM n`,
  },
];

/** Memory without end, in SQLite or in the answer. */
export const large: readonly Query[] = [
  { name: 'a blob of 2 GB', sql: 'SELECT hex(randomblob(1000000000))' },
  { name: 'a text of 1 GB', sql: `SELECT printf('%.*c', 1000000000, 'x')` },
  {
    name: 'a group of a billion',
    sql: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000000) SELECT group_concat(printf('%.1000c', 65)) FROM n",
  },
  {
    name: 'a hundred rows of 1 MB',
    sql: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100) SELECT printf('%.*c', 1000000, 'x') AS a FROM n`,
  },
];

export const rowsQuery = (count: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${count}) SELECT i FROM n`;

/** What people ask for. */
export const honest: readonly Query[] = named([
  'SELECT 1 AS one',
  'select count(*) AS n from vats;',
  ' \n SELECT id, name FROM vats -- all of them',
  'VALUES (1), (2)',
  'EXPLAIN QUERY PLAN SELECT * FROM vats',
  "SELECT name FROM pragma_table_info('vats')",
  "SELECT x'00ff' AS a, NULL AS b, 1.5 AS c, 9e999 AS d",
]);
