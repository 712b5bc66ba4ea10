-- What calls of models took, in quarters of an hour since 1970. A run that was removed has a
-- number below 0 here, which says no more than that it was another one.
CREATE TABLE costs (
  quarter   INTEGER NOT NULL,
  run       INTEGER NOT NULL,
  model     TEXT NOT NULL, -- provider/model
  flow      TEXT NOT NULL,
  calls     INTEGER NOT NULL,
  input     INTEGER NOT NULL, -- tokens, the cached ones included
  output    INTEGER NOT NULL,
  cached    INTEGER NOT NULL,
  usd       REAL NOT NULL,
  unpriced  INTEGER NOT NULL, -- of the calls: how many may have cost something that is not known
  unmetered INTEGER NOT NULL, -- of the calls: how many took tokens that nobody has counted
  PRIMARY KEY (quarter, run, model)
) STRICT, WITHOUT ROWID;

-- Calls that have left, and of which it is not known yet how they end.
CREATE TABLE calls (
  run   INTEGER NOT NULL REFERENCES runs (n),
  key   TEXT NOT NULL,
  model TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

-- Older programs have kept neither. It is in the events of the runs that are no imported ones.
CREATE TEMP TABLE told AS
  WITH bodies AS (
    SELECT e.run, r.flow, e.seq, e.type, e.key, e.at / 900000 AS quarter, coalesce(e.body, CAST(b.data AS TEXT)) AS body
    FROM events e JOIN runs r ON r.n = e.run LEFT JOIN blobs b ON b.digest = e.blob
    WHERE r.imported = 0 AND e.type IN ('intent', 'attempt')
  )
  SELECT run, flow, seq, type, key, quarter, CAST(body ->> '$.model' AS TEXT) AS model,
    body ->> '$.usage.input_tokens' AS input, body ->> '$.usage.output_tokens' AS output, body ->> '$.usage.cached_tokens' AS cached,
    body ->> '$.cost_usd' AS usd, body ->> '$.usage' IS NOT NULL AS metered,
    type = 'attempt' AND (body ->> '$.raw' IS NOT NULL OR body ->> '$.unmetered' IS 1) AS answered
  FROM bodies WHERE json_valid(body) AND coalesce(body ->> '$.model', '') <> '';

CREATE INDEX temp.told_key ON told (run, key, seq);

INSERT INTO costs
  SELECT quarter, run, model, flow, count(*),
    sum(CAST(min(max(coalesce(input, 0), 0), 1 << 40) AS INTEGER)),
    sum(CAST(min(max(coalesce(output, 0), 0), 1 << 40) AS INTEGER)),
    sum(CAST(min(max(coalesce(cached, 0), 0), 1 << 40) AS INTEGER)),
    sum(CAST(min(max(coalesce(usd, 0), 0), 1e9) AS REAL)),
    sum(usd IS NULL AND (metered OR answered)), sum(NOT metered AND answered)
  FROM temp.told WHERE type = 'attempt' GROUP BY quarter, run, model;

-- A call that nothing else was told of than that it left, before its step left once more, is
-- lost when its run was taken up by somebody, or ended.
CREATE TEMP TABLE lost AS
  SELECT i.run, i.flow, i.key, i.model, (
    SELECT e.at / 900000 FROM events e JOIN runs r ON r.n = e.run
    WHERE e.run = i.run AND e.seq > i.seq AND (e.type IN ('claimed', 'released', 'done', 'canceled') OR e.type = 'failed' AND e.key = '' AND r.final)
    ORDER BY e.seq LIMIT 1) AS quarter
  FROM temp.told i
  WHERE i.type = 'intent' AND 'attempt' IS NOT (
    SELECT n.type FROM temp.told n WHERE n.run = i.run AND n.key = i.key AND n.seq > i.seq ORDER BY n.seq LIMIT 1);

INSERT INTO costs SELECT quarter, run, model, flow, count(*), 0, 0, 0, 0, count(*), count(*) FROM temp.lost WHERE quarter IS NOT NULL GROUP BY quarter, run, model
  ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, unpriced = unpriced + excluded.unpriced, unmetered = unmetered + excluded.unmetered;

INSERT OR REPLACE INTO calls SELECT run, key, model FROM temp.lost WHERE quarter IS NULL;

DROP TABLE temp.lost;
DROP TABLE temp.told
