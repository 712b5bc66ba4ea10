package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	lib "modernc.org/sqlite/lib"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// inlineBytes is the largest body that is kept in its event's row. Larger ones
// are blobs, or reading a history without them would be slow.
const inlineBytes = 16 << 10

// row is an event as it is stored.
type row struct {
	*pawl.Event
	result bool
	voids  bool
	blob   string // the body's digest; empty: it is kept inline

	tells cost.Happened // of calls
	told  bool          // it tells something of them
}

// seal makes the rows behind a claim's last event. It runs on the caller's
// goroutine and before its turn, so that a transaction neither encodes nor hashes.
func seal(c journal.Claim, drafts []journal.Draft) ([]row, journal.Claim, error) {
	events, next, err := journal.Seal(c, drafts)
	if err != nil {
		return nil, c, err
	}
	return rowsOf(events, drafts), next, nil
}

func rowsOf(events []pawl.Event, drafts []journal.Draft) []row {
	rows := make([]row, len(events))
	for i := range events {
		rows[i] = row{Event: &events[i], result: drafts[i].Result, voids: drafts[i].Voids}
		rows[i].tells, rows[i].told = drafts[i].Tells()
		if len(events[i].Body) > inlineBytes {
			rows[i].blob = journal.Digest(events[i].Body)
		}
	}
	return rows
}

func sizeOf(rows []row) (n int) {
	for _, r := range rows {
		n += 512 + len(r.Body)
	}
	return n
}

func sizeOfBlobs(blobs [][]byte) (n int) {
	for _, data := range blobs {
		n += 512 + len(data)
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
	events, next, err := journal.Seal(before, b.Drafts)
	if err != nil {
		return nil, err
	}
	rows := rowsOf(events, b.Drafts)
	more := steers(b.Drafts, b.Handled)
	err = db.write(ctx, &op{
		name: "append to run", run: c.Run, bytes: sizeOf(rows) + sizeOfBlobs(b.Blobs), events: len(rows),
		apply: func(t *tx) error {
			reserving, err := t.reserve(before.Run, b, db.time())
			if err != nil {
				return err
			}
			n, err := db.fence(t, before)
			if err != nil {
				return err
			}
			if err := db.change(t, n, next, b); err != nil {
				return err
			}
			if err := t.leave(n, reserving, b.Ended); err != nil {
				return err
			}
			if err := t.insertBlobs(digests, b.Blobs); err != nil {
				return err
			}
			if err := t.insert(n, rows); err != nil {
				return err
			}
			if more {
				if err := t.steer(before.Run, n, before.Seq+1, db.time(), b.Drafts, b.Handled); err != nil {
					return err
				}
			}
			if b.Rest != "" {
				if err := t.oweNotices(n, b.Rest, next); err != nil {
					return err
				}
			}
			if !b.Release {
				db.held[next.Run] = held{n, next}
				return nil
			}
			delete(db.held, next.Run)
			return t.lose(n)
		},
	})
	if err != nil {
		return nil, err
	}
	*c = next
	return events, nil
}

// held is what this process knows of a run that it holds.
type held struct {
	n    int64
	last journal.Claim // as it was when its last event was stored
}

// fence makes sure that a claim still holds, and returns its run's number. What is known of
// the runs that this process holds is true until somebody else has written, see
// [writer.look]; else it is read.
func (db *DB) fence(t *tx, c journal.Claim) (n int64, err error) {
	is, known := db.held[c.Run]
	if !known {
		r, err := t.run(c.Run)
		if err != nil {
			return 0, err
		}
		if r.owner != db.procs.self {
			return 0, refusal.Lost(c.Run, journal.ErrLost)
		}
		is = held{r.n, r.last}
		db.held[c.Run] = is
	}
	if is.last.Epoch != c.Epoch || is.last.Seq != c.Seq || is.last.Hash != c.Hash {
		return 0, refusal.Lost(c.Run, journal.ErrLost)
	}
	return is.n, nil
}

// change has the row of the run with number n be as a batch says.
func (db *DB) change(t *tx, n int64, next journal.Claim, b journal.Batch) (err error) {
	if s := b.Summary; s != nil {
		var wake driver.Value // null: it sleeps for no time
		if !s.WakeAt.IsZero() {
			wake = millis(s.WakeAt)
		}
		_, err = t.exec(t.summarize, int64(next.Seq), string(s.Status), s.Reason, wake, s.Final, b.Release, n)
	} else if b.Release {
		_, err = t.exec(t.releaseRun, n)
	}
	if err == nil && b.Model != "" {
		if _, err = t.exec(t.setModel, b.Model, n); err == nil {
			err = db.leaveOut(t, func() error { return t.searchAgain(n) })
		}
	}
	return err
}

// insert adds events to the run with number n.
func (t *tx) insert(n int64, rows []row) error {
	for _, r := range rows {
		var body, blob driver.Value = string(r.Body), nil
		if r.blob != "" {
			body, blob = nil, r.blob
			if err := t.insertBlob(r.blob, r.Body); err != nil {
				return err
			}
		}
		if r.voids {
			if _, err := t.exec(t.voidResult, n, string(r.Key)); err != nil {
				return err
			}
		}
		_, err := t.exec(t.addEvent, n, int64(r.Seq), int64(r.Version), string(r.Type), string(r.Key), millis(r.At), r.Hash, r.result, body, blob, orNull(r.BodyDigest))
		if r.result && code(err) == lib.SQLITE_CONSTRAINT {
			return dirty{refusal.Second(r.Run, r.Key)}
		}
		if err != nil {
			return err
		}
		if r.told {
			if err := t.count(n, r.tells, r.At); err != nil {
				return err
			}
		}
	}
	return nil
}

// orNull is a text as a column takes it that is null where there is none.
func orNull(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

func (t *tx) insertBlobs(digests []string, blobs [][]byte) error {
	for i, data := range blobs {
		if err := t.insertBlob(digests[i], data); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) insertBlob(digest string, data []byte) error {
	if data == nil {
		data = []byte{} // not null
	}
	_, err := t.exec(t.addBlob, digest, int64(len(data)), data)
	return err
}

func millis(t pawl.Time) int64      { return t.UnixMilli() }
func fromMillis(ms int64) pawl.Time { return pawl.At(time.UnixMilli(ms)) }
