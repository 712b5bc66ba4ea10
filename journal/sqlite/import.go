package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// Import implements journal.Importer.
func (db *DB) Import(ctx context.Context, run journal.Imported) (there bool, err error) {
	digests, err := run.Digests()
	if err != nil {
		return false, err
	}
	rows := rowsOf(run.Events, make([]journal.Draft, len(run.Events)))
	err = db.write(ctx, &op{
		name: "import run", run: run.ID, bytes: sizeOf(rows) + sizeOfBlobs(run.Blobs), events: len(rows),
		apply: func(t *tx) (err error) {
			there, err = db.importRun(t, run, digests, rows)
			return err
		},
	})
	return there && err == nil, err
}

// importRun adds the run, unless it is there.
func (db *DB) importRun(t *tx, run journal.Imported, digests []string, rows []row) (there bool, err error) {
	last := rows[len(rows)-1]
	switch is, err := t.run(run.ID); {
	case err == nil && is.last.Hash == last.Hash:
		return true, nil
	case err == nil:
		return false, refusal.OtherHistory(run.ID)
	case !errors.Is(err, pawl.ErrNotFound):
		return false, err
	}
	var column [1]driver.Value
	if err := t.row(column[:], t.addRun, string(run.ID), run.Flow, run.Model, string(run.Summary.Status), run.Summary.Reason,
		nil, int64(0), int64(last.Seq), millis(rows[0].At), run.Program, orNull(string(run.Base)), orNull(run.Schedule)); err != nil {
		return false, err
	}
	n := number(column[0])
	var wake driver.Value // null: it sleeps for no time
	if !run.Summary.WakeAt.IsZero() {
		wake = millis(run.Summary.WakeAt)
	}
	if err := t.once("UPDATE runs SET imported = 1, wake_at = ?, final = ? WHERE n = ?", wake, run.Summary.Final, n); err != nil {
		return false, err
	}
	if err := t.insertBlobs(digests, run.Blobs); err != nil {
		return false, err
	}
	if err := t.insert(n, rows); err != nil {
		return false, err
	}
	return false, db.searchableBy(t, n)
}
