-- Runs that are not done are few among many, and looked for.
CREATE INDEX runs_status ON runs (status) WHERE status <> 'done'
