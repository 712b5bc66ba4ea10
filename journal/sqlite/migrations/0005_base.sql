-- By which program a run was started, empty: not known, and which run's results it takes
-- over; that one may be gone. The first event says both.
ALTER TABLE runs ADD COLUMN program TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN base TEXT;

WITH began AS (
  SELECT e.run, coalesce(e.body, CAST(b.data AS TEXT)) AS body
  FROM events e LEFT JOIN blobs b ON b.digest = e.blob WHERE e.seq = 1
)
UPDATE runs SET program = coalesce(began.body ->> '$.program', ''), base = began.body ->> '$.base.run'
  FROM began WHERE began.run = runs.n AND json_valid(began.body);

CREATE INDEX runs_base ON runs (base) WHERE base IS NOT NULL;
