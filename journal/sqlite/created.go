package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

const readCreated = `SELECT r.id, coalesce(e.body, b.data), b.codec
	FROM json_each(?) wanted JOIN runs r ON r.id = wanted.value JOIN events e ON e.run = r.n AND e.seq = 1
	LEFT JOIN blobs b ON b.digest = e.blob`

// Created returns how runs began, in one query for all of them. A run that is
// not there is left out.
func (db *DB) Created(ctx context.Context, ids []pawl.RunID) (map[pawl.RunID]journal.Created, error) {
	return reading(ctx, db, "read how runs began", func(ctx context.Context) (map[pawl.RunID]journal.Created, error) { return db.created(ctx, ids) })
}

func (db *DB) created(ctx context.Context, ids []pawl.RunID) (map[pawl.RunID]journal.Created, error) {
	wanted, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	all := make(map[pawl.RunID]journal.Created, len(ids))
	err = db.readers.each(ctx, func(row *sql.Rows) (err error) {
		e := pawl.Event{Seq: 1, Type: pawl.EventCreated}
		var body []byte
		var codec sql.NullString
		if err := row.Scan(&e.Run, &body, &codec); err != nil {
			return err
		}
		if e.Body, err = decode(body, codec.String); err == nil {
			all[e.Run], err = journal.Decode[journal.Created](e)
		}
		return err
	}, readCreated, string(wanted))
	return all, err
}
