package sqlite

import (
	"context"
	"database/sql"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// steers reports whether a batch has to do with people: only then there is more
// to write than its events.
func steers(drafts []journal.Draft, handled []journal.Handled) bool {
	for _, d := range drafts {
		if d.Opens || d.Lifts || d.Ends() {
			return true
		}
	}
	return len(handled) > 0
}

// steer handles commands of the run with number n, and keeps the table of blockers
// in step with events that were inserted just now, from number first on.
func (t *tx) steer(run pawl.RunID, n int64, first pawl.Seq, at pawl.Time, drafts []journal.Draft, handled []journal.Handled) error {
	if err := t.handle(run, n, at, handled); err != nil {
		return err
	}
	for i, d := range drafts {
		var err error
		switch {
		case d.Ends():
			if _, err = t.exec(t.liftAll, n); err == nil {
				err = t.refuseAll(n, at, d.Refusal(run))
			}
		case d.Opens:
			_, err = t.exec(t.openBlocker, n, string(d.Key), int64(first)+int64(i))
		case d.Lifts:
			_, err = t.exec(t.liftBlocker, n, string(d.Key))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// openQuery returns the statement that lists the blockers of the runs that a
// filter lets through. Without a prefix it reads the blockers in their order;
// the runs with a prefix are few, and it begins with them. The runs with the filter's text
// are among those of a list of numbers; empty: it has none.
func openQuery(f pawl.RunFilter, found string) (query string, args []any) {
	const (
		columns = "SELECT r.id, r.flow, e.seq, e.version, e.type, e.key, e.at, e.hash, coalesce(e.body, c.data), c.codec FROM "
		events  = " CROSS JOIN events e ON e.run = b.run AND e.seq = b.seq LEFT JOIN blobs c ON c.digest = e.blob WHERE true"
	)
	from := "blockers b CROSS JOIN runs r ON r.n = b.run"
	if f.Prefix != "" {
		from = "runs r CROSS JOIN blockers b ON b.run = r.n"
	}
	where := conditions{}
	where.prefix(f)
	where.addIf(f.Flow != "", "+r.flow = ?", f.Flow)
	where.rest(f)
	where.among("r.status", f.Statuses)
	where.addIf(found != "", isAmong, found)
	query = columns + from + events + where.clause(" AND ")
	return query + " ORDER BY b.n LIMIT ? + 0", append(where.args, atMost(f.Limit))
}

// queryOpen is openQuery of any filter, whose text it looks for.
func (db *DB) queryOpen(ctx context.Context, f pawl.RunFilter) (query string, args []any, err error) {
	if f.Text == "" {
		query, args = openQuery(f, "")
		return query, args, nil
	}
	all := f
	all.Limit = 0 // which is of blockers
	found, err := db.find(ctx, all)
	query, args = openQuery(f, numberList(found))
	return query, args, err
}

// OpenBlockers implements journal.Commands.
func (db *DB) OpenBlockers(ctx context.Context, f pawl.RunFilter) ([]journal.OpenBlocker, error) {
	return reading(ctx, db, "list open blockers", func(ctx context.Context) ([]journal.OpenBlocker, error) { return db.listOpen(ctx, f) })
}

func (db *DB) listOpen(ctx context.Context, f pawl.RunFilter) ([]journal.OpenBlocker, error) {
	list := []journal.OpenBlocker{}
	if !utf8.ValidString(string(f.Prefix)) {
		return list, nil
	}
	query, args, err := db.queryOpen(ctx, f)
	if err != nil {
		return nil, err
	}
	err = db.readers.each(ctx, func(row *sql.Rows) (err error) {
		// Into types that need no reflection: there may be many.
		var run, flow, kind, key, hash string
		var seq, version, at, codec any
		var body []byte
		if err := row.Scan(&run, &flow, &seq, &version, &kind, &key, &at, &hash, &body, &codec); err != nil {
			return err
		}
		o := journal.OpenBlocker{Flow: flow, Event: pawl.Event{
			Run: pawl.RunID(run), Seq: pawl.Seq(number(seq)), Version: int(number(version)), Type: pawl.EventType(kind),
			Key: pawl.Key(key), At: fromMillis(number(at)), Hash: hash,
		}}
		how, _ := codec.(string) // null: the body is kept inline
		if o.Event.Body, err = decode(body, how); err != nil {
			return err
		}
		list = append(list, o)
		return nil
	}, query, args...)
	return list, err
}
