package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/journal"
)

const (
	// uncountedVersion is the version of databases with sums of costs in which what older
	// programs have stored may be missing. Nobody uses one: it is brought to the next.
	uncountedVersion = 12

	countedPiece = 10_000           // so many events are counted in one transaction
	countedTell  = 10 * time.Second // after which it is said again how far it is
)

// countOlder counts the calls that older programs have stored, as if it had been done when
// they were: event by event, and in pieces, so that it takes no more memory than one of them
// and what is done is kept.
func countOlder(ctx context.Context, c *sql.Conn, p *patience) error {
	whole := context.WithoutCancel(ctx)
	var next time.Time // when it is said how far it is
	for {
		var done, last int64
		if err := c.QueryRowContext(whole, "SELECT event, (SELECT coalesce(max(n), 0) FROM events) FROM counted").Scan(&done, &last); err != nil {
			return err
		}
		if now := time.Now(); p.tell != nil && last-done > countedPiece && !now.Before(next) {
			next = now.Add(countedTell)
			p.tell(fmt.Sprintf("adding up what the model calls of older runs have cost, once: %d of %d events", done, last))
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case done >= last:
			return nil
		}
		rawErr := c.Raw(func(conn any) error { return countPiece(whole, conn, done, min(done+countedPiece, last)) })
		if rawErr != nil {
			return rawErr
		}
		// Nothing else empties the log here. Whether others read meanwhile is no matter.
		if err := c.QueryRowContext(whole, "PRAGMA wal_checkpoint(PASSIVE)").Scan(new(int), new(int), new(int)); err != nil {
			return err
		}
	}
}

// countPiece counts what the events after one and up to another say, in a transaction.
func countPiece(ctx context.Context, conn any, after, last int64) (err error) {
	s := &statements{}
	if err := s.prepare(ctx, conn.(driver.ConnPrepareContext), s.toCount()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	t := &tx{ctx: ctx, conn: conn, statements: s}
	if err := t.once("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err = t.countEvents(after, last)
	if err == nil {
		err = t.once("UPDATE counted SET event = ?", last)
	}
	if err == nil {
		err = t.once("COMMIT")
	}
	if err != nil {
		t.once("ROLLBACK") // may have happened by itself
	}
	return err
}

// toldEvents selects the events that say something of calls. Those of a run have numbers in
// their order.
const toldEvents = `SELECT e.run, e.type, e.key, e.at, CASE WHEN e.type IN ('intent', 'attempt', 'failed') THEN coalesce(e.body, b.data) END, b.codec
	FROM events e JOIN runs r ON r.n = e.run LEFT JOIN blobs b ON b.digest = e.blob
	WHERE e.n > ? AND e.n <= ? AND r.imported = 0 AND e.type IN ('intent', 'attempt', 'claimed', 'released', 'done', 'canceled', 'failed')
	ORDER BY e.n`

func (t *tx) countEvents(after, last int64) error {
	type told struct {
		run int64
		at  pawl.Time
		cost.Happened
	}
	var all []told
	rows, err := t.conn.(driver.QueryerContext).QueryContext(t.ctx, toldEvents, t.values.set([]driver.Value{after, last}))
	if err != nil {
		return err
	}
	var columns [6]driver.Value
	for err = rows.Next(columns[:]); err == nil; err = rows.Next(columns[:]) {
		kind, _ := columns[1].(string)
		key, _ := columns[2].(string)
		codec, _ := columns[5].(string)
		draft := journal.Draft{Type: pawl.EventType(kind), Key: pawl.Key(key), Body: storedBody(columns[4], codec)}
		if h, ok := draft.Tells(); ok {
			h.Took.CacheWriteTokens = 0 // no program of then has told them apart, and there is no column yet
			all = append(all, told{number(columns[0]), fromMillis(number(columns[3])), h})
		}
	}
	if err := endOf(rows, err); err != nil {
		return err
	}
	for _, e := range all {
		if err := t.count(e.run, e.Happened, e.at); err != nil {
			return err
		}
	}
	return nil
}

// storedBody returns the text of a body as it is stored; of a damaged one it is none.
func storedBody(body driver.Value, codec string) json.RawMessage {
	switch b := body.(type) {
	case string:
		return json.RawMessage(b)
	case []byte:
		text, _ := decode(b, codec)
		return text
	}
	return nil
}
