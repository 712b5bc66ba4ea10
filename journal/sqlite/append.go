package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	lib "modernc.org/sqlite/lib"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// inlineBytes is the largest body that is kept in its event's row. Larger ones
// are blobs, or reading a history without them would be slow.
const inlineBytes = 16 << 10

// row is an event as it is stored.
type row struct {
	pawl.Event
	result bool
	blob   string // the body's digest; empty: it is kept inline
}

// seal makes the rows behind a claim's last event. It runs on the caller's
// goroutine, so that the writer neither encodes nor hashes.
func seal(c journal.Claim, drafts []journal.Draft) ([]row, journal.Claim, error) {
	events, next, err := journal.Seal(c, drafts)
	if err != nil {
		return nil, c, err
	}
	rows := make([]row, len(events))
	for i, e := range events {
		rows[i] = row{Event: e, result: drafts[i].Result}
		if len(e.Body) > inlineBytes {
			rows[i].blob = journal.Digest(e.Body)
		}
	}
	return rows, next, nil
}

func sizeOf(rows []row) (n int) {
	for _, r := range rows {
		n += 512 + len(r.Body)
	}
	return n
}

// Append implements journal.Journal.
func (db *DB) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	digests, err := b.Digests()
	if err != nil {
		return nil, err
	}
	before := *c
	rows, next, err := seal(before, b.Drafts)
	if err != nil {
		return nil, err
	}
	size := sizeOf(rows)
	for _, data := range b.Blobs {
		size += 512 + len(data)
	}
	err = db.write(ctx, &op{
		name: fmt.Sprintf("append to run %q", c.Run), bytes: size, events: len(rows),
		apply: func(t *tx) error {
			n, err := db.fence(t, before, next, b)
			if err != nil {
				return err
			}
			for i, data := range b.Blobs {
				if err := t.insertBlob(digests[i], data); err != nil {
					return err
				}
			}
			return t.insert(n, rows)
		},
	})
	if err != nil {
		return nil, err
	}
	*c = next
	events := make([]pawl.Event, len(rows))
	for i, r := range rows {
		events[i] = r.Event
	}
	return events, nil
}

// fence moves the run forward if the claim still holds, and returns its number.
func (db *DB) fence(t *tx, before, next journal.Claim, b journal.Batch) (n int64, err error) {
	var status, reason, model any // null: as it is
	s := b.Summary
	if s != nil {
		status, reason = string(s.Status), s.Reason
	}
	if b.Model != "" {
		model = b.Model
	}
	err = t.advance.QueryRowContext(t.ctx, int64(next.Seq), next.Hash, millis(next.At), status, reason, model,
		string(before.Run), db.procs.self, before.Epoch, int64(before.Seq), before.Hash).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		if err := t.exists(before.Run); err != nil {
			return 0, err
		}
		return 0, refusal.Lost(before.Run, journal.ErrLost)
	}
	if err == nil && s != nil && s.Status == pawl.StatusWaiting {
		var wake any // null: a person is waited for
		if !s.WakeAt.IsZero() {
			wake = millis(s.WakeAt)
		}
		_, err = t.exec(t.setWake, wake, n)
	}
	return n, err
}

// insert adds events to the run with number n.
func (t *tx) insert(n int64, rows []row) error {
	for _, r := range rows {
		var body, blob any = string(r.Body), nil
		if r.blob != "" {
			body, blob = nil, r.blob
			if err := t.insertBlob(r.blob, r.Body); err != nil {
				return err
			}
		}
		_, err := t.exec(t.addEvent, n, int64(r.Seq), r.Version, string(r.Type), string(r.Key), millis(r.At), r.Hash, r.result, body, blob)
		if r.result && code(err) == lib.SQLITE_CONSTRAINT {
			return dirty{refusal.Second(r.Run, r.Key)}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) insertBlob(digest string, data []byte) error {
	if data == nil {
		data = []byte{} // not null
	}
	_, err := t.exec(t.addBlob, digest, len(data), data)
	return err
}

func millis(t pawl.Time) int64      { return t.UnixMilli() }
func fromMillis(ms int64) pawl.Time { return pawl.At(time.UnixMilli(ms)) }
