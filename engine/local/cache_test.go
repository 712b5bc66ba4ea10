package local

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// A long run's state is kept until another's is, a huge one's never.
func TestCacheKeepsTheLast(t *testing.T) {
	var r stateCache
	keep := func(id pawl.RunID, bytes int) { r.put(&replay.State{Run: id, Seq: 1, Bytes: bytes}) }
	kept := func(id pawl.RunID) bool { return r.take(id).Seq == 1 }
	keep("short", 1)
	keep("long", 2*cacheBytes)
	if kept("short") || !kept("long") || kept("long") {
		t.Error("the last state alone is to be kept, for one caller")
	}
	keep("long", 2*cacheBytes)
	keep("other", 1)
	if kept("long") || !kept("other") {
		t.Error("a long run's state is kept beside another")
	}
	keep("huge", cacheLast)
	if kept("huge") || r.bytes != 0 || r.kept.Len() != 0 {
		t.Errorf("of a huge state %d bytes are kept", r.bytes)
	}
}

// history is a journal that has one run of so many events, of which those from
// bad on cannot be read or folded.
type history struct {
	journal.Journal
	events []pawl.Event
	bad    pawl.Seq
}

var errBad = errors.New("bad page")

func newHistory(n int) *history {
	h := &history{}
	for i := range n {
		e := pawl.Event{Version: 1, Seq: pawl.Seq(i + 1), Type: pawl.EventNote, Body: json.RawMessage(`{"text":""}`)}
		if i == 0 {
			e.Type, e.Body = pawl.EventCreated, json.RawMessage(`{}`)
		}
		h.events = append(h.events, e)
	}
	return h
}

func (h *history) Read(_ context.Context, _ pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	events := h.events[after:min(int(after)+limit, len(h.events))]
	if h.bad > 0 && len(events) > 0 && events[len(events)-1].Seq >= h.bad {
		return nil, errBad
	}
	return events, nil
}

// A history of any length is folded as a whole, and an error of its end is not
// lost.
func TestFoldPages(t *testing.T) {
	for _, n := range []int{1, pageSize - 1, pageSize, pageSize + 1, 3 * pageSize} {
		h := newHistory(n)
		e := New(&Options{Journal: h})
		st, err := e.fold(t.Context(), "run")
		if err != nil || int(st.Seq) != n || st.Notes[""] != n-1 {
			t.Errorf("%d events: %+v, %v", n, st, err)
		}
		h.bad = pawl.Seq(n)
		if _, err := e.fold(t.Context(), "run"); !errors.Is(err, errBad) {
			t.Errorf("of %d events the last cannot be read: %v", n, err)
		}
	}
	h := newHistory(3 * pageSize)
	h.events[pageSize/2].Body = json.RawMessage(`7`)
	if _, err := New(&Options{Journal: h}).fold(t.Context(), "run"); !errors.Is(err, pawl.ErrDatabase) {
		t.Errorf("an event in the middle cannot be folded: %v", err)
	}
	if _, err := New(&Options{Journal: newHistory(0)}).fold(t.Context(), "run"); !errors.Is(err, pawl.ErrDatabase) {
		t.Errorf("there are no events: %v", err)
	}
}
