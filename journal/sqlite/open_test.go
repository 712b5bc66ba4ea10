package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

func create(t *testing.T, db *sqlite.DB, id pawl.RunID) *journal.Claim {
	t.Helper()
	c, err := db.Create(t.Context(), journal.NewRun{ID: id, Flow: "article"}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func note(text string) journal.Batch {
	return journal.Batch{Drafts: []journal.Draft{{Type: pawl.EventNote, Body: journal.Note{Text: text}}}}
}

// tree lists what lies below dir with modes and contents.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var s strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		fmt.Fprintf(&s, "%s %v", rel, info.Mode())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&s, " %s", journal.Digest(data))
		}
		s.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.String()
}

func TestOpenMakesWhatIsMissing(t *testing.T) {
	for _, name := range []string{"data", "a/b/c", "with space", "ünï 日本", "q?mark#%41&x=y", "quo'te\"", "a[b", "a[b]*"} {
		if runtime.GOOS == "windows" && strings.ContainsAny(name, "?\"*") {
			continue
		}
		dir := filepath.Join(t.TempDir(), filepath.FromSlash(name))
		db := open(t, dir)
		create(t, db, "r1")
		if runtime.GOOS != "windows" {
			for file, want := range map[string]fs.FileMode{
				"": 0o700 | fs.ModeDir, "procs": 0o700 | fs.ModeDir, "pawl.db": 0o600, "pawl.db-wal": 0o600, "pawl.db-shm": 0o600,
			} {
				info, err := os.Stat(filepath.Join(dir, file))
				if err != nil || info.Mode() != want {
					t.Errorf("%s: %q: %v, %v; want %v", name, file, info.Mode(), err, want)
				}
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 2 {
			t.Errorf("%s: after close there is %q, %v; want pawl.db and procs", name, files, err)
		}
		db = open(t, dir)
		if events, err := db.Read(t.Context(), "r1", 0, 0); err != nil || len(events) != 2 {
			t.Errorf("%s: opened again: %v, %v", name, events, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	healthy := func(t *testing.T, dir string) string {
		db := openOnly(t, dir)
		c := create(t, db, "r1")
		for range 20 {
			if _, err := db.Append(t.Context(), c, note(strings.Repeat("x", 10<<10))); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, sqlite.FileName)
	}
	write := func(t *testing.T, path string, at int64, data []byte) {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt(data, at); err != nil {
			t.Fatal(err)
		}
	}
	foreign := func(t *testing.T, dir string, statements ...string) {
		db := raw(t, filepath.Join(dir, sqlite.FileName))
		defer db.Close()
		for _, s := range statements {
			exec1(t, db, s)
		}
	}
	garbage := []byte(strings.Repeat("\x5agarbage", 2000))

	for _, test := range []struct {
		name  string
		kind  pawl.ErrorKind
		says  string
		setup func(t *testing.T, dir string) (open string)
	}{
		{"dir is a file", pawl.ErrInput, "is a file", func(t *testing.T, dir string) string {
			write(t, filepath.Join(dir, "data"), 0, []byte("hello"))
			return "data"
		}},
		{"parent is a file", pawl.ErrStorage, "data directory", func(t *testing.T, dir string) string {
			write(t, filepath.Join(dir, "data"), 0, []byte("hello"))
			return "data/sub/dir"
		}},
		{"pawl.db is a directory", pawl.ErrDatabase, "not a regular file", func(t *testing.T, dir string) string {
			if err := os.Mkdir(filepath.Join(dir, sqlite.FileName), 0o700); err != nil {
				t.Fatal(err)
			}
			return ""
		}},
		{"procs is a file", pawl.ErrStorage, "procs", func(t *testing.T, dir string) string {
			write(t, filepath.Join(dir, "procs"), 0, []byte("hello"))
			return ""
		}},
		{"short text", pawl.ErrDatabase, "not an SQLite database", func(t *testing.T, dir string) string {
			write(t, filepath.Join(dir, sqlite.FileName), 0, []byte("hello\n"))
			return ""
		}},
		{"long text", pawl.ErrDatabase, "not an SQLite database", func(t *testing.T, dir string) string {
			write(t, filepath.Join(dir, sqlite.FileName), 0, garbage)
			return ""
		}},
		{"another program's, no id", pawl.ErrDatabase, "another program", func(t *testing.T, dir string) string {
			foreign(t, dir, "CREATE TABLE runs (id)")
			return ""
		}},
		{"another program's", pawl.ErrDatabase, "another program (application id 42)", func(t *testing.T, dir string) string {
			foreign(t, dir, "PRAGMA application_id = 42", "PRAGMA journal_mode = WAL", "CREATE TABLE x (y)")
			return ""
		}},
		{"another program's, only an id", pawl.ErrDatabase, "another program", func(t *testing.T, dir string) string {
			foreign(t, dir, "PRAGMA application_id = 42")
			return ""
		}},
		{"newer version", pawl.ErrDatabase, "newer version of Pawl (schema 99", func(t *testing.T, dir string) string {
			healthy(t, dir)
			foreign(t, dir, "PRAGMA user_version = 99")
			return ""
		}},
		{"header overwritten", pawl.ErrDatabase, "not an SQLite database", func(t *testing.T, dir string) string {
			write(t, healthy(t, dir), 0, garbage[:100])
			return ""
		}},
		{"schema overwritten", pawl.ErrDatabase, "damaged", func(t *testing.T, dir string) string {
			write(t, healthy(t, dir), 100, garbage[:3900])
			return ""
		}},
		{"cut short", pawl.ErrDatabase, "damaged", func(t *testing.T, dir string) string {
			if err := os.Truncate(healthy(t, dir), 3*4096); err != nil {
				t.Fatal(err)
			}
			return ""
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			dir := filepath.Join(root, filepath.FromSlash(test.setup(t, root)))
			before := tree(t, root)
			db, err := sqlite.Open(t.Context(), dir, nil)
			if err == nil {
				db.Close()
				t.Fatal("no error")
			}
			var e *pawl.Error
			if !errors.As(err, &e) || e.Kind != test.kind || !strings.Contains(e.Message, test.says) || e.Hint == "" {
				t.Errorf("got %v (hint %q), want kind %q and %q", err, e.Hint, test.kind, test.says)
			}
			if !strings.Contains(e.Message, root) {
				t.Errorf("error %q does not name the path", e.Message)
			}
			if after := tree(t, root); after != before {
				t.Errorf("something has changed; before:\n%safter:\n%s", before, after)
			}
		})
	}
}

func TestOpenUnwritable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // root may write anywhere but here
		dir = "/proc/self/task"
	}
	for _, dir := range []string{dir, filepath.Join(dir, "sub")} {
		_, err := sqlite.Open(t.Context(), dir, nil)
		var e *pawl.Error
		if !errors.As(err, &e) || e.Kind != pawl.ErrStorage || !strings.Contains(e.Message, dir) || !strings.Contains(e.Hint, "permissions") {
			t.Errorf("got %v, want ErrStorage that names %q", err, dir)
		}
	}
}

// A file that exists and is empty is what a crash in Open leaves behind.
func TestOpenEmptyFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sqlite.FileName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	create(t, open(t, dir), "r1")
}

func TestOpenCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	root := t.TempDir()
	_, err := sqlite.Open(ctx, filepath.Join(root, "a", "b"), nil)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, pawl.ErrStorage) {
		t.Errorf("got %v", err)
	}
	if files, _ := os.ReadDir(root); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
}

func TestOpenAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			db, err := sqlite.Open(t.Context(), dir, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if _, err := db.Create(t.Context(), journal.NewRun{ID: pawl.RunID(fmt.Sprint("r", i))}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{}}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if rows, err := open(t, dir).Runs(t.Context(), pawl.RunFilter{}); err != nil || len(rows) != 12 {
		t.Errorf("%d runs, %v", len(rows), err)
	}
	if files, _ := os.ReadDir(filepath.Join(dir, "procs")); len(files) != 2 {
		t.Errorf("lock files %v, want ours and open.lock", files)
	}
}

// Damage behind the schema is found when it is read.
func TestReadDamaged(t *testing.T) {
	dir := t.TempDir()
	db := openOnly(t, dir)
	c := create(t, db, "r1")
	for range 50 {
		if _, err := db.Append(t.Context(), c, note(strings.Repeat("x", 10<<10))); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, sqlite.FileName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 40 * 4096; i < len(data); i++ {
		data[i] = 0x5a
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db = openOnly(t, dir)
	_, err = db.Read(t.Context(), "r1", 0, 0)
	if !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want ErrDatabase that names %q", err, path)
	}
}
