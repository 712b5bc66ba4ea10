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
	if err == nil && c.CacheWriteTokens > 0 {
		_, err = t.exec(t.addWritten, c.CacheWriteTokens, cost.QuarterOf(at), n, model)
	}
	return err
}

// forgetWho has what runs took, whose numbers are a JSON list, be that of runs without one:
// numbers are used again.
func (t *tx) forgetWho(numbers string) error {
	return t.once(forgetWho, numbers)
}

const forgetWho = "UPDATE costs SET run = (SELECT min(0, min(run)) FROM costs) - run WHERE run IN (SELECT value FROM json_each(?))"

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
	var list []named
	switch q.By {
	case cost.ByFlow:
		list, err = sums(ctx, read, "c.flow", "costs c"+where, args...)
	case cost.ByModel:
		list, err = sums(ctx, read, "c.model", "costs c"+where, args...)
	default:
		list, err = sumsByDay(ctx, read, q, where, args)
	}
	if err != nil {
		return r, err
	}
	var all cost.Taken
	var runs int64
	shown := make([]cost.Sum, len(list))
	for i, s := range list {
		shown[i] = cost.SumOf(s.name, s.runs, s.taken)
		all, runs = all.Plus(s.taken), runs+s.runs
	}
	if q.By != cost.ByFlow { // a run has one flow, and may have several models and days
		err = read.QueryRowContext(ctx, "SELECT count(DISTINCT c.run) FROM costs c"+where, args...).Scan(&runs)
	}
	return q.Report(cost.SumOf("", runs, all), shown), err
}

// named is what the calls of some runs took.
type named struct {
	name  string
	runs  int64
	taken cost.Taken
}

// sums adds up rows of costs, which are c in from, by what name says.
func sums(ctx context.Context, read *sql.Tx, name, from string, args ...any) (list []named, err error) {
	rows, err := read.QueryContext(ctx, "SELECT "+name+`, count(DISTINCT c.run), sum(c.calls), sum(c.input), sum(c.output), sum(c.cached), sum(c.written), sum(c.usd), sum(c.unpriced), sum(c.unmetered)
		FROM `+from+" GROUP BY 1", args...)
	err = each(rows, err, func(row *sql.Rows) error {
		var s named
		t := &s.taken
		err := row.Scan(&s.name, &s.runs, &t.Calls, &t.InputTokens, &t.OutputTokens, &t.CachedTokens, &t.CacheWriteTokens, &t.USD, &t.Unpriced, &t.Unmetered)
		list = append(list, s)
		return err
	})
	return list, err
}

// sumsByDay adds up by days, which depend on the time zone.
func sumsByDay(ctx context.Context, read *sql.Tx, q cost.Query, where string, args []any) ([]named, error) {
	rows, err := read.QueryContext(ctx, "SELECT DISTINCT c.quarter FROM costs c"+where+" ORDER BY 1", args...)
	type span struct {
		Day    string `json:"day"`
		First  int64  `json:"first"`
		Behind int64  `json:"behind"` // the last
	}
	spans := []span{}
	err = each(rows, err, func(row *sql.Rows) error {
		var at int64
		if err := row.Scan(&at); err != nil {
			return err
		}
		if day, last := q.Day(at), len(spans)-1; last < 0 || spans[last].Day != day {
			spans = append(spans, span{day, at, at + 1})
		} else {
			spans[last].Behind = at + 1
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	days, err := json.Marshal(spans)
	if err != nil {
		return nil, err
	}
	from := "json_each(?) d CROSS JOIN costs c ON c.quarter >= d.value ->> 'first' AND c.quarter < d.value ->> 'behind' AND ? IN ('', c.flow)"
	return sums(ctx, read, "d.value ->> 'day'", from, string(days), q.Flow)
}
