package temporal

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// dawn is when the runs of tests without a server are created.
var dawn = pawl.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

// newborn is a run that was just created, with a blob.
func newborn(t *testing.T) beginning {
	t.Helper()
	events, _, err := journal.Seal(journal.Claim{Run: "r"}, []journal.Draft{{Type: pawl.EventCreated, At: dawn,
		Body: journal.Created{Flow: "asks", Model: "test/one", Input: []byte(`{}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	run := journal.NewRun{ID: "r", Flow: "asks", Model: "test/one", Summary: journal.Summary{Status: pawl.StatusQueued}}
	return beginning{Run: run, Events: events, Blobs: [][]byte{[]byte("secret")}}
}

// wired is a value as it goes over the wire.
func wired(t *testing.T, v any) rawValue {
	t.Helper()
	raw, _, err := pack(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// keptOf is a run as it is read whose workflow began with b.
func keptOf(t *testing.T, b beginning) *kept {
	t.Helper()
	k := &kept{}
	takenIn(t, k, begunWith(t, b))
	return k
}

// takenIn takes an event of a workflow's history in.
func takenIn(t *testing.T, k *kept, e *historypb.HistoryEvent) {
	t.Helper()
	if err := k.add(converter.GetDefaultDataConverter(), e); err != nil {
		t.Fatal(err)
	}
}

// TestMarkersHaveAllThatTheLedgerHas: who reads the markers of a run knows what its workflow
// knows after every commit, however many entries that takes.
func TestMarkersHaveAllThatTheLedgerHas(t *testing.T) {
	b := newborn(t)
	k, l := keptOf(t, b), newLedger(b)
	saves, commits := 0, 0
	l.most, l.time = 2000, func() pawl.Time { return dawn }
	l.save = func(e entry, size int) {
		saves++
		if len(e.Events)+len(e.Blobs) > 1 && size > l.most {
			t.Errorf("an entry of several things takes %d bytes", size)
		}
		if err := k.commit(wired(t, e)); err != nil {
			t.Fatal(err)
		}
	}
	same := func(when string) {
		t.Helper()
		if err := journal.Verify(k.events); err != nil {
			t.Errorf("%s: %v", when, err)
		}
		for i, what := range [][2]any{{len(k.events), len(l.events)}, {k.events, l.events}, {k.blobs, l.blobs}, {k.summary, l.summary}, {k.run.Model, l.run.Model}, {k.held(), l.held}} {
			if !reflect.DeepEqual(what[0], what[1]) {
				t.Errorf("%s: part %d is read as %.300v, and is %.300v", when, i, what[0], what[1])
			}
		}
	}
	note := func(n int) journal.Draft {
		return journal.Draft{Type: pawl.EventNote, At: dawn, Body: journal.Note{Text: strings.Repeat("x", n)}}
	}
	for i := range 3 {
		claim, _, err := l.claim("a test")
		if err != nil {
			t.Fatal(err)
		}
		batches := []journal.Batch{
			{Drafts: []journal.Draft{note(0)}},
			{Drafts: []journal.Draft{note(1500), note(1500), note(1), note(700)}, Blobs: [][]byte{bytes.Repeat([]byte{byte('a' + i)}, 900)}, Model: fmt.Sprintf("test/%d", i)},
			{Summary: &journal.Summary{Status: pawl.StatusRunning, Reason: fmt.Sprint(i)}},
			{Drafts: []journal.Draft{note(1200), note(1200)}, Summary: &journal.Summary{Status: pawl.StatusWaiting, WakeAt: dawn}, Model: fmt.Sprintf("rest/%d", i), Release: i != 1},
		}
		for j, batch := range batches {
			stale := *claim
			commits++
			if _, err := l.Append(t.Context(), claim, batch); err != nil {
				t.Fatal(err)
			}
			same(fmt.Sprintf("claim %d, batch %d", i+1, j+1))
			if len(batch.Drafts) == 0 {
				continue
			}
			before := saves
			if _, err := l.Append(t.Context(), &stale, batch); !errors.Is(err, journal.ErrLost) || saves != before {
				t.Errorf("claim %d, batch %d, again with the claim from before: %v", i+1, j+1, err)
			}
		}
	}
	if want := 1 + 3*(1+1+4+2); len(k.events) != want || saves <= commits {
		t.Errorf("%d events, want %d; %d entries of %d commits", len(k.events), want, saves, commits)
	}
	again := newLedger(l.carried())
	if again.last != l.last || again.held != l.held || !reflect.DeepEqual(again.blobs, l.blobs) || again.summary != l.summary || again.run.Model != l.run.Model {
		t.Errorf("the next execution begins with %+v, this one ends with %+v", again.last, l.last)
	}
}
