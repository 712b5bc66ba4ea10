-- A run that came from a file is there to be read and taken over from, and nothing more
-- happens to it. Of an event whose body the file withholds this is the body's digest.
ALTER TABLE runs ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN body_digest TEXT
