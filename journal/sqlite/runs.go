package sqlite

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// selectRuns selects what a row of the list is made of, see scanRuns.
const selectRuns = `SELECT r.id, r.flow, r.model, r.status, r.reason, r.created_at, e.at, e.seq, e.hash, r.imported, r.wake_at, r.final, r.owner, p.pid,
	r.program, r.base, r.schedule, ` + supersededBy + `
	FROM runs r` + lastEvents + ` LEFT JOIN procs p ON p.id = r.owner`

// supersededBy is [journal.Row.SupersededBy] of r, or null.
const supersededBy = `CASE WHEN r.status = 'failed' THEN
		(SELECT d.id FROM runs d WHERE d.base = r.id AND d.status <> 'canceled' ORDER BY d.n DESC LIMIT 1) END`

// listQuery returns the statement that lists what a filter lets through, its text apart.
func listQuery(f pawl.RunFilter) (query string, args []any) {
	return runsQuery(selectRuns, f, endOfRuns)
}

// endOfRuns is a number before which all runs are.
const endOfRuns = math.MaxInt64

// runsQuery returns the statement that selects something of the runs that a filter lets
// through, its text apart, and whose numbers are before one. It names only what the filter
// does, so that the newest runs, those of a flow, and those of a status, are read off the end
// of a table or an index. Those with a prefix are few: they are found by id, which the + has
// SQLite prefer to the flow, and sorted. Those of some statuses are few among many, unless
// done is one of these: they are found by each of them.
func runsQuery(what string, f pawl.RunFilter, before int64) (query string, args []any) {
	where := conditions{}
	where.prefix(f)
	few := f.Prefix == "" && len(f.Statuses) > 0 && !slices.Contains(f.Statuses, pawl.StatusDone)
	if f.Prefix != "" || few {
		where.addIf(f.Flow != "", "+r.flow = ?", f.Flow)
	} else {
		where.addIf(f.Flow != "", "r.flow = ?", f.Flow)
	}
	where.rest(f)
	where.addIf(before != endOfRuns, "r.n < ?", before)
	if few {
		where = where.ofEach(f.Statuses, f.Limit)
	} else {
		where.among("+r.status", f.Statuses)
	}
	query, args = what+where.clause(" WHERE "), where.args
	return query + " ORDER BY r.n DESC LIMIT ? + 0", append(args, atMost(f.Limit))
}

// conditions are what rows must fulfil, with the arguments of their statement.
type conditions struct {
	all  []string
	args []any
}

func (c *conditions) addIf(wanted bool, condition string, args ...any) {
	if wanted {
		c.all, c.args = append(c.all, condition), append(c.args, args...)
	}
}

// prefix adds a filter's condition on the id.
func (c *conditions) prefix(f pawl.RunFilter) {
	c.addIf(f.Prefix != "", "r.id >= ? AND r.id < ?", string(f.Prefix), string(f.Prefix)+afterAll)
}

// rest adds all conditions of a filter but those on id and flow.
func (c *conditions) rest(f pawl.RunFilter) {
	c.addIf(f.Base != "", "r.base = ?", string(f.Base))
	c.addIf(f.Schedule != "", "r.schedule = ?", f.Schedule)
	c.addIf(f.Program != "", "r.program IN ('', ?)", f.Program)
	c.addIf(!f.Since.IsZero(), "r.created_at >= ?", f.Since.Add(time.Millisecond-1).UnixMilli())
	c.addIf(f.Current, supersededBy+" IS NULL")
	c.addIf(f.After != "", "r.n < (SELECT n FROM runs WHERE id = ?)", string(f.After))
}

// among adds that something is one of some statuses, if there are any.
func (c *conditions) among(what string, statuses []pawl.Status) {
	if len(statuses) == 0 {
		return
	}
	c.all = append(c.all, what+" IN (?"+strings.Repeat(", ?", len(statuses)-1)+")")
	for _, s := range statuses {
		c.args = append(c.args, string(s))
	}
}

// ofEach returns the condition that a run is one of the newest that fulfil these at one of
// some statuses. Those of each are read off the end of the index.
func (c conditions) ofEach(statuses []pawl.Status, most int) conditions {
	one := "SELECT * FROM (SELECT r.n FROM runs r WHERE " + strings.Join(append(c.all, "r.status = ? AND r.status <> 'done'"), " AND ") + " ORDER BY r.n DESC LIMIT ? + 0)"
	each := conditions{all: []string{"r.n IN (" + one + strings.Repeat(" UNION ALL "+one, len(statuses)-1) + ")"}}
	for _, s := range statuses {
		each.args = append(append(each.args, c.args...), string(s), atMost(most))
	}
	return each
}

// clause joins them behind a word; none is nothing.
func (c *conditions) clause(word string) string {
	if len(c.all) == 0 {
		return ""
	}
	return word + strings.Join(c.all, " AND ")
}

// afterAll is behind every string that begins with a given one, if appended to
// it: no valid one begins with such a byte.
const afterAll = "\xff"

// Runs implements journal.Journal.
func (db *DB) Runs(ctx context.Context, f pawl.RunFilter) ([]journal.Row, error) {
	return reading(ctx, db, "list runs", func(ctx context.Context) ([]journal.Row, error) { return db.list(ctx, f) })
}

func (db *DB) list(ctx context.Context, f pawl.RunFilter) ([]journal.Row, error) {
	if !utf8.ValidString(string(f.Prefix)) {
		return []journal.Row{}, nil
	}
	query, args := listQuery(f)
	if f.Text != "" {
		found, err := db.find(ctx, f)
		if err != nil {
			return nil, err
		}
		query, args = selectRuns+" WHERE "+isAmong+" ORDER BY r.n DESC", []any{numberList(found)}
	}
	return db.scanRuns(ctx, query, args...)
}

// atMost is n as SQL wants it.
func atMost(n int) int {
	if n <= 0 {
		return -1
	}
	return n
}

// scanRuns reads what selectRuns selects.
func (db *DB) scanRuns(ctx context.Context, query string, args ...any) ([]journal.Row, error) {
	list := []journal.Row{}
	holders := map[string]string{} // by owner
	err := db.readers.each(ctx, func(row *sql.Rows) error {
		var r journal.Row
		var created, updated int64
		var owner, base, scheduled, superseded sql.NullString
		var pid, wake sql.NullInt64
		if err := row.Scan(&r.ID, &r.Flow, &r.Model, &r.Summary.Status, &r.Summary.Reason, &created, &updated, &r.LastSeq, &r.LastHash, &r.Imported, &wake, &r.Summary.Final, &owner, &pid, &r.Program, &base, &scheduled, &superseded); err != nil {
			return err
		}
		if wake.Valid && r.Summary.Status == pawl.StatusWaiting {
			r.Summary.WakeAt = fromMillis(wake.Int64)
		}
		r.Schedule = scheduled.String
		r.Base, r.SupersededBy = pawl.RunID(base.String), pawl.RunID(superseded.String)
		r.CreatedAt, r.UpdatedAt = fromMillis(created), fromMillis(updated)
		if owner.Valid {
			holder, seen := holders[owner.String]
			if !seen {
				alive, err := db.procs.alive(owner.String)
				if err != nil {
					return err
				}
				if alive && pid.Valid { // else it is closing
					holder = process(int(pid.Int64))
				}
				holders[owner.String] = holder
			}
			r.Holder, r.Held = holder, holder != ""
		}
		list = append(list, r)
		return nil
	}, query, args...)
	return list, err
}
