-- Decisions and directives for whoever executes the run. They are kept.
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

-- The open blockers, derived from the events.
CREATE TABLE blockers (
  n   INTEGER PRIMARY KEY, -- in the order in which they were opened
  run INTEGER NOT NULL REFERENCES runs (n),
  key TEXT NOT NULL,
  seq INTEGER NOT NULL, -- of the event that opened it
  UNIQUE (run, key),
  FOREIGN KEY (run, seq) REFERENCES events (run, seq)
) STRICT;

INSERT INTO blockers (run, key, seq)
  SELECT e.run, e.key, max(e.seq) FROM runs r JOIN events e ON e.run = r.n
  WHERE r.status NOT IN ('done', 'canceled')
    AND (e.type = 'blocker' OR e.type = 'failed' AND e.result = 0)
    AND NOT EXISTS (SELECT 1 FROM events d WHERE d.run = e.run AND d.seq > e.seq AND d.key = e.key AND d.type = 'decision')
  GROUP BY e.run, e.key ORDER BY max(e.n);

-- A run whose process died while it was being canceled goes on by itself, too.
DROP INDEX runs_idle;
CREATE INDEX runs_idle ON runs (flow) WHERE status IN ('queued', 'running', 'canceling');
