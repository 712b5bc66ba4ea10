-- The texts in which runs are found, without what they are of: the trigrams that stand in
-- them, in lower case. They are added some runs at a time, in the order of their numbers.
CREATE VIRTUAL TABLE searched USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1');

-- Reasons change, and few runs have one.
CREATE INDEX runs_reason ON runs (reason) WHERE reason <> ''
