-- Tokens of the input that were written into a provider's cache. Of calls that ended before
-- this version it is not kept how many they were.
ALTER TABLE costs ADD COLUMN written INTEGER NOT NULL DEFAULT 0
