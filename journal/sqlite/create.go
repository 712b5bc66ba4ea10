package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// Create implements journal.Journal.
func (db *DB) Create(ctx context.Context, run journal.NewRun, first []journal.Draft) (*journal.Claim, error) {
	switch {
	case run.ID == "":
		return nil, refusal.NoID()
	case len(first) == 0 || first[0].Type != pawl.EventCreated:
		return nil, refusal.NotCreated(run.ID)
	}
	c := journal.Claim{Run: run.ID}
	var owner driver.Value // null: none
	if !run.Queued {
		c.Epoch, owner = 1, db.procs.self
		first = slices.Concat(first, []journal.Draft{db.claimed(1)})
	}
	rows, c, err := seal(c, first)
	if err != nil {
		return nil, err
	}
	digests, err := journal.Batch{Blobs: run.Blobs}.Digests()
	if err != nil {
		return nil, err
	}
	err = db.write(ctx, &op{
		name: "create run", run: run.ID, bytes: sizeOf(rows) + sizeOfBlobs(run.Blobs), events: len(rows),
		apply: func(t *tx) error {
			var column [1]driver.Value
			err := t.row(column[:], t.addRun, string(run.ID), run.Flow, run.Model,
				string(run.Summary.Status), run.Summary.Reason, owner, c.Epoch,
				int64(c.Seq), millis(rows[0].At), run.Program, orNull(string(run.Base)), orNull(run.Schedule))
			if errors.Is(err, sql.ErrNoRows) {
				return refusal.Exists(run.ID)
			}
			if err != nil {
				return err
			}
			n := number(column[0])
			if owner != nil {
				if err := db.addProc(t); err != nil {
					return err
				}
				db.held[run.ID] = held{n, c}
			}
			if err := t.insertBlobs(digests, run.Blobs); err != nil {
				return err
			}
			if err := t.insert(n, rows); err != nil {
				return err
			}
			if steers(first, nil) {
				if err := t.steer(run.ID, n, 1, db.time(), first, nil); err != nil {
					return err
				}
			}
			return db.searchableBy(t, n)
		},
	})
	if err != nil || run.Queued {
		return nil, err
	}
	return &c, nil
}

// addProc makes this process known by name before it holds its first run.
func (db *DB) addProc(t *tx) error {
	db.isKnown.Store(true)
	_, err := t.exec(t.addProc, db.procs.self, int64(os.Getpid()), millis(db.time()))
	return err
}

func (db *DB) claimed(epoch int64) journal.Draft {
	return journal.Draft{Type: pawl.EventClaimed, At: db.time(), Body: journal.Claimed{Epoch: epoch, By: db.self()}}
}
