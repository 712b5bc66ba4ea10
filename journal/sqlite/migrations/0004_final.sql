-- A run that has failed for good has ended, as one that is done or canceled.
ALTER TABLE runs ADD COLUMN final INTEGER NOT NULL DEFAULT 0
