CREATE TABLE blobs (
  digest TEXT PRIMARY KEY,
  codec  TEXT NOT NULL, -- how data is stored: plain
  size   INTEGER NOT NULL, -- in plain form
  data   BLOB NOT NULL
) STRICT;

CREATE TABLE blockers (
  n   INTEGER PRIMARY KEY, -- in the order in which they were opened
  run INTEGER NOT NULL REFERENCES runs (n),
  key TEXT NOT NULL,
  seq INTEGER NOT NULL, -- of the event that opened it
  UNIQUE (run, key),
  FOREIGN KEY (run, seq) REFERENCES events (run, seq)
) STRICT;

CREATE TABLE calls (
  run   INTEGER NOT NULL REFERENCES runs (n),
  key   TEXT NOT NULL,
  model TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE costs (
  quarter   INTEGER NOT NULL,
  run       INTEGER NOT NULL,
  model     TEXT NOT NULL, -- provider/model
  flow      TEXT NOT NULL,
  calls     INTEGER NOT NULL,
  input     INTEGER NOT NULL, -- tokens, the cached ones included
  output    INTEGER NOT NULL,
  cached    INTEGER NOT NULL,
  usd       REAL NOT NULL,
  unpriced  INTEGER NOT NULL, -- of the calls: how many may have cost something that is not known
  unmetered INTEGER NOT NULL, written INTEGER NOT NULL DEFAULT 0, -- of the calls: how many took tokens that nobody has counted
  PRIMARY KEY (quarter, run, model)
) STRICT, WITHOUT ROWID;

CREATE INDEX costs_run ON costs (run)

;

CREATE TABLE events (
  n       INTEGER PRIMARY KEY,
  run     INTEGER NOT NULL REFERENCES runs (n),
  seq     INTEGER NOT NULL,
  version INTEGER NOT NULL,
  type    TEXT NOT NULL,
  key     TEXT NOT NULL,
  at      INTEGER NOT NULL,
  hash    TEXT NOT NULL,
  result  INTEGER NOT NULL, -- 1: the result of step key
  body    TEXT,             -- JSON; null: it is the blob
  blob    TEXT REFERENCES blobs (digest), body_digest TEXT,
  UNIQUE (run, seq),
  CHECK ((body IS NULL) <> (blob IS NULL))
) STRICT;

CREATE UNIQUE INDEX events_result ON events (run, key) WHERE result = 1;

CREATE TABLE limits (
  flow TEXT NOT NULL, -- empty: all runs
  per  TEXT NOT NULL,
  body TEXT NOT NULL, -- JSON
  PRIMARY KEY (flow, per)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
  run        INTEGER NOT NULL REFERENCES runs (n),
  seq        INTEGER NOT NULL, -- of the event with which the run came to rest
  receiver   INTEGER NOT NULL REFERENCES receivers (n),
  status     TEXT NOT NULL,    -- at which it rests
  due_at     INTEGER,          -- null: it is told, or given up
  tries      INTEGER NOT NULL DEFAULT 0, -- that have failed
  since      INTEGER,          -- the first of them
  told_at    INTEGER,
  gave_up_at INTEGER,
  problem    TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (run, seq, receiver),
  FOREIGN KEY (run, seq) REFERENCES events (run, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX notices_due ON notices (receiver, due_at) WHERE due_at IS NOT NULL

;

CREATE TABLE posts (
  id         INTEGER PRIMARY KEY,
  run        INTEGER NOT NULL REFERENCES runs (n),
  at         INTEGER NOT NULL,
  decision   TEXT, -- JSON; one of the two is null
  directive  TEXT,
  settled_at INTEGER, -- null: it is pending
  refused    TEXT,    -- JSON, why; null: it was taken, or is pending
  CHECK ((decision IS NULL) <> (directive IS NULL)),
  CHECK (refused IS NULL OR settled_at IS NOT NULL)
) STRICT;

CREATE INDEX posts_pending ON posts (run) WHERE settled_at IS NULL;

CREATE TABLE procs (
  id         TEXT PRIMARY KEY,
  pid        INTEGER NOT NULL, -- for people
  started_at INTEGER NOT NULL  -- milliseconds since 1970, like all times
, flows TEXT) STRICT;

CREATE TABLE receivers (
  n             INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE, -- a digest of the address, which is not kept
  address       TEXT NOT NULL,        -- as it may be shown
  program       TEXT NOT NULL,        -- whose runs it is told of; empty: of all
  seen_at       INTEGER NOT NULL,     -- when a process last said that it tells it
  trouble_since INTEGER,              -- null: what is told comes through
  problem       TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE reservations (
  run    INTEGER NOT NULL REFERENCES runs (n),
  key    TEXT NOT NULL,
  number INTEGER NOT NULL, -- of the attempt
  body   TEXT NOT NULL,    -- JSON
  PRIMARY KEY (run, key, number)
) STRICT, WITHOUT ROWID

;

CREATE TABLE runs (
  n          INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  flow       TEXT NOT NULL,
  model      TEXT NOT NULL,
  status     TEXT NOT NULL, -- the summary, derived from the events
  reason     TEXT NOT NULL,
  owner      TEXT,             -- procs.id of the claim's holder
  epoch      INTEGER NOT NULL, -- grows with every claim
  last_seq   INTEGER NOT NULL, -- of the last event, like the hash and updated_at
  created_at INTEGER NOT NULL,
  wake_at INTEGER, final INTEGER NOT NULL DEFAULT 0, program TEXT NOT NULL DEFAULT '', base TEXT, imported INTEGER NOT NULL DEFAULT 0, schedule TEXT) STRICT;

CREATE INDEX runs_base ON runs (base) WHERE base IS NOT NULL;

CREATE INDEX runs_flow ON runs (flow);

CREATE INDEX runs_idle ON runs (flow) WHERE status IN ('queued', 'running', 'canceling');

CREATE INDEX runs_owner ON runs (owner) WHERE owner IS NOT NULL;

CREATE INDEX runs_reason ON runs (reason) WHERE reason <> ''

;

CREATE INDEX runs_schedule ON runs (schedule) WHERE schedule IS NOT NULL

;

CREATE INDEX runs_status ON runs (status) WHERE status <> 'done'

;

CREATE INDEX runs_wake ON runs (wake_at) WHERE status = 'waiting' AND wake_at IS NOT NULL;

CREATE TABLE schedules (
  name     TEXT PRIMARY KEY,
  revision INTEGER NOT NULL, -- grows with every change
  body     TEXT NOT NULL     -- JSON: what one chooses, and what has become of it
) STRICT;

CREATE VIRTUAL TABLE searched USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1');

CREATE TABLE 'searched_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'searched_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'searched_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);

CREATE TABLE 'searched_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

PRAGMA application_id = 1346459468;

PRAGMA user_version = 15; -- ok
