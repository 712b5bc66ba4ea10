-- Limits of what the calls of models of many runs take together, with what they have counted.
CREATE TABLE limits (
  flow TEXT NOT NULL, -- empty: all runs
  per  TEXT NOT NULL,
  body TEXT NOT NULL, -- JSON
  PRIMARY KEY (flow, per)
) STRICT, WITHOUT ROWID;

-- What calls in flight have reserved of them. There are none without a limit.
CREATE TABLE reservations (
  run    INTEGER NOT NULL REFERENCES runs (n),
  key    TEXT NOT NULL,
  number INTEGER NOT NULL, -- of the attempt
  body   TEXT NOT NULL,    -- JSON
  PRIMARY KEY (run, key, number)
) STRICT, WITHOUT ROWID
