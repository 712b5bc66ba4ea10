package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
)

// SchemaVersion is the version of the databases that this package writes.
func SchemaVersion() int { return len(migrations()) }

// maxDamages is how many damages Check tells.
const maxDamages = 3

// Check reads the whole database and looks for damage: broken pages, rows that
// their indexes do not have, references to what is not there. What it finds is
// ErrDatabase. It does not look at the chain of hashes, see journal.Verify. It
// blocks nobody and ends when ctx does.
func (db *DB) Check(ctx context.Context) error {
	const operation = "check"
	if err := db.enter(ctx, operation); err != nil {
		return err
	}
	defer db.calls.Done()
	damages, err := db.damages(ctx)
	if err == nil && len(damages) > 0 {
		err = &pawl.Error{
			Kind:    pawl.ErrDatabase,
			Message: fmt.Sprintf("%s: database %q is damaged: %s", operation, db.path, strings.Join(damages, "; ")),
			Hint:    damagedHint,
		}
	}
	return failure(db.path, operation, err)
}

func (db *DB) damages(ctx context.Context) ([]string, error) {
	var damages []string
	pages, err := db.readers.QueryContext(ctx, fmt.Sprintf("PRAGMA integrity_check(%d)", maxDamages))
	err = each(pages, err, func(page *sql.Rows) error {
		var line string
		err := page.Scan(&line)
		if err == nil && line != "ok" {
			damages = append(damages, strings.Join(strings.Fields(line), " "))
		}
		return err
	})
	if err != nil || len(damages) > 0 {
		return damages, err
	}
	var dangling int64
	err = db.readers.QueryRowContext(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&dangling)
	if err == nil && dangling > 0 {
		damages = append(damages, fmt.Sprintf("%d rows refer to what is not there", dangling))
	}
	return damages, err
}
