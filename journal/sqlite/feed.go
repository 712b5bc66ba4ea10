package sqlite

import (
	"context"
	"database/sql"

	"github.com/pawlrun/pawl/journal"
)

const placedEvents = `SELECT e.n, r.id, e.seq, e.version, e.type, e.key, e.at, e.hash, coalesce(e.body, b.data), b.codec, e.body_digest
	FROM events e JOIN runs r ON r.n = e.run LEFT JOIN blobs b ON b.digest = e.blob`

// Last implements journal.Feed.
func (db *DB) Last(ctx context.Context) (journal.Placed, error) {
	all, err := db.placed(ctx, "read the last event", placedEvents+" ORDER BY e.n DESC LIMIT 1")
	if err != nil || len(all) == 0 {
		return journal.Placed{}, err
	}
	return all[0], nil
}

// From implements journal.Feed.
func (db *DB) From(ctx context.Context, place int64, limit int) ([]journal.Placed, error) {
	return db.placed(ctx, "read events", placedEvents+" WHERE e.n >= ? ORDER BY e.n LIMIT ? + 0", place, limit)
}

// Changed implements journal.Feed.
func (db *DB) Changed(ctx context.Context, place int64) ([]journal.Placed, error) {
	const operation = "read which runs changed"
	if err := db.enter(ctx, operation); err != nil {
		return nil, err
	}
	defer db.calls.Done()
	rows, err := db.readers.query(ctx, `SELECT max(e.n), r.id, max(e.seq), e.type
		FROM events e NOT INDEXED CROSS JOIN runs r ON r.n = e.run WHERE e.n > ? GROUP BY e.run, e.type ORDER BY 1`, place) // by their places, and not all by their runs
	if err != nil {
		return nil, failure(db.path, operation, err)
	}
	defer rows.Close()
	all := []journal.Placed{}
	for rows.Next() {
		var p journal.Placed
		if err := rows.Scan(&p.Place, &p.Event.Run, &p.Event.Seq, &p.Event.Type); err != nil {
			return nil, failure(db.path, operation, err)
		}
		all = append(all, p)
	}
	return all, failure(db.path, operation, rows.Err())
}

func (db *DB) placed(ctx context.Context, operation, query string, args ...any) ([]journal.Placed, error) {
	if err := db.enter(ctx, operation); err != nil {
		return nil, err
	}
	defer db.calls.Done()
	rows, err := db.readers.query(ctx, query, args...)
	if err != nil {
		return nil, failure(db.path, operation, err)
	}
	defer rows.Close()
	all := []journal.Placed{}
	for rows.Next() {
		var p journal.Placed
		e := &p.Event
		var at int64
		var body []byte
		var codec, withheld sql.NullString
		if err := rows.Scan(&p.Place, &e.Run, &e.Seq, &e.Version, &e.Type, &e.Key, &at, &e.Hash, &body, &codec, &withheld); err != nil {
			return nil, failure(db.path, operation, err)
		}
		e.At, e.BodyDigest = fromMillis(at), withheld.String
		if e.Body, err = decode(body, codec.String); err != nil {
			return nil, failure(db.path, operation, err)
		}
		all = append(all, p)
	}
	return all, failure(db.path, operation, rows.Err())
}
