package sqlite_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

func openReadOnly(t *testing.T, dir string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), dir, &sqlite.Options{ReadOnly: true})
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

// A reader sees what a process that writes has stored, at once, and stores nothing.
func TestReadOnlyBesideWriter(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	c := create(t, db, "r1")
	reader := openReadOnly(t, dir)
	mark, err := reader.Changes(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Append(t.Context(), c, note("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Changes(t.Context(), mark); err != nil {
		t.Error(err)
	}
	if events, err := reader.Read(t.Context(), "r1", 0, 0); err != nil || len(events) != 3 {
		t.Errorf("%d events, %v", len(events), err)
	}
	if rows, err := reader.Runs(t.Context(), pawl.RunFilter{}); err != nil || len(rows) != 1 || !rows[0].Held {
		t.Errorf("rows %+v, %v; want one that is held", rows, err)
	}
	for name, err := range map[string]error{
		"create":  second(reader.Create(t.Context(), journal.NewRun{ID: "r2"}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{}}})),
		"claim":   second(reader.Claim(t.Context(), "r1", true)),
		"append":  second(reader.Append(t.Context(), c, note("x"))),
		"release": reader.Release(t.Context(), c),
	} {
		if !errors.Is(err, pawl.ErrStorage) || !strings.Contains(err.Error(), "for reading alone") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Nothing is made or changed by a reader where no process is left, whether or not the
// last one was killed.
func TestReadOnlyChangesNothing(t *testing.T) {
	dir := t.TempDir()
	killed(t, dir, 20)
	data, err := os.ReadFile(filepath.Join(dir, sqlite.FileName+"-wal"))
	if err != nil || len(data) == 0 {
		t.Fatalf("the child has left no log: %v", err)
	}
	before := tree(t, dir)
	db := openReadOnly(t, dir)
	rows, err := db.Runs(t.Context(), pawl.RunFilter{})
	if err != nil || len(rows) == 0 {
		t.Errorf("%d runs, %v", len(rows), err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	without := func(s string) string { // the index of the log is nobody's data
		var keep []string
		for line := range strings.Lines(s) {
			if !strings.HasPrefix(line, sqlite.FileName+"-shm ") {
				keep = append(keep, line)
			}
		}
		return strings.Join(keep, "")
	}
	if after := tree(t, dir); without(after) != without(before) {
		t.Errorf("something has changed; before:\n%safter:\n%s", before, after)
	}
}

func TestReadOnlyWithoutDatabase(t *testing.T) {
	for name, make := range map[string]func(dir string) error{
		"no directory": func(dir string) error { return os.Remove(dir) },
		"no file":      func(string) error { return nil },
		"empty file":   func(dir string) error { return os.WriteFile(filepath.Join(dir, sqlite.FileName), nil, 0o600) },
	} {
		dir := filepath.Join(t.TempDir(), "data")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := make(dir); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadDir(dir)
		_, err := sqlite.Open(t.Context(), dir, &sqlite.Options{ReadOnly: true})
		if !errors.Is(err, pawl.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadDir(dir); len(after) != len(before) {
			t.Errorf("%s: the reader has made %v", name, after)
		}
	}
}

// An empty file where there was a database is no new one: SQLite would delete its log.
func TestOpenEmptyFileBesideLog(t *testing.T) {
	for _, beside := range []string{"pawl.db-wal", "procs/abc.lock"} {
		dir := t.TempDir()
		db := openOnly(t, dir)
		create(t, db, "r1")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for _, f := range []string{sqlite.FileName, beside} {
			text := ""
			if f == beside {
				text = "x"
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(f)), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		before := tree(t, dir)
		for _, o := range []*sqlite.Options{nil, {ReadOnly: true}} {
			_, err := sqlite.Open(t.Context(), dir, o)
			if !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "it is empty") || !strings.Contains(err.Error(), filepath.FromSlash(beside)) {
				t.Errorf("with %s: %v", beside, err)
			}
		}
		if after := tree(t, dir); after != before {
			t.Errorf("something has changed; before:\n%safter:\n%s", before, after)
		}
	}
}

// unwritable has dir be one that cannot be written, by its mode or, for root, as a mount.
func unwritable(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			mode := os.FileMode(0o400)
			if err == nil && d.IsDir() {
				mode = 0o500
			}
			return errors.Join(err, os.Chmod(path, mode))
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(dir, 0o700); os.Chmod(filepath.Join(dir, "procs"), 0o700) })
		return
	}
	for _, args := range [][]string{{"--bind", dir, dir}, {"-o", "remount,bind,ro", dir}} {
		if says, err := exec.CommandContext(t.Context(), "mount", args...).CombinedOutput(); err != nil {
			t.Skipf("root can write everywhere, and cannot mount here: %v: %s", err, says)
		}
	}
	t.Cleanup(func() {
		if says, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, says)
		}
	})
}

// A directory that cannot be written can be read, whether or not there is a log in it.
func TestReadOnlyDirectory(t *testing.T) {
	for name, leave := range map[string]func(dir string){
		"closed": func(dir string) {
			db := openOnly(t, dir)
			create(t, db, "r1")
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		},
		"killed": func(dir string) { killed(t, dir, 20) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			leave(dir)
			unwritable(t, dir)
			db := openReadOnly(t, dir)
			rows, err := db.Runs(t.Context(), pawl.RunFilter{})
			if err != nil || len(rows) == 0 {
				t.Fatalf("%d runs, %v", len(rows), err)
			}
			for _, r := range rows {
				events, err := db.Read(t.Context(), r.ID, 0, 0)
				if err != nil || journal.Verify(events) != nil || r.Held {
					t.Errorf("run %+v: %v, %v", r, err, journal.Verify(events))
				}
			}
			if _, err := sqlite.Open(t.Context(), dir, nil); !errors.Is(err, pawl.ErrStorage) {
				t.Errorf("open to write: %v", err)
			}
		})
	}
}
