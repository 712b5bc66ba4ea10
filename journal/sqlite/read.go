package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

const readEvents = `SELECT e.seq, e.version, e.type, e.key, e.at, e.hash, coalesce(e.body, b.data), b.codec, e.body_digest
	FROM events e LEFT JOIN blobs b ON b.digest = e.blob
	WHERE e.run = (SELECT n FROM runs WHERE id = ?) AND e.seq > ?
	ORDER BY e.seq LIMIT ? + 0`

// Read implements journal.Journal.
func (db *DB) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	operation := fmt.Sprintf("read run %q", id)
	if err := db.enter(ctx, operation); err != nil {
		return nil, err
	}
	defer db.calls.Done()
	events, err := db.read(ctx, id, after, limit)
	if err == nil && len(events) == 0 {
		err = db.exists(ctx, id)
	}
	return events, failure(db.path, operation, err)
}

func (db *DB) read(ctx context.Context, id pawl.RunID, after pawl.Seq, most int) ([]pawl.Event, error) {
	rows, err := db.readers.query(ctx, readEvents, string(id), int64(after), atMost(most))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	events := []pawl.Event{}
	for rows.Next() {
		// Into types that need no reflection: histories are long.
		var seq, version, at any
		var kind, key, hash string
		var body []byte
		var codec, withheld any
		if err := rows.Scan(&seq, &version, &kind, &key, &at, &hash, &body, &codec, &withheld); err != nil {
			return nil, err
		}
		e := pawl.Event{Run: id, Seq: pawl.Seq(number(seq)), Version: int(number(version)), Type: pawl.EventType(kind),
			Key: pawl.Key(key), At: fromMillis(number(at)), Hash: hash}
		how, _ := codec.(string)            // null: the body is kept inline
		e.BodyDigest, _ = withheld.(string) // null: it is the body as it was recorded
		if e.Body, err = decode(body, how); err != nil {
			return nil, fmt.Errorf("event %d: %w", e.Seq, err)
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

// number is an integer of a column that holds nothing else.
func number(column any) int64 {
	n, _ := column.(int64)
	return n
}

// exists returns ErrNotFound if there is no such run.
func (db *DB) exists(ctx context.Context, id pawl.RunID) error {
	rows, err := db.readers.query(ctx, "SELECT n FROM runs WHERE id = ?", string(id))
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() && rows.Err() == nil {
		return refusal.NotFound(id)
	}
	return rows.Err()
}

// Blob implements journal.Blobs. Large bodies of events are among the blobs.
func (db *DB) Blob(ctx context.Context, digest string) ([]byte, error) {
	operation := fmt.Sprintf("read blob %q", digest)
	if err := db.enter(ctx, operation); err != nil {
		return nil, err
	}
	defer db.calls.Done()
	var data []byte
	var codec string
	err := db.readers.QueryRowContext(ctx, "SELECT data, codec FROM blobs WHERE digest = ?", digest).Scan(&data, &codec)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, refusal.NoBlob(digest)
	}
	if err == nil {
		data, err = decode(data, codec)
	}
	if err == nil && journal.Digest(data) != digest {
		err = &pawl.Error{Kind: pawl.ErrDatabase, Message: fmt.Sprintf("database %q is damaged: blob %q has other bytes", db.path, digest)}
	}
	return data, failure(db.path, operation, err)
}

// decode returns the plain form of stored bytes. A body that is kept inline has
// no codec.
func decode(data []byte, codec string) ([]byte, error) {
	if codec != "" && codec != "plain" {
		return nil, &pawl.Error{
			Kind:    pawl.ErrDatabase,
			Message: fmt.Sprintf("bytes are stored as %q, which this version of Pawl does not know", codec),
			Hint:    "use a newer version of Pawl",
		}
	}
	if data == nil {
		data = []byte{}
	}
	return data, nil
}
