-- Flows that are run at the times of a cron expression.
CREATE TABLE schedules (
  name     TEXT PRIMARY KEY,
  revision INTEGER NOT NULL, -- grows with every change
  body     TEXT NOT NULL     -- JSON: what one chooses, and what has become of it
) STRICT;

-- By which schedule a run was started.
ALTER TABLE runs ADD COLUMN schedule TEXT;
CREATE INDEX runs_schedule ON runs (schedule) WHERE schedule IS NOT NULL
