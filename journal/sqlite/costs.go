package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
)

// count takes in what an event of the run with number n says of calls.
func (t *tx) count(n int64, h cost.Happened, at pawl.Time) error {
	switch h.What {
	case cost.Left:
		_, err := t.exec(t.addCall, n, string(h.Key), h.Model)
		return err
	case cost.Ended:
		if _, err := t.exec(t.endCall, n, string(h.Key)); err != nil {
			return err
		}
		return t.addTaken(n, h.Model, h.Took, at)
	}
	models, err := t.column(t.loseCalls, n)
	for _, model := range models {
		if err == nil {
			err = t.addTaken(n, model, cost.Lost(), at)
		}
	}
	return err
}

func (t *tx) addTaken(n int64, model string, c cost.Taken, at pawl.Time) error {
	_, err := t.exec(t.addCost, cost.QuarterOf(at), model, c.Calls, c.InputTokens, c.OutputTokens, c.CachedTokens, c.USD, c.Unpriced, c.Unmetered, n)
	return err
}

// forgetWho has what runs took, whose numbers are a JSON list, be that of runs without one:
// numbers are used again.
func (t *tx) forgetWho(numbers string) error {
	return t.once("UPDATE costs SET run = (SELECT min(0, min(run)) FROM costs) - run WHERE run IN (SELECT value FROM json_each(?))", numbers)
}

// Costs implements cost.Keeper.
func (db *DB) Costs(ctx context.Context, q cost.Query) (r cost.Report, err error) {
	const operation = "add up costs"
	if err := q.Check(); err != nil {
		return r, err
	}
	if err := db.enter(ctx, operation); err != nil {
		return r, err
	}
	defer db.calls.Done()
	read, err := db.readers.BeginTx(ctx, nil) // one state of the database for all of it
	if err != nil {
		return r, failure(db.path, operation, err)
	}
	defer read.Rollback()
	r, err = addUp(ctx, read, q)
	return r, failure(db.path, operation, err)
}

func addUp(ctx context.Context, read *sql.Tx, q cost.Query) (r cost.Report, err error) {
	where, args := " WHERE c.quarter >= ?", []any{q.First()}
	if q.Flow != "" {
		where, args = where+" AND c.flow = ?", append(args, q.Flow)
	}
	total, err := sums(ctx, read, "''", "costs c"+where, args...)
	if err != nil || len(total) == 0 {
		return q.Report(cost.SumOf("", 0, cost.Taken{}), nil), err
	}
	var list []cost.Sum
	switch q.By {
	case cost.ByFlow:
		list, err = sums(ctx, read, "c.flow", "costs c"+where, args...)
	case cost.ByModel:
		list, err = sums(ctx, read, "c.model", "costs c"+where, args...)
	default:
		list, err = sumsByDay(ctx, read, q, where, args)
	}
	return q.Report(total[0], list), err
}

// sums adds up rows of costs, which are c in from, by what name says. The rows of a run are
// added up first, so that it counts once.
func sums(ctx context.Context, read *sql.Tx, name, from string, args ...any) (list []cost.Sum, err error) {
	rows, err := read.QueryContext(ctx, `SELECT name, count(*), sum(calls), sum(input), sum(output), sum(cached), sum(usd), sum(unpriced), sum(unmetered) FROM (
			SELECT `+name+` AS name, sum(c.calls) AS calls, sum(c.input) AS input, sum(c.output) AS output, sum(c.cached) AS cached, sum(c.usd) AS usd,
				sum(c.unpriced) AS unpriced, sum(c.unmetered) AS unmetered FROM `+from+` GROUP BY 1, c.run
		) GROUP BY name`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var runs int64
		var t cost.Taken
		if err := rows.Scan(&name, &runs, &t.Calls, &t.InputTokens, &t.OutputTokens, &t.CachedTokens, &t.USD, &t.Unpriced, &t.Unmetered); err != nil {
			return nil, err
		}
		list = append(list, cost.SumOf(name, runs, t))
	}
	return list, rows.Err()
}

// sumsByDay adds up by days, which depend on the time zone.
func sumsByDay(ctx context.Context, read *sql.Tx, q cost.Query, where string, args []any) ([]cost.Sum, error) {
	rows, err := read.QueryContext(ctx, "SELECT DISTINCT c.quarter FROM costs c"+where+" ORDER BY 1", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	type span struct {
		Day    string `json:"day"`
		First  int64  `json:"first"`
		Behind int64  `json:"behind"` // the last
	}
	spans := []span{}
	for rows.Next() {
		var at int64
		if err := rows.Scan(&at); err != nil {
			return nil, err
		}
		if day, last := q.Day(at), len(spans)-1; last < 0 || spans[last].Day != day {
			spans = append(spans, span{day, at, at + 1})
		} else {
			spans[last].Behind = at + 1
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	days, err := json.Marshal(spans)
	if err != nil {
		return nil, err
	}
	from := "json_each(?) d CROSS JOIN costs c ON c.quarter >= d.value ->> 'first' AND c.quarter < d.value ->> 'behind'" + where
	return sums(ctx, read, "d.value ->> 'day'", from, append([]any{string(days)}, args...)...)
}
