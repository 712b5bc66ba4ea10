package server

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
)

// A listener who does not take what is told is dropped when too many messages, or too many
// bytes of them, are waiting; one who does is not.
func TestWhoIsBehindIsDropped(t *testing.T) {
	j := checktest.Memory(t)
	s := New(&Options{Engine: local.New(&local.Options{Journal: j}), Journal: j})
	defer s.Close()
	for _, c := range []struct{ n, bytes int }{{mostBehind, 1}, {8, mostBytesBehind / 8}} {
		stuck, reads := &subscriber{run: "r"}, &subscriber{run: "r"}
		for _, sub := range []*subscriber{stuck, reads} {
			if err := s.hub.subscribe(t.Context(), sub); err != nil {
				t.Fatal(err)
			}
		}
		m := &message{event: isEvent, text: []byte(strings.Repeat("x", c.bytes))}
		for n := range 2 * c.n {
			s.hub.mu.Lock()
			s.hub.send(stuck, m)
			s.hub.send(reads, m)
			dropped := !s.hub.subs[stuck]
			s.hub.mu.Unlock()
			if dropped != (n >= c.n) {
				t.Fatalf("after %d messages of %d bytes it is dropped: %v", n+1, c.bytes, dropped)
			}
			<-reads.ready
			if all, ok := reads.take(); !ok || len(all) != 1 {
				t.Fatal("who reads was dropped")
			}
		}
		if _, ok := stuck.take(); ok {
			t.Error("who was dropped takes more")
		}
		s.hub.leave(reads)
		s.hub.leave(stuck)
	}
	if err := s.hub.subscribe(t.Context(), &subscriber{run: "r", pieces: "r"}); err == nil || s.hub.stop != nil {
		t.Errorf("pieces of a run that is not there are heard: %v", err)
	}
	s.Close()
	if err := s.hub.subscribe(t.Context(), &subscriber{}); pawl.AsError(err, "") == nil {
		t.Error("a server that ended is listened to")
	}
}

// Behind events that nobody has made, what masks those of a run is read anew.
func TestSkippedEventsAreForgotten(t *testing.T) {
	j := checktest.Memory(t)
	s := New(&Options{Engine: local.New(&local.Options{Journal: j}), Journal: j})
	defer s.Close()
	var one changes
	one.add("r", 2, pawl.EventNote)
	for _, c := range []struct {
		changes
		left int
	}{{changes{}, 2}, {one, 1}, {changes{many: true}, 0}} {
		s.hub.shown = map[pawl.RunID]*shown{"r": {}, "other": {}}
		skipped, err := s.hub.skip(t.Context(), c.changes)
		if err != nil || !skipped || len(s.hub.shown) != c.left {
			t.Errorf("behind %+v are kept %v, want %d; %t %v", c.changes, s.hub.shown, c.left, skipped, err)
		}
	}
}
