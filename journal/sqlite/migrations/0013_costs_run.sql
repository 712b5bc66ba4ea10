-- All that has happened before is added up.
DROP TABLE counted;

-- When runs are removed what they took is looked for.
CREATE INDEX costs_run ON costs (run)
