package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// Two handles on one directory behave like two processes.

func TestHandlesClaim(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	c := create(t, a, "r1")

	_, err := b.Claim(t.Context(), "r1", false)
	if holder := fmt.Sprintf("process %d", os.Getpid()); !errors.Is(err, pawl.ErrConflict) || !strings.Contains(err.Error(), holder) {
		t.Errorf("claim of a run that another holds: %v, want ErrConflict that names %s", err, holder)
	}
	for name, db := range map[string]*sqlite.DB{"holder": a, "other": b} {
		rows, err := db.Runs(t.Context(), pawl.RunFilter{})
		if err != nil || len(rows) != 1 || !rows[0].Held || rows[0].Holder == "" {
			t.Errorf("%s sees %+v, %v", name, rows, err)
		}
	}
	// A claim belongs to its process, not to whoever knows its numbers.
	stolen := *c
	if _, err := b.Append(t.Context(), &stolen, note("x")); !errors.Is(err, journal.ErrLost) {
		t.Errorf("append with another's claim: %v", err)
	}

	taken, err := b.Claim(t.Context(), "r1", true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Append(t.Context(), c, note("x")); !errors.Is(err, journal.ErrLost) {
		t.Errorf("append after the run was taken: %v", err)
	}
	if _, err := b.Append(t.Context(), taken, note("x")); err != nil {
		t.Error(err)
	}
	if err := b.Release(t.Context(), taken); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Claim(t.Context(), "r1", false); err != nil {
		t.Errorf("claim of a released run: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if rows, err := b.Runs(t.Context(), pawl.RunFilter{}); err != nil || rows[0].Held {
		t.Errorf("after its holder closed: %+v, %v", rows, err)
	}
	if _, err := b.Claim(t.Context(), "r1", false); err != nil {
		t.Errorf("claim of a closed process's run: %v", err)
	}
	events, err := b.Read(t.Context(), "r1", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := journal.Verify(events); err != nil {
		t.Error(err)
	}
}

func TestHandlesChanges(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	c := create(t, a, "r1")
	const n = 20
	var wg sync.WaitGroup
	wg.Go(func() {
		var mark journal.Mark
		for seen := 0; seen < n+2; {
			var err error
			if mark, err = b.Changes(t.Context(), mark); err != nil {
				t.Error(err)
				return
			}
			events, err := b.Read(t.Context(), "r1", 0, 0)
			if err != nil {
				t.Error(err)
				return
			}
			seen = len(events)
		}
	})
	for range n {
		if _, err := a.Append(t.Context(), c, note("x")); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}

// A command reaches the process that holds the run, from any other, and whoever
// comes after it.
func TestHandlesPost(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	c := create(t, a, "r1")
	held := func(db *sqlite.DB) int {
		t.Helper()
		list, err := db.Pending(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	idle := func(want int) {
		t.Helper()
		if rows, err := b.Idle(t.Context(), []string{"article"}, 0); err != nil || len(rows) != want {
			t.Errorf("idle are %+v, %v; want %d", rows, err, want)
		}
	}
	mark, err := a.Changes(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	id, err := b.Submit(t.Context(), journal.Command{Run: "r1", Directive: &pawl.Directive{What: pawl.DirectPause, Who: "ann"}})
	if err != nil {
		t.Fatal(err)
	}
	for held(a) == 0 {
		if mark, err = a.Changes(t.Context(), mark); err != nil {
			t.Fatal(err)
		}
	}
	if n := held(b); n != 0 {
		t.Errorf("who does not hold the run is given %d commands", n)
	}
	idle(0)
	paused := journal.Batch{Summary: &journal.Summary{Status: pawl.StatusPaused}, Handled: []journal.Handled{{Command: id}}}
	if _, err := a.Append(t.Context(), c, paused); err != nil {
		t.Fatal(err)
	}
	if done, refused, err := b.Handled(t.Context(), id); !done || refused != nil || err != nil {
		t.Errorf("outcome %v, %v, %v; want taken", done, refused, err)
	}
	if id, err = b.Submit(t.Context(), journal.Command{Run: "r1", Directive: &pawl.Directive{What: pawl.DirectResume}}); err != nil {
		t.Fatal(err)
	}
	idle(0)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	idle(1)
	if c, err = b.Claim(t.Context(), "r1", false); err != nil {
		t.Fatal(err)
	}
	if n := held(b); n != 1 {
		t.Errorf("the next holder is given %d commands", n)
	}
	idle(0)
	if _, err := b.Append(t.Context(), c, journal.Batch{Handled: []journal.Handled{{Command: id}}, Release: true}); err != nil {
		t.Fatal(err)
	}
	idle(0)
}

// Several writers on one file wait for each other and none of them notices.
func TestHandlesWriteAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for h := range 4 {
		db := open(t, dir)
		for g := range 4 {
			wg.Go(func() {
				c, err := db.Create(t.Context(), journal.NewRun{ID: pawl.RunID(fmt.Sprintf("r%d%d", h, g))}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{}}})
				for range 25 {
					if err != nil {
						t.Error(err)
						return
					}
					_, err = db.Append(t.Context(), c, note(strings.Repeat("x", 4<<10)))
				}
				if err := db.Release(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	db := open(t, dir)
	rows, err := db.Runs(t.Context(), pawl.RunFilter{})
	if err != nil || len(rows) != 16 {
		t.Fatalf("%d runs, %v", len(rows), err)
	}
	for _, row := range rows {
		events, err := db.Read(t.Context(), row.ID, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := journal.Verify(events); err != nil || len(events) != 27 {
			t.Errorf("%d events, %v", len(events), err)
		}
	}
}

// One claim of a dead or released run wins, whichever process asks.
func TestHandlesRace(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	for i := range 10 {
		if err := first.Release(t.Context(), create(t, first, pawl.RunID(fmt.Sprint("r", i)))); err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	won := map[pawl.RunID]int{}
	var wg sync.WaitGroup
	for range 3 {
		db := open(t, dir)
		for i := range 10 {
			wg.Go(func() {
				id := pawl.RunID(fmt.Sprint("r", i))
				_, err := db.Claim(t.Context(), id, false)
				if err == nil {
					mu.Lock()
					won[id]++
					mu.Unlock()
				} else if !errors.Is(err, pawl.ErrConflict) {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	for i := range 10 {
		if id := pawl.RunID(fmt.Sprint("r", i)); won[id] != 1 {
			t.Errorf("run %s was claimed %d times", id, won[id])
		}
	}
}
