package sqlite

import (
	"cmp"
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
	return reading(ctx, db, fmt.Sprintf("read run %q", id), func(ctx context.Context) ([]pawl.Event, error) {
		events, err := db.read(ctx, id, after, limit)
		if err == nil && len(events) == 0 {
			err = db.exists(ctx, id)
		}
		return events, err
	})
}

func (db *DB) read(ctx context.Context, id pawl.RunID, after pawl.Seq, most int) ([]pawl.Event, error) {
	events := []pawl.Event{}
	err := db.readers.each(ctx, func(row *sql.Rows) (err error) {
		// Into types that need no reflection: histories are long.
		var seq, version, at any
		var kind, key, hash string
		var body []byte
		var codec, withheld any
		if err := row.Scan(&seq, &version, &kind, &key, &at, &hash, &body, &codec, &withheld); err != nil {
			return err
		}
		e := pawl.Event{Run: id, Seq: pawl.Seq(number(seq)), Version: int(number(version)), Type: pawl.EventType(kind),
			Key: pawl.Key(key), At: fromMillis(number(at)), Hash: hash}
		how, _ := codec.(string)            // null: the body is kept inline
		e.BodyDigest, _ = withheld.(string) // null: it is the body as it was recorded
		if e.Body, err = decode(body, how); err != nil {
			return fmt.Errorf("event %d: %w", e.Seq, err)
		}
		events = append(events, e)
		return nil
	}, readEvents, string(id), int64(after), atMost(most))
	return events, err
}

// number is an integer of a column that holds nothing else.
func number(column any) int64 {
	n, _ := column.(int64)
	return n
}

// exists returns ErrNotFound if there is no such run.
func (db *DB) exists(ctx context.Context, id pawl.RunID) error {
	is := refusal.NotFound(id)
	err := db.readers.each(ctx, func(*sql.Rows) error { is = nil; return nil }, "SELECT n FROM runs WHERE id = ?", string(id))
	return cmp.Or(err, is)
}

// Blob implements journal.Blobs. Large bodies of events are among the blobs.
func (db *DB) Blob(ctx context.Context, digest string) ([]byte, error) {
	return reading(ctx, db, fmt.Sprintf("read blob %q", digest), func(ctx context.Context) ([]byte, error) { return db.blob(ctx, digest) })
}

func (db *DB) blob(ctx context.Context, digest string) (data []byte, err error) {
	var codec string
	err = db.readers.QueryRowContext(ctx, "SELECT data, codec FROM blobs WHERE digest = ?", digest).Scan(&data, &codec)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, refusal.NoBlob(digest)
	}
	if err == nil {
		data, err = decode(data, codec)
	}
	if err == nil && journal.Digest(data) != digest {
		err = &pawl.Error{Kind: pawl.ErrDatabase, Message: fmt.Sprintf("database %q is damaged: blob %q has other bytes", db.path, digest)}
	}
	return data, err
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
