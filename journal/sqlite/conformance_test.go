package sqlite_test

import (
	"context"
	"testing"

	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/journaltest"
	"github.com/pawlrun/pawl/journal/sqlite"
)

func TestConformance(t *testing.T) {
	journaltest.Run(t, func(t *testing.T) journal.Journal { return open(t, t.TempDir()) })
}

// open opens a journal that is closed and checked when the test ends.
func open(t *testing.T, dir string) *sqlite.DB {
	t.Helper()
	t.Cleanup(func() { checkStored(t, dir) })
	return openOnly(t, dir)
}

// openOnly opens a journal that the test may damage.
func openOnly(t *testing.T, dir string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// checkStored checks what lies in a data directory.
func checkStored(t *testing.T, dir string) {
	t.Helper()
	db, err := sqlite.Open(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	checktest.CheckStored(t, db)
}
