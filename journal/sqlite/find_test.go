package sqlite

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

func createAbout(t *testing.T, db *DB, id, topic string) *journal.Claim {
	t.Helper()
	body := journal.Created{Flow: "article", Input: json.RawMessage(fmt.Sprintf(`{"topic":%q}`, topic))}
	c, err := db.Create(t.Context(), journal.NewRun{ID: pawl.RunID(id), Flow: "article", Summary: journal.Summary{Status: pawl.StatusDone}}, []journal.Draft{{Type: pawl.EventCreated, Body: body}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func idsWith(t *testing.T, db *DB, text string) string {
	t.Helper()
	rows, err := db.Runs(t.Context(), pawl.RunFilter{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, string(r.ID))
	}
	return strings.Join(ids, " ")
}

// The runs of an older database are found before they are searchable and afterwards, and
// become so in pieces, whoever opens it.
func TestOlderRunsBecomeSearchable(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	const many = 3*searchablePiece + 5
	for i := range many {
		topic := fmt.Sprint("tides ", i)
		if i == 7 {
			topic = "harbour"
		}
		if err := db.Release(t.Context(), createAbout(t, db, fmt.Sprint("r", i), topic)); err != nil {
			t.Fatal(err)
		}
	}
	forget := func() {
		if err := db.write(t.Context(), &op{name: "forget", apply: func(x *tx) error { return x.once("DELETE FROM searched") }}); err != nil {
			t.Fatal(err)
		}
	}
	forget()
	if n, err := db.searchableTo(t.Context()); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	if got := idsWith(t, db, "Harbour"); got != "r7" {
		t.Errorf("before: %q", got)
	}
	before := db.Stats().Commits
	db.makeSearchable(t.Context())
	if n, err := db.searchableTo(t.Context()); err != nil || n != many {
		t.Errorf("searchable to %d, %v", n, err)
	}
	if n := db.Stats().Commits - before; n < many/searchablePiece {
		t.Errorf("in %d pieces", n)
	}
	if got := idsWith(t, db, "Harbour"); got != "r7" {
		t.Errorf("afterwards: %q", got)
	}
	forget()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db, err = Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for n := int64(0); n < many; { // it does so beside whatever else it is asked
		if n, err = db.searchableTo(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	if got := idsWith(t, db, "Harbour"); got != "r7" {
		t.Errorf("opened again: %q", got)
	}
}

// Old runs are found in the table of trigrams, in the order of their numbers, and not by
// reading them; reasons in their index.
func TestFindReadsNoMoreThanItFinds(t *testing.T) {
	db := openDB(t)
	f := pawl.RunFilter{Flow: "article", Program: "shop", Statuses: []pawl.Status{pawl.StatusDone}, Limit: 5}
	query, args := byTextQuery(f, "tides", 100)
	if steps := plan(t, db, query, args...); !strings.HasPrefix(steps, "SCAN s VIRTUAL TABLE INDEX") || !strings.Contains(steps, "SEARCH r USING INTEGER PRIMARY KEY") || strings.Contains(steps, "TEMP B-TREE") {
		t.Errorf("SQLite plans\n%s", steps)
	}
	query, args = byReasonQuery(f, "tides", 100)
	if steps := plan(t, db, query, args...); !strings.HasPrefix(steps, "SCAN r USING INDEX runs_reason") {
		t.Errorf("SQLite plans\n%s", steps)
	}
}

// A removed run leaves nothing of its text in the table of trigrams, and its number, which
// another run may get, finds that one.
func TestRemovedRunsAreNotFound(t *testing.T) {
	db := openDB(t)
	for i := range searchableEvery {
		topic := "tides"
		if i == 3 || i == searchableEvery-1 {
			topic = "qqxyzzyqq"
		}
		if err := db.Release(t.Context(), createAbout(t, db, fmt.Sprint("r", i), topic)); err != nil {
			t.Fatal(err)
		}
	}
	terms := func() (n int) {
		if _, err := db.writer.conn.ExecContext(t.Context(), "CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab (main, searched, row)"); err != nil {
			t.Fatal(err)
		}
		if err := db.writer.conn.QueryRowContext(t.Context(), "SELECT count(*) FROM terms WHERE term IN ('xyz', 'yzz', 'zzy')").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := terms(); n != 3 {
		t.Fatalf("%d terms before", n)
	}
	done, err := db.Remove(t.Context(), journal.Shown{Run: "r3"}, journal.Shown{Run: pawl.RunID(fmt.Sprint("r", searchableEvery-1))})
	if err != nil || len(done.Runs) != 2 {
		t.Fatal(done, err)
	}
	if n := terms(); n != 0 {
		t.Errorf("%d terms are left", n)
	}
	for i := range 2 * searchableEvery { // the first gets the number of the last that was removed
		createAbout(t, db, fmt.Sprint("new", i), fmt.Sprint("moons ", i))
	}
	for range 2 * readAtOnce { // so that they are not found by reading
		createAbout(t, db, string(pawl.NewRunID()), "filler")
	}
	if got := idsWith(t, db, "xyzzy"); got != "" {
		t.Errorf("found %q", got)
	}
	if got := idsWith(t, db, "moons 0"); got != "new0" {
		t.Errorf("found %q", got)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A search that reads goes on behind a run that was removed since it was read.
func TestFindGoesOnBehindRemoved(t *testing.T) {
	db := openDB(t)
	for i := range 10 {
		if err := db.Release(t.Context(), createAbout(t, db, fmt.Sprint("r", i), "tides")); err != nil {
			t.Fatal(err)
		}
	}
	var found []int64
	f := pawl.RunFilter{Limit: 3}
	last, err := db.findFrom(t.Context(), "r9")
	for more := err == nil; more; {
		if last, more, err = db.findByReading(t.Context(), f, "tides", last, &found); err != nil {
			break
		}
		_, err = db.Remove(t.Context(), journal.Shown{Run: pawl.RunID(fmt.Sprint("r", last-1))})
	}
	if want := []int64{9, 8, 7, 6, 5, 4, 3, 2, 1}; err != nil || !slices.Equal(found, want) {
		t.Errorf("found %d, %v; want %d", found, err, want)
	}
}

// damageSearched damages the table of trigrams of a database, and returns what repairs it.
func damageSearched(t *testing.T, dir string) (repair func()) {
	t.Helper()
	execute := func(script string) {
		t.Helper()
		other, err := sql.Open("sqlite", filepath.Join(dir, FileName))
		if err != nil {
			t.Fatal(err)
		}
		_, err = other.Exec(script)
		if err := errors.Join(err, other.Close()); err != nil {
			t.Fatal(err)
		}
	}
	execute("CREATE TABLE kept AS SELECT * FROM searched_data; UPDATE searched_data SET block = x'00000000ffffffffffffffffff' WHERE id = 10") // its structure
	return func() {
		t.Helper()
		execute("INSERT OR REPLACE INTO searched_data SELECT * FROM kept; DROP TABLE kept")
	}
}

// A damaged table of trigrams keeps no run from starting and nothing else from being written;
// it is said that runs do not become searchable, once. Only what could still be found
// afterwards is not removed.
func TestDamagedSearchedStopsNoRun(t *testing.T) {
	var said []string
	dir := t.TempDir()
	db, err := Open(t.Context(), dir, &Options{Waits: func(message string) { said = append(said, message) }})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i := range searchableEvery + 3 {
		createAbout(t, db, fmt.Sprint("old", i), "moons")
	}
	repair := damageSearched(t, dir)
	var c *journal.Claim
	for i := range 3 * searchableEvery {
		c = createAbout(t, db, fmt.Sprint("r", i), "tides")
	}
	change := []journal.Draft{{Type: pawl.EventNote, Body: journal.Note{Text: "m/other from now on"}}}
	if _, err := db.Append(t.Context(), c, journal.Batch{Drafts: change, Model: "m/other"}); err != nil {
		t.Error(err)
	}
	if c, err = db.Claim(t.Context(), "old1", true); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Append(t.Context(), c, journal.Batch{Drafts: change, Model: "m/other"}); err != nil {
		t.Error(err)
	}
	if len(said) != 1 || !strings.Contains(said[0], "searchable") || !strings.Contains(said[0], "malformed") {
		t.Errorf("it says %q", said)
	}
	if err := db.Release(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if done, err := db.Remove(t.Context(), journal.Shown{Run: "old1"}); !errors.Is(err, pawl.ErrDatabase) || len(done.Runs) != 0 {
		t.Errorf("removed %v, %v", done.Runs, err)
	}
	repair()
	for i := range searchableEvery {
		createAbout(t, db, fmt.Sprint("new", i), "tides")
	}
	if n, err := db.searchableTo(t.Context()); err != nil || n < 3*searchableEvery {
		t.Errorf("repaired it is searchable to %d, %v", n, err)
	}
	if done, err := db.Remove(t.Context(), journal.Shown{Run: "old1"}); err != nil || len(done.Runs) != 1 {
		t.Errorf("repaired it removes %v, %v", done.Runs, err)
	}
}

// What fails to make the runs of an older database searchable is said, once, and tried again
// until it is done.
func TestMakeSearchableTriesAgain(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	const many = 2 * searchablePiece
	for i := range many {
		createAbout(t, db, fmt.Sprint("r", i), "tides")
	}
	err = db.write(t.Context(), &op{name: "forget", apply: func(x *tx) error { return x.once("DELETE FROM searched") }})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	repair := damageSearched(t, dir)
	synctest.Test(t, func(t *testing.T) {
		says := 0
		db, err := Open(t.Context(), dir, &Options{Waits: func(string) { says++ }})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if says != 1 {
			t.Errorf("it says %d times that it does not go on", says)
		}
		repair()
		time.Sleep(10 * time.Minute)
		if n, err := db.searchableTo(t.Context()); err != nil || n != many {
			t.Errorf("repaired it is searchable to %d, %v", n, err)
		}
	})
}

// Without the tables of trigrams a database is opened, and runs start.
func TestOpenWithoutSearched(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	old, err := sql.Open("sqlite", filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	_, err = old.Exec("DROP TABLE searched")
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
	says := make(chan string, 1)
	if db, err = Open(t.Context(), dir, &Options{Waits: func(message string) { says <- message }}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if message := <-says; !strings.Contains(message, "searched") {
		t.Errorf("it says %s", message)
	}
	for i := range searchableEvery {
		createAbout(t, db, fmt.Sprint("r", i), "tides")
	}
}
