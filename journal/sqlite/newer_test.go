package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// A newer version has brought the database to its own form while this process had it
// open: this one writes no more, says so each time, and its runs are free. It reads what has
// the form that it knows.
func TestMigratedWhileInUse(t *testing.T) {
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := create(t, db, "r1")
	other := raw(t, filepath.Join(dir, sqlite.FileName))
	exec1(t, other, fmt.Sprintf("PRAGMA user_version = %d", sqlite.SchemaVersion()+1))
	for range 2 {
		_, err := db.Append(t.Context(), c, note("x"))
		var e *pawl.Error
		if !errors.As(err, &e) || e.Kind != pawl.ErrDatabase || !strings.Contains(e.Message, "newer version") || e.Hint == "" {
			t.Fatalf("append: %v", err)
		}
	}
	if events, err := db.Read(t.Context(), "r1", 0, 0); err != nil || len(events) != 2 {
		t.Errorf("%d events, %v; want those from before", len(events), err)
	}
	exec1(t, other, "ALTER TABLE runs RENAME COLUMN reason TO why")
	if _, err := db.Runs(t.Context(), pawl.RunFilter{}); !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("what has another form now: %v", err)
	}
	exec1(t, other, "ALTER TABLE runs RENAME COLUMN why TO reason")
	exec1(t, other, fmt.Sprintf("PRAGMA user_version = %d", sqlite.SchemaVersion()))
	next := openOnly(t, dir) // stands for the newer version
	if _, err := next.Claim(t.Context(), "r1", false); err != nil {
		t.Errorf("claim by the next: %v", err)
	}
	if _, err := db.Append(t.Context(), c, note("x")); !errors.Is(err, pawl.ErrDatabase) {
		t.Errorf("append after that: %v", err)
	}
	if err := db.Close(); !errors.Is(err, pawl.ErrDatabase) {
		t.Errorf("close: %v", err)
	}
}
