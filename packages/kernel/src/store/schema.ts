/**
 * The database, as numbered migrations: entry `n` takes a database from
 * `user_version` n to n + 1. An entry that was released is never changed.
 * References are krefs (`ko12`, `kp7`) unless a column says otherwise; `slots`
 * columns are JSON arrays of krefs, `body` columns smallcaps text. `sum` is in
 * every table.
 */
import { firstTables } from './first-tables.ts';
import { tablesOfLargeRows } from './tables-of-large-rows.ts';

export const migrations: readonly string[] = [
  firstTables,
  `
  -- Services granted to subclusters: one object of the kernel's own for each
  -- grant, so that each can be revoked without the others.
  CREATE TABLE grants (
    kref    TEXT PRIMARY KEY,
    service TEXT NOT NULL,
    grantee TEXT NOT NULL,           -- subcluster id
    methods TEXT,                    -- JSON array; NULL for all methods
    parent  TEXT                     -- the grant that it was made from, and ends with
  ) WITHOUT ROWID;
  `,
  `
  -- Who sent a message, and who settled a promise: a subcluster id, client,
  -- launch, or kernel. NULL where it does not matter or is not known.
  ALTER TABLE inbox ADD COLUMN sender TEXT;
  ALTER TABLE promise_queue ADD COLUMN sender TEXT;
  ALTER TABLE promises ADD COLUMN settled_by TEXT;

  -- Why a vat is given nothing more; NULL while it runs.
  ALTER TABLE vats ADD COLUMN halted TEXT;

  -- How a subcluster came to have an object of another: from whom, when, by what.
  CREATE TABLE caps (
    kref    TEXT NOT NULL,
    grantee TEXT NOT NULL,           -- subcluster id
    grants  TEXT NOT NULL,           -- JSON array of {id, giver, via, at, revoked}; at in epoch ms
    revoked INTEGER NOT NULL,        -- 1: some of them are revoked, for good
    PRIMARY KEY (kref, grantee)
  ) WITHOUT ROWID;
  CREATE INDEX caps_revoked ON caps (kref) WHERE revoked = 1;

  -- What a service was told when it was granted: JSON, as the service reads it.
  ALTER TABLE grants ADD COLUMN params TEXT;

  -- Messages that the clock owes. Each holds its handler and its grant.
  CREATE TABLE wakeups (
    id      TEXT PRIMARY KEY,        -- w1
    due     INTEGER NOT NULL,        -- epoch ms
    every   INTEGER,                 -- ms; NULL for once
    grant_  TEXT NOT NULL,           -- the grant of the clock through which it was asked for
    handler TEXT NOT NULL            -- object that is sent wake(due, id)
  ) WITHOUT ROWID;

  -- Object URLs that were issued. Those that have ended are kept, to say why.
  CREATE TABLE urls (
    id         TEXT PRIMARY KEY,     -- u1
    token_hash TEXT NOT NULL UNIQUE, -- SHA-256, hex; the token itself is nowhere
    kref       TEXT NOT NULL,        -- held until the URL ends
    issuer     TEXT NOT NULL,        -- a subcluster id, or client
    expires    INTEGER,              -- epoch ms; NULL for never
    uses       INTEGER,              -- redemptions left; NULL for any number
    ended      TEXT                  -- why it cannot be redeemed any more
  ) WITHOUT ROWID;

  -- What happened to vats, subclusters and grants; the newest are kept.
  CREATE TABLE events (
    seq   INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL,          -- epoch ms
    topic TEXT NOT NULL,             -- vat | subcluster | grant
    type  TEXT NOT NULL,             -- launched, terminated, ...
    about TEXT NOT NULL              -- JSON
  );
  `,
  `
  -- Other kernels, and how far the exchange of frames with each has come.
  CREATE TABLE remotes (
    id            TEXT PRIMARY KEY,  -- r1
    peer_id       TEXT NOT NULL UNIQUE,
    hints         TEXT NOT NULL,     -- JSON array of multiaddrs
    session       TEXT NOT NULL,     -- random: what is known of it since it was (again) met
    their_session TEXT,              -- its own word for the same
    next_import   INTEGER NOT NULL,
    sent          INTEGER NOT NULL,  -- last frame that was made for it
    received      INTEGER NOT NULL,  -- last frame of it that was applied
    cut           TEXT,              -- why it is not listened to any more
    seen_at       INTEGER NOT NULL   -- epoch ms
  ) WITHOUT ROWID;

  -- Frames for another kernel until it has acknowledged them.
  CREATE TABLE remote_outbox (
    remote TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    text   TEXT NOT NULL,
    PRIMARY KEY (remote, seq)
  ) WITHOUT ROWID;

  -- Names of promises that another kernel was told the value of, until it says
  -- that it uses them no more. Each holds its promise.
  CREATE TABLE stale_names (
    remote TEXT NOT NULL,
    vref   TEXT NOT NULL,
    kref   TEXT NOT NULL,
    PRIMARY KEY (remote, vref)
  ) WITHOUT ROWID;

  -- The last frame in which another kernel was told of it.
  ALTER TABLE clist ADD COLUMN sent INTEGER;

  -- The only peer that may redeem a URL; NULL for anybody.
  ALTER TABLE urls ADD COLUMN peer TEXT;
  `,
  `
  -- Who has brought another kernel here: itself (stranger), somebody who gave it
  -- an object (given), or somebody here who named it (wanted).
  ALTER TABLE remotes ADD COLUMN standing TEXT NOT NULL DEFAULT 'given';
  `,
  `
  -- Objects of another kernel that were passed to a third: what the third needs
  -- to reach them without this one, and by what that can be ended again.
  CREATE TABLE introductions (
    kref   TEXT NOT NULL,
    remote TEXT NOT NULL,            -- to whom: r2
    owner  TEXT NOT NULL,            -- whose it is: r1
    hash   TEXT NOT NULL,            -- SHA-256 of the token, hex
    token  TEXT,                     -- until it is used; only that peer can use it
    ended  TEXT,                     -- returned | revoked: its owner is still to be told
    PRIMARY KEY (kref, remote)
  ) WITHOUT ROWID;

  -- Objects that came from one kernel and are another's, by which they are
  -- reached without the first, or soon will be.
  CREATE TABLE shortcuts (
    kref    TEXT PRIMARY KEY,
    through TEXT NOT NULL,           -- from whom it came: r1
    direct  TEXT                     -- the object as its owner has named it, held; NULL once that name is of kref
  ) WITHOUT ROWID;
  `,
  `
  -- Why a vat is being ended, of which so much is to be forgotten that it is done
  -- in slices; NULL for all others.
  ALTER TABLE vats ADD COLUMN ending TEXT;
  `,
  `
  -- Of each row, the CRC-32 of all its other columns. It is made anew after each migration.
  ALTER TABLE meta ADD COLUMN sum INTEGER;
  ALTER TABLE bundles ADD COLUMN sum INTEGER;
  ALTER TABLE subclusters ADD COLUMN sum INTEGER;
  ALTER TABLE vats ADD COLUMN sum INTEGER;
  ALTER TABLE objects ADD COLUMN sum INTEGER;
  ALTER TABLE promises ADD COLUMN sum INTEGER;
  ALTER TABLE clist ADD COLUMN sum INTEGER;
  ALTER TABLE inbox ADD COLUMN sum INTEGER;
  ALTER TABLE promise_queue ADD COLUMN sum INTEGER;
  ALTER TABLE gc_actions ADD COLUMN sum INTEGER;
  ALTER TABLE vatstore ADD COLUMN sum INTEGER;
  ALTER TABLE names ADD COLUMN sum INTEGER;
  ALTER TABLE leases ADD COLUMN sum INTEGER;
  ALTER TABLE requests ADD COLUMN sum INTEGER;
  ALTER TABLE grants ADD COLUMN sum INTEGER;
  ALTER TABLE caps ADD COLUMN sum INTEGER;
  ALTER TABLE wakeups ADD COLUMN sum INTEGER;
  ALTER TABLE urls ADD COLUMN sum INTEGER;
  ALTER TABLE events ADD COLUMN sum INTEGER;
  ALTER TABLE remotes ADD COLUMN sum INTEGER;
  ALTER TABLE remote_outbox ADD COLUMN sum INTEGER;
  ALTER TABLE stale_names ADD COLUMN sum INTEGER;
  ALTER TABLE introductions ADD COLUMN sum INTEGER;
  ALTER TABLE shortcuts ADD COLUMN sum INTEGER;
  `,
  `
  -- Capabilities to parts of the socket. Those that have ended are kept, to say why.
  CREATE TABLE accesses (
    id         TEXT PRIMARY KEY,     -- a1
    token_hash TEXT NOT NULL UNIQUE, -- SHA-256, hex; the token itself is nowhere
    facet      TEXT NOT NULL,        -- JSON: what it is for; the object of one is held until it ends
    name       TEXT,                 -- what its owner calls it
    issued     INTEGER NOT NULL,     -- epoch ms
    expires    INTEGER,              -- epoch ms; NULL for never
    ended      TEXT,                 -- why it is of no use any more
    sum        INTEGER
  ) WITHOUT ROWID;
  `,
  `
  -- What has expired is found without reading the rest.
  CREATE INDEX leases_by_expiry ON leases (expires);
  CREATE INDEX requests_by_expiry ON requests (expires) WHERE promise IS NULL;
  `,
  `
  -- Why what was between the two has ended, while so much is to be forgotten that
  -- it is done in slices; otherwise NULL.
  ALTER TABLE remotes ADD COLUMN ending TEXT;
  `,
  tablesOfLargeRows,
];

export const SCHEMA_VERSION = migrations.length;
