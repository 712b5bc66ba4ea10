-- A run's last event is read off the events, so that an append writes one page less. Its
-- number is kept as it was when the row was last written: a lost end of a history is seen by it.
ALTER TABLE runs DROP COLUMN last_hash;
ALTER TABLE runs DROP COLUMN updated_at
