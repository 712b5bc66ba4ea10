ALTER TABLE procs ADD COLUMN flows TEXT; -- JSON list: it takes up runs of these by itself

-- Runs that may go on by themselves; their owner, if any, may be dead.
CREATE INDEX runs_idle ON runs (flow) WHERE status IN ('queued', 'running');
