-- What calls of models took, in quarters of an hour since 1970. A run that was removed has a
-- number below 0 here, which says no more than that it was another one.
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
  unmetered INTEGER NOT NULL, -- of the calls: how many took tokens that nobody has counted
  PRIMARY KEY (quarter, run, model)
) STRICT, WITHOUT ROWID;

-- Calls that have left, and of which it is not known yet how they end.
CREATE TABLE calls (
  run   INTEGER NOT NULL REFERENCES runs (n),
  key   TEXT NOT NULL,
  model TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

-- Older programs have kept neither. Both are made from the events of the runs that are no
-- imported ones, in pieces, before the next version: this is the last event that they are from.
CREATE TABLE counted (event INTEGER NOT NULL) STRICT;

INSERT INTO counted VALUES (0)
