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
	const query = `SELECT max(e.n), r.id, max(e.seq), e.type
		FROM events e NOT INDEXED CROSS JOIN runs r ON r.n = e.run WHERE e.n > ? GROUP BY e.run, e.type ORDER BY 1` // by their places, and not all by their runs
	return reading(ctx, db, "read which runs changed", func(ctx context.Context) ([]journal.Placed, error) {
		all := []journal.Placed{}
		err := db.readers.each(ctx, func(row *sql.Rows) error {
			var p journal.Placed
			err := row.Scan(&p.Place, &p.Event.Run, &p.Event.Seq, &p.Event.Type)
			all = append(all, p)
			return err
		}, query, place)
		return all, err
	})
}

func (db *DB) placed(ctx context.Context, operation, query string, args ...any) ([]journal.Placed, error) {
	return reading(ctx, db, operation, func(ctx context.Context) ([]journal.Placed, error) {
		all := []journal.Placed{}
		err := db.readers.each(ctx, func(row *sql.Rows) (err error) {
			var p journal.Placed
			e := &p.Event
			var at int64
			var body []byte
			var codec, withheld sql.NullString
			if err := row.Scan(&p.Place, &e.Run, &e.Seq, &e.Version, &e.Type, &e.Key, &at, &e.Hash, &body, &codec, &withheld); err != nil {
				return err
			}
			e.At, e.BodyDigest = fromMillis(at), withheld.String
			e.Body, err = decode(body, codec.String)
			all = append(all, p)
			return err
		}, query, args...)
		return all, err
	})
}
