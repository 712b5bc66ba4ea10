package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// plan says how SQLite would execute a query, a line for each step.
func plan(t *testing.T, db *DB, query string, args ...any) string {
	t.Helper()
	rows, err := db.readers.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// Commands that are handled and runs that nobody sends one must not slow down who
// looks for pending ones, which every engine does all the time; an inbox reads its
// blockers in their order and no more of them than it shows.
func TestPostsPlans(t *testing.T) {
	db := openDB(t)
	for _, tt := range []struct{ query, first string }{
		{listHeldPosts, "SCAN p USING INDEX posts_pending"},
		{listRunPosts, "SEARCH r USING COVERING INDEX sqlite_autoindex_runs_1 (id=?)\nSEARCH p USING INDEX posts_pending (run=?)"},
	} {
		if got := plan(t, db, tt.query, "x"); !strings.HasPrefix(got, tt.first) || strings.Contains(got, "SCAN r") {
			t.Errorf("SQLite plans\n%s\nwants %q first, for %s", got, tt.first, tt.query)
		}
	}
	if got := plan(t, db, listIdle, "[]", "[]", -1, 0); !strings.Contains(got, "SCAN p USING INDEX posts_pending\nSEARCH runs USING INTEGER PRIMARY KEY") {
		t.Errorf("for idle runs SQLite plans\n%s", got)
	}
	for _, tt := range []struct {
		filter pawl.RunFilter
		first  string
		sorts  bool
	}{
		{pawl.RunFilter{Limit: 5}, "SCAN b\nSEARCH r USING INTEGER PRIMARY KEY", false},
		{pawl.RunFilter{Flow: "article", Limit: 5}, "SCAN b\nSEARCH r USING INTEGER PRIMARY KEY", false},
		{pawl.RunFilter{Prefix: "ab"}, "SEARCH r USING INDEX sqlite_autoindex_runs_1 (id>? AND id<?)\nSEARCH b USING INDEX", true},
		{pawl.RunFilter{Prefix: "ab", Flow: "article"}, "SEARCH r USING INDEX sqlite_autoindex_runs_1 (id>? AND id<?)\nSEARCH b USING INDEX", true},
	} {
		query, args := openQuery(tt.filter, "")
		got := plan(t, db, query, args...)
		if !strings.HasPrefix(got, tt.first) || strings.Contains(got, "TEMP B-TREE") != tt.sorts || strings.Contains(got, "SCAN e") {
			t.Errorf("for %+v SQLite plans\n%s\nwants %q first", tt.filter, got, tt.first)
		}
	}
}

func blocked(t testing.TB, db *DB, id pawl.RunID, n int) *journal.Claim {
	t.Helper()
	c := createRun(t, db, id)
	var b journal.Batch
	for i := range n {
		b.Drafts = append(b.Drafts, journal.Draft{Type: pawl.EventBlocker, Key: pawl.Key(fmt.Sprint("a#", i)), Opens: true, Body: journal.Blocker{Question: "Publish?"}})
	}
	if _, err := db.Append(t.Context(), c, b); err != nil {
		t.Fatal(err)
	}
	return c
}

// What was submitted and opened is there when the database is opened again.
func TestPostsAreKept(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := blocked(t, db, "r1", 3)
	ids := make([]int64, 3)
	for i := range ids {
		if ids[i], err = db.Submit(t.Context(), journal.Command{Run: "r1", Directive: &pawl.Directive{What: pawl.DirectGuide, Text: fmt.Sprint(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	no := &journal.Failure{Kind: pawl.ErrConflict, Message: "no"}
	if _, err := db.Append(t.Context(), c, journal.Batch{Handled: []journal.Handled{{Command: ids[0]}, {Command: ids[1], Refused: no}}}); err != nil {
		t.Fatal(err)
	}
	type state struct {
		pending []journal.Command
		open    []journal.OpenBlocker
		done    [3]bool
		why     [3]*journal.Failure
	}
	look := func(db *DB) (s state) {
		t.Helper()
		if s.pending, err = db.Pending(t.Context(), "r1"); err != nil {
			t.Fatal(err)
		}
		if s.open, err = db.OpenBlockers(t.Context(), pawl.RunFilter{}); err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			if s.done[i], s.why[i], err = db.Handled(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	before := look(db)
	if len(before.pending) != 1 || len(before.open) != 3 || before.done != [3]bool{true, true, false} || *before.why[1] != *no {
		t.Fatalf("%+v", before)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if after := look(again); !reflect.DeepEqual(after, before) {
		t.Errorf("after it was opened again\n%+v\nwas\n%+v", after, before)
	}
	if held, err := again.Pending(t.Context(), ""); err != nil || len(held) != 0 {
		t.Errorf("commands of runs that another process held: %+v, %v", held, err)
	}
}

// A batch that handles what cannot be handled is taken back whole, also out of a
// transaction that it shares with others, which are stored.
func TestBadHandledBesideOthers(t *testing.T) {
	db := openDB(t)
	bad, good := createRun(t, db, "bad"), createRun(t, db, "good")
	directive := &pawl.Directive{What: pawl.DirectPause}
	handled, err := db.Submit(t.Context(), journal.Command{Run: "bad", Directive: directive})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Append(t.Context(), bad, journal.Batch{Handled: []journal.Handled{{Command: handled}}}); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[int64]error{handled: pawl.ErrConflict, 99: pawl.ErrInternal} {
		open, err := db.Submit(t.Context(), journal.Command{Run: "bad", Directive: directive})
		if err != nil {
			t.Fatal(err)
		}
		before := eventsOf(t, db, "bad")
		release := hold(t, db)
		var wg sync.WaitGroup
		wg.Go(func() {
			b := noteBatch(10)
			b.Handled = []journal.Handled{{Command: open}, {Command: command}}
			if _, err := db.Append(t.Context(), bad, b); !errors.Is(err, want) {
				t.Errorf("handle command %d: %v, want %v", command, err, want)
			}
		})
		waitQueued(db, 1)
		wg.Go(func() {
			if _, err := db.Append(t.Context(), good, noteBatch(10)); err != nil {
				t.Error(err)
			}
		})
		waitQueued(db, 2)
		release()
		wg.Wait()
		if n := eventsOf(t, db, "bad"); n != before {
			t.Errorf("%d events of a batch that was refused are stored", n-before)
		}
		if done, _, err := db.Handled(t.Context(), open); done || err != nil {
			t.Errorf("a refused batch has handled a command: %v, %v", done, err)
		}
		if bad, err = db.Claim(t.Context(), "bad", true); err != nil {
			t.Fatal(err)
		}
	}
	if n := eventsOf(t, db, "good"); n != 4 {
		t.Errorf("%d events of the other run, want 4", n)
	}
}

// The check finds blockers and commands that refer to nothing, each alone.
func TestCheckFindsPosts(t *testing.T) {
	for name, spoil := range map[string]string{
		"blocker without its event": "UPDATE blockers SET seq = 99",
		"blocker without its run":   "UPDATE blockers SET run = 99",
		"command without its run":   "UPDATE posts SET run = 99",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := Open(t.Context(), dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			blocked(t, db, "r1", 1)
			if _, err := db.Submit(t.Context(), journal.Command{Run: "r1", Directive: &pawl.Directive{What: pawl.DirectPause}}); err != nil {
				t.Fatal(err)
			}
			if err := db.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open("sqlite", db.path)
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			if _, err := raw.Exec("PRAGMA foreign_keys = OFF; " + spoil); err != nil {
				t.Fatal(err)
			}
			if err := db.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "refer to what is not there") {
				t.Errorf("Check: %v", err)
			}
		})
	}
}

// An inbox of 10,000 open blockers.
func BenchmarkOpen(b *testing.B) {
	db := openDB(b)
	for i := range 100 {
		blocked(b, db, pawl.RunID(fmt.Sprintf("r%02d", i)), 100)
	}
	for name, f := range map[string]pawl.RunFilter{"all": {}, "limit": {Limit: 50}, "prefix": {Prefix: "r50"}, "flow": {Flow: "none"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := db.OpenBlockers(b.Context(), f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Looking for commands when there are none, as engines do all the time.
func BenchmarkPendingNone(b *testing.B) {
	db := openDB(b)
	for i := range 100 {
		c := createRun(b, db, pawl.RunID(fmt.Sprint("r", i)))
		for range 20 {
			id, err := db.Submit(b.Context(), journal.Command{Run: c.Run, Directive: &pawl.Directive{What: pawl.DirectPause}})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := db.Append(b.Context(), c, journal.Batch{Handled: []journal.Handled{{Command: id}}}); err != nil {
				b.Fatal(err)
			}
		}
	}
	for b.Loop() {
		if list, err := db.Pending(b.Context(), ""); err != nil || len(list) != 0 {
			b.Fatal(list, err)
		}
	}
}

// The clock of commands is the journal's.
func TestPostTime(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 6_789_000, time.UTC)
	db, err := Open(t.Context(), t.TempDir(), &Options{Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	createRun(t, db, "r1")
	if _, err := db.Submit(t.Context(), journal.Command{Run: "r1", Directive: &pawl.Directive{What: pawl.DirectPause}}); err != nil {
		t.Fatal(err)
	}
	list, err := db.Pending(t.Context(), "r1")
	if err != nil || len(list) != 1 || !list[0].At.Equal(pawl.At(at).Time) {
		t.Errorf("commands %+v, %v; want one of %v", list, err, pawl.At(at))
	}
}
