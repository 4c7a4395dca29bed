/**
 * The tables of schema 1, with which every database begins: the first of the
 * migrations in schema.ts. It was released, and is never changed.
 */
export const firstTables = `
  -- Counters of the kernel's own names: next.object, next.promise, next.vat, next.subcluster;
  -- and under doomed the vats that are no more, whose vatstore is being deleted.
  CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) WITHOUT ROWID;

  -- Code, by the SHA-256 of its text: a vat starts from here even if its file is gone.
  CREATE TABLE bundles (
    hash TEXT PRIMARY KEY,
    text TEXT NOT NULL
  );

  CREATE TABLE subclusters (
    id        TEXT PRIMARY KEY,      -- s1
    config    TEXT NOT NULL,         -- JSON, as launched
    bootstrap TEXT NOT NULL,         -- vat id
    system    TEXT UNIQUE            -- name of a system subcluster
  ) WITHOUT ROWID;

  CREATE TABLE vats (
    id               TEXT PRIMARY KEY, -- v1
    name             TEXT NOT NULL,    -- its name in the cluster config
    subcluster_id    TEXT NOT NULL,
    config           TEXT NOT NULL,    -- JSON
    bundle_hash      TEXT NOT NULL,
    parameters_body  TEXT NOT NULL,
    parameters_slots TEXT NOT NULL,
    incarnation      INTEGER NOT NULL, -- starts over the same durable state
    next_import      INTEGER NOT NULL  -- next number of a vref that the kernel allocates
  ) WITHOUT ROWID;
  CREATE INDEX vats_by_subcluster ON vats (subcluster_id);

  -- Objects exported by vats. "reachable" counts the references that can call
  -- it, "recognizable" those that can at least compare it. A row goes when the
  -- last recognizable reference has gone.
  CREATE TABLE objects (
    kref         TEXT PRIMARY KEY,   -- ko12
    owner        TEXT,               -- vat id, or kernel; NULL once nobody can answer for it
    reachable    INTEGER NOT NULL,
    recognizable INTEGER NOT NULL,
    gone         TEXT                -- why calls to it fail
  ) WITHOUT ROWID;

  -- Promises. Unresolved: at most one decider. Settled: body and slots.
  CREATE TABLE promises (
    kref        TEXT PRIMARY KEY,    -- kp7
    state       TEXT NOT NULL,       -- unresolved | fulfilled | rejected
    decider     TEXT,                -- vat id; NULL while its message is queued
    subscribers TEXT NOT NULL,       -- JSON array of vat ids
    refs        INTEGER NOT NULL,
    body        TEXT,
    slots       TEXT,
    awaited     INTEGER NOT NULL,    -- 1: somebody at the socket waits for it
    request_id  TEXT                 -- the idempotent call whose result it is
  ) WITHOUT ROWID;
  CREATE INDEX promises_open ON promises (kref)
    WHERE decider IS NOT NULL OR awaited = 1;

  -- Per endpoint, exactly what it can reach: kref <-> vref.
  CREATE TABLE clist (
    endpoint  TEXT NOT NULL,
    kref      TEXT NOT NULL,
    vref      TEXT NOT NULL,         -- o+1 exported, o-1 imported, p+1, p-1, o+d4/7
    reachable INTEGER NOT NULL,
    PRIMARY KEY (endpoint, kref)
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX clist_by_vref ON clist (endpoint, vref);

  -- Deliveries that wait for a vat, oldest first.
  CREATE TABLE inbox (
    seq      INTEGER PRIMARY KEY,
    vat_id   TEXT NOT NULL,
    kind     TEXT NOT NULL,          -- message | notify
    target   TEXT NOT NULL,          -- object called, or promise that settled
    body     TEXT,                   -- CapData of [method, args]
    slots    TEXT,
    result   TEXT,                   -- promise
    attempts INTEGER NOT NULL        -- hosts that have died over it
  );

  -- Messages that wait for a promise to become something that can be called.
  CREATE TABLE promise_queue (
    seq     INTEGER PRIMARY KEY,
    promise TEXT NOT NULL,
    body    TEXT NOT NULL,
    slots   TEXT NOT NULL,
    result  TEXT
  );

  -- What the collector still has to tell a vat.
  CREATE TABLE gc_actions (
    vat_id TEXT NOT NULL,
    action TEXT NOT NULL,            -- dropExport | retireExport | retireImport
    kref   TEXT NOT NULL,
    PRIMARY KEY (vat_id, action, kref)
  ) WITHOUT ROWID;

  -- The durable store of each vat, as liveslots lays it out.
  CREATE TABLE vatstore (
    vat_id TEXT NOT NULL,
    key    TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (vat_id, key)
  ) WITHOUT ROWID;

  -- Petnames. Each holds its object.
  CREATE TABLE names (
    name TEXT PRIMARY KEY,
    kref TEXT NOT NULL
  ) WITHOUT ROWID;

  -- References that left through the socket, held until they expire.
  CREATE TABLE leases (
    kref    TEXT PRIMARY KEY,
    expires INTEGER NOT NULL         -- epoch ms
  ) WITHOUT ROWID;

  -- Idempotent calls: the same id is applied once and answered alike ever after.
  CREATE TABLE requests (
    id          TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,       -- of target, method and arguments
    promise     TEXT,                -- until it settles
    outcome     TEXT,                -- fulfilled | rejected | refused (by the kernel)
    body        TEXT,
    slots       TEXT,
    expires     INTEGER NOT NULL     -- epoch ms
  ) WITHOUT ROWID;
  `;
