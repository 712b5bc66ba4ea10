package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/limit"
	"github.com/pawlrun/pawl/schema"
)

// SetLimit implements limit.Keeper.
func (db *DB) SetLimit(ctx context.Context, l limit.Limit) error {
	return db.write(ctx, &op{name: "set limit", bytes: 1 << 10, apply: func(t *tx) error {
		all, err := t.limits()
		if err != nil {
			return err
		}
		next, err := all.Set(l, db.time())
		if err != nil {
			return err
		}
		return t.storeLimits(next)
	}})
}

// RemoveLimit implements limit.Keeper.
func (db *DB) RemoveLimit(ctx context.Context, n limit.Name) error {
	return db.write(ctx, &op{name: "remove limit", bytes: 1 << 10, apply: func(t *tx) error {
		all, err := t.limits()
		if err != nil {
			return err
		}
		next, there := all.Remove(n)
		if !there {
			return refusal.NoLimit(n)
		}
		if _, err := t.exec(t.deleteLimit, n.Flow, string(n.Per)); err != nil {
			return err
		}
		if len(next) == 0 {
			if err := t.once("DELETE FROM reservations"); err != nil {
				return err
			}
		}
		t.tallies.all = next
		return nil
	}})
}

// Limits implements limit.Keeper.
func (db *DB) Limits(ctx context.Context) ([]limit.Tally, error) {
	return reading(ctx, db, "list limits", db.tallies)
}

func (db *DB) tallies(ctx context.Context) ([]limit.Tally, error) {
	all := limit.Tallies{}
	err := db.readers.each(ctx, func(row *sql.Rows) error {
		var body []byte
		var tally limit.Tally
		if err := row.Scan(&body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &tally); err != nil {
			return err
		}
		all = append(all, tally)
		return nil
	}, selectLimits)
	return all.At(db.time()), err
}

// selectLimits is in the order that limit.Tallies have.
const selectLimits = "SELECT body FROM limits ORDER BY flow, CASE per WHEN 'day' THEN 0 WHEN 'month' THEN 1 ELSE 2 END"

// tallies are the limits as they stand in a transaction.
type tallies struct {
	read bool
	all  limit.Tallies
}

// limits returns the limits. They are read once in a transaction, and only if something in
// it is about calls.
func (t *tx) limits() (limit.Tallies, error) {
	if t.tallies.read {
		return t.tallies.all, nil
	}
	bodies, err := t.column(t.getLimits)
	if err != nil {
		return nil, err
	}
	all := make(limit.Tallies, len(bodies))
	for i, body := range bodies {
		if err := json.Unmarshal([]byte(body), &all[i]); err != nil {
			return nil, err
		}
	}
	t.tallies = tallies{read: true, all: all}
	return all, nil
}

// column reads the texts of the first column of a query.
func (t *tx) column(s statement, args ...driver.Value) (list []string, err error) {
	rows, err := s.QueryContext(t.ctx, t.values.set(args))
	if err != nil {
		return nil, err
	}
	columns := make([]driver.Value, len(rows.Columns()))
	for err = rows.Next(columns); err == nil; err = rows.Next(columns) {
		text, _ := columns[0].(string)
		list = append(list, text)
	}
	return list, endOf(rows, err)
}

// storeLimits stores what has changed of the limits.
func (t *tx) storeLimits(next limit.Tallies) error {
	was := map[limit.Name]limit.Tally{}
	for _, is := range t.tallies.all {
		was[is.Name()] = is
	}
	for _, is := range next {
		if is == was[is.Name()] {
			continue
		}
		body, err := schema.Marshal(is)
		if err != nil {
			return err
		}
		if _, err := t.exec(t.setLimit, is.Flow, string(is.Per), string(body)); err != nil {
			return err
		}
	}
	t.tallies.all = next
	return nil
}

// reserving are the limits after a batch: its calls that have ended are settled, and those that
// leave have reserved.
type reserving struct {
	limits limit.Tallies
	made   []limit.Reservation
}

// reserve says whether the calls of a batch fit the limits, after those that end with it. It
// writes nothing; leave does.
func (t *tx) reserve(run pawl.RunID, b journal.Batch, at pawl.Time) (r reserving, err error) {
	if len(b.Calls)+len(b.Ended) == 0 {
		return r, nil
	}
	if r.limits, err = t.limits(); err != nil || len(r.limits) == 0 {
		return r, err
	}
	for _, e := range b.Ended {
		bodies, err := t.column(t.getReservation, string(run), string(e.Key), int64(e.Number))
		if err != nil {
			return r, err
		}
		for _, body := range bodies {
			var v limit.Reservation
			if err := json.Unmarshal([]byte(body), &v); err != nil {
				return r, err
			}
			r.limits = r.limits.Settle(v, e.Took)
		}
	}
	if len(b.Calls) == 0 {
		return r, nil
	}
	flows, err := t.column(t.getFlow, string(run))
	if err != nil {
		return r, err
	}
	if len(flows) == 0 {
		return r, refusal.NotFound(run)
	}
	r.limits, r.made, err = r.limits.Reserve(run, flows[0], b.Calls, at)
	return r, err
}

// leave stores what a batch of the run with number n makes of the limits.
func (t *tx) leave(n int64, r reserving, ended []limit.Ended) error {
	if len(r.limits) == 0 {
		return nil
	}
	for _, e := range ended {
		if _, err := t.exec(t.dropReservation, n, string(e.Key), int64(e.Number)); err != nil {
			return err
		}
	}
	for _, v := range r.made {
		body, err := schema.Marshal(v)
		if err != nil {
			return err
		}
		if _, err := t.exec(t.addReservation, n, string(v.Key), int64(v.Number), string(body)); err != nil {
			return err
		}
	}
	return t.storeLimits(r.limits)
}

// lose has what the run with number n has reserved be spent: nobody will know how its calls
// ended.
func (t *tx) lose(n int64) error {
	all, err := t.limits()
	if err != nil || len(all) == 0 {
		return err
	}
	bodies, err := t.column(t.takeReservations, n)
	if err != nil || len(bodies) == 0 {
		return err
	}
	for _, body := range bodies {
		var v limit.Reservation
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			return err
		}
		all = all.Settle(v, v.May)
	}
	return t.storeLimits(all)
}
