ALTER TABLE procs ADD COLUMN flows TEXT; -- JSON list: it takes up runs of these by itself

-- Runs that may go on by themselves; their owner, if any, may be dead.
CREATE INDEX runs_idle ON runs (flow) WHERE status IN ('queued', 'running');

-- When the first timer of a waiting run runs out.
ALTER TABLE runs ADD COLUMN wake_at INTEGER;
CREATE INDEX runs_wake ON runs (wake_at) WHERE status = 'waiting' AND wake_at IS NOT NULL;
