-- Who is told that runs have come to rest.
CREATE TABLE receivers (
  n             INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE, -- a digest of the address, which is not kept
  address       TEXT NOT NULL,        -- as it may be shown
  program       TEXT NOT NULL,        -- whose runs it is told of; empty: of all
  seen_at       INTEGER NOT NULL,     -- when a process last said that it tells it
  trouble_since INTEGER,              -- null: what is told comes through
  problem       TEXT NOT NULL DEFAULT ''
) STRICT;

-- What they are told, and what has become of it.
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
