package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// damage writes to a database as nobody may.
func damage(t *testing.T, dir string, statements ...string) {
	t.Helper()
	raw, err := sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := raw.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name       string
		statements []string
		want       string
	}{
		{"sound", nil, ""},
		{"index lost", []string{"PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'events') WHERE name = 'blobs'"}, "damaged"},
		{"dangling", []string{"PRAGMA foreign_keys = OFF", "DELETE FROM runs"}, "refer to what is not there"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := sqlite.Open(t.Context(), dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			create(t, db, "run1")
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			damage(t, dir, tt.statements...)
			if db, err = sqlite.Open(t.Context(), dir, nil); err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			err = db.Check(t.Context())
			if tt.want == "" {
				if err != nil {
					t.Fatalf("Check: %v", err)
				}
				return
			}
			if !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), tt.want) || pawl.AsError(err, "").Hint == "" {
				t.Errorf("Check: %v, wants ErrDatabase with a hint and %q", err, tt.want)
			}
		})
	}
}

func TestCheckEnds(t *testing.T) {
	db, err := sqlite.Open(t.Context(), t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Check after its context ended: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Check(t.Context()); err == nil {
		t.Error("Check of a closed DB succeeds")
	}
}
