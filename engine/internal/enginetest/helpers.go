package enginetest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// ordered goes through a map in the order of its keys: runs are begun in the same order each time.
func ordered[K cmp.Ordered, V any](m map[K]V) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// Start starts a run without input.
func Start(t *testing.T, e pawl.Engine, f pawl.Flow) pawl.RunID {
	t.Helper()
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// StartWith starts a run with a budget.
func StartWith(t *testing.T, e pawl.Engine, f pawl.Flow, b *pawl.Budget) pawl.RunID {
	t.Helper()
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), &pawl.StartOptions{Budget: b})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Finish runs a flow to its rest and returns its record.
func Finish(t *testing.T, e pawl.Engine, f pawl.Flow) pawl.RunRecord {
	t.Helper()
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return Follow(t, e, id)
}

// Follow follows a run to its rest, checks the chain of its events and returns its
// record.
func Follow(t *testing.T, e pawl.Engine, id pawl.RunID) pawl.RunRecord {
	t.Helper()
	var events []pawl.Event
	for ev, err := range e.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, ev)
	}
	if err := journal.Verify(events); err != nil {
		t.Fatal(err)
	}
	rec, err := e.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// Status returns a run's record as it stands.
func Status(t *testing.T, e pawl.Engine, id pawl.RunID) pawl.RunRecord {
	t.Helper()
	rec, err := e.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// Keys returns the steps of a run and where each stands.
func Keys(rec pawl.RunRecord) string {
	var all []string
	for _, s := range rec.Steps {
		all = append(all, string(s.Key)+":"+string(s.Status))
	}
	return strings.Join(all, " ")
}

// Resume resumes a run.
func Resume(t *testing.T, e pawl.Engine, id pawl.RunID) {
	t.Helper()
	if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "me"}); err != nil {
		t.Fatal(err)
	}
}

// Direct steers a run, as anna if nobody is named.
func Direct(t *testing.T, e pawl.Engine, id pawl.RunID, d pawl.Directive) {
	t.Helper()
	if d.Who == "" {
		d.Who = "anna"
	}
	if err := e.Direct(t.Context(), id, d); err != nil {
		t.Fatal(err)
	}
}

// Decide lifts a blocker, as anna if nobody is named.
func Decide(t *testing.T, e pawl.Engine, id pawl.RunID, d pawl.Decision) {
	t.Helper()
	if d.Who == "" {
		d.Who = "anna"
	}
	if err := e.Decide(t.Context(), id, d); err != nil {
		t.Fatal(err)
	}
}

// Raise sets limits of a run's budget.
func Raise(t *testing.T, e pawl.Engine, id pawl.RunID, b pawl.Budget) {
	t.Helper()
	Decide(t, e, id, pawl.Decision{What: pawl.DecideRaise, Budget: &b})
}

// Refused checks that an error is of a kind and says something.
func Refused(t *testing.T, err error, kind pawl.ErrorKind, says string) {
	t.Helper()
	if !errors.Is(err, kind) || !strings.Contains(err.Error(), says) {
		t.Errorf("error is %v, wants one of kind %s with %q", err, kind, says)
	}
}

// Spent returns what a run's budget says of what is gone.
func Spent(t *testing.T, rec pawl.RunRecord) string {
	t.Helper()
	show := func(s pawl.Spending) string {
		return fmt.Sprintf("%d calls %d tokens $%v", s.Calls, s.Tokens, Cost(s.USD))
	}
	if rec.Budget == nil {
		return "no budget"
	}
	return show(rec.Budget.Spent) + ", reserved " + show(rec.Budget.Reserved)
}

// Cost returns a cost to compare with; -1 if it is not known.
func Cost(usd *float64) float64 {
	if usd == nil {
		return -1 // unknown
	}
	return *usd
}
