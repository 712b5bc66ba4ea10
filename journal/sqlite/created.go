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
	const operation = "read how runs began"
	if err := db.enter(ctx, operation); err != nil {
		return nil, err
	}
	defer db.calls.Done()
	created, err := db.created(ctx, ids)
	return created, failure(db.path, operation, err)
}

func (db *DB) created(ctx context.Context, ids []pawl.RunID) (map[pawl.RunID]journal.Created, error) {
	wanted, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := db.readers.query(ctx, readCreated, string(wanted))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := make(map[pawl.RunID]journal.Created, len(ids))
	for rows.Next() {
		e := pawl.Event{Seq: 1, Type: pawl.EventCreated}
		var body []byte
		var codec sql.NullString
		if err := rows.Scan(&e.Run, &body, &codec); err != nil {
			return nil, err
		}
		if e.Body, err = decode(body, codec.String); err != nil {
			return nil, err
		}
		if all[e.Run], err = journal.Decode[journal.Created](e); err != nil {
			return nil, err
		}
	}
	return all, rows.Err()
}
