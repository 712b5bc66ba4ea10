-- A run's last event is read off the events, so that an append writes one page less.
ALTER TABLE runs DROP COLUMN last_seq;
ALTER TABLE runs DROP COLUMN last_hash;
ALTER TABLE runs DROP COLUMN updated_at
