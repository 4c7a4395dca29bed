/**
 * The tables whose rows can be large, with rowids. Without, SQLite has a table
 * as one index, and to pass by a row that does not fit into its page while it
 * looks for another one it reads all of it: next to a few values of 1 MB each
 * look-up of a small row took half a millisecond and read some of them. The
 * comments on their columns are where they were made first.
 */
export const tablesOfLargeRows = `
  ALTER TABLE subclusters RENAME TO old_subclusters;
  CREATE TABLE subclusters (
    id        TEXT NOT NULL PRIMARY KEY,
    config    TEXT NOT NULL,
    bootstrap TEXT NOT NULL,
    system    TEXT UNIQUE,
    sum       INTEGER
  );
  INSERT INTO subclusters SELECT id, config, bootstrap, system, sum FROM old_subclusters;
  DROP TABLE old_subclusters;

  ALTER TABLE vats RENAME TO old_vats;
  CREATE TABLE vats (
    id               TEXT NOT NULL PRIMARY KEY,
    name             TEXT NOT NULL,
    subcluster_id    TEXT NOT NULL,
    config           TEXT NOT NULL,
    bundle_hash      TEXT NOT NULL,
    parameters_body  TEXT NOT NULL,
    parameters_slots TEXT NOT NULL,
    incarnation      INTEGER NOT NULL,
    next_import      INTEGER NOT NULL,
    halted           TEXT,
    ending           TEXT,
    sum              INTEGER
  );
  INSERT INTO vats SELECT id, name, subcluster_id, config, bundle_hash, parameters_body,
    parameters_slots, incarnation, next_import, halted, ending, sum FROM old_vats;
  DROP TABLE old_vats;
  CREATE INDEX vats_by_subcluster ON vats (subcluster_id);

  ALTER TABLE promises RENAME TO old_promises;
  CREATE TABLE promises (
    kref        TEXT NOT NULL PRIMARY KEY,
    state       TEXT NOT NULL,
    decider     TEXT,
    subscribers TEXT NOT NULL,
    refs        INTEGER NOT NULL,
    body        TEXT,
    slots       TEXT,
    awaited     INTEGER NOT NULL,
    request_id  TEXT,
    settled_by  TEXT,
    sum         INTEGER
  );
  INSERT INTO promises SELECT kref, state, decider, subscribers, refs, body, slots, awaited,
    request_id, settled_by, sum FROM old_promises;
  DROP TABLE old_promises;
  CREATE INDEX promises_open ON promises (kref)
    WHERE decider IS NOT NULL OR awaited = 1;

  ALTER TABLE vatstore RENAME TO old_vatstore;
  CREATE TABLE vatstore (
    vat_id TEXT NOT NULL,
    key    TEXT NOT NULL,
    value  TEXT NOT NULL,
    sum    INTEGER,
    PRIMARY KEY (vat_id, key)
  );
  INSERT INTO vatstore SELECT vat_id, key, value, sum FROM old_vatstore;
  DROP TABLE old_vatstore;

  ALTER TABLE requests RENAME TO old_requests;
  CREATE TABLE requests (
    id          TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    promise     TEXT,
    outcome     TEXT,
    body        TEXT,
    slots       TEXT,
    expires     INTEGER NOT NULL,
    sum         INTEGER
  );
  INSERT INTO requests SELECT id, fingerprint, promise, outcome, body, slots, expires, sum FROM old_requests;
  DROP TABLE old_requests;
  CREATE INDEX requests_by_expiry ON requests (expires) WHERE promise IS NULL;

  ALTER TABLE remote_outbox RENAME TO old_remote_outbox;
  CREATE TABLE remote_outbox (
    remote TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    text   TEXT NOT NULL,
    sum    INTEGER,
    PRIMARY KEY (remote, seq)
  );
  INSERT INTO remote_outbox SELECT remote, seq, text, sum FROM old_remote_outbox;
  DROP TABLE old_remote_outbox;
  `;
