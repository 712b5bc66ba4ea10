package temporal

import (
	"testing"

	"github.com/pawlrun/pawl"
)

// numberedOf are the first events of a run.
func numberedOf(id pawl.RunID, n int) []pawl.Event {
	events := make([]pawl.Event, n)
	for i := range events {
		events[i] = pawl.Event{Run: id, Seq: pawl.Seq(i + 1)}
	}
	return events
}

// wantFeed says what is in a feed behind a place: each event has the next place, and each run
// its events in their order and once.
func wantFeed(t *testing.T, f *feed, place int64, want ...pawl.Event) {
	t.Helper()
	got := f.from(place + 1)
	if len(got) != len(want) {
		t.Fatalf("%d events are behind %d, want %d", len(got), place, len(want))
	}
	for i, p := range got {
		if p.Place != place+int64(i)+1 || p.Event.Run != want[i].Run || p.Event.Seq != want[i].Seq {
			t.Fatalf("at %d is event %d of %s, want event %d of %s at %d", p.Place, p.Event.Seq, p.Event.Run, want[i].Seq, want[i].Run, place+int64(i)+1)
		}
	}
}

// TestFeedAdds: of a run that is read again only what is new gets a place, and who comes with a
// place whose event is not kept any more sees that.
func TestFeedAdds(t *testing.T) {
	a, b := numberedOf("a", feedEvents+10), numberedOf("b", 5)
	f := &feed{place: 1000, known: map[pawl.RunID]pawl.Seq{"a": 2}}
	f.add("a", a[:2])
	wantFeed(t, f, 1000) // known from the first look
	f.add("a", a[:4])
	f.add("b", b[:3])
	wantFeed(t, f, 1000, a[2], a[3], b[0], b[1], b[2])
	mark := f.mark()
	f.add("a", a[:4])
	f.add("a", a[:1]) // as somebody read it before
	f.add("a", nil)
	f.add("b", b[:2])
	wantFeed(t, f, 1000, a[2], a[3], b[0], b[1], b[2])
	if now := f.mark(); now != mark {
		t.Errorf("nothing was added, and the mark goes from %d to %d", mark, now)
	}
	f.add("a", a[:5])
	wantFeed(t, f, 1003, b[1], b[2], a[4])
	if f.mark() == mark {
		t.Error("an event was added, and the mark is the same")
	}

	f.add("a", a)
	all := f.from(0)
	if len(all) != feedEvents || all[0].Place != 1000+int64(6+len(a)-5)-feedEvents+1 {
		t.Fatalf("%d events are kept, the first is at %d", len(all), all[0].Place)
	}
	first := all[0].Place
	wantFeed(t, f, first-1, a[len(a)-feedEvents:]...)
	for place, want := range map[int64]int64{1001: first, first - 1: first, first: first, first + 1: first + 1} {
		if got := f.from(place)[0].Place; got != want {
			t.Errorf("who is at %d is given what is at %d, want %d", place, got, want)
		}
	}
	f.add("a", a[:10]) // of which nothing is kept
	if f.from(0)[0].Place != first || len(f.from(first+feedEvents)) != 0 {
		t.Error("what is told is told again")
	}

	for i := range b[3:] {
		given := f.from(0)
		was := given[0].Place
		f.add("b", b[:4+i])
		if given[0].Place != was || f.from(0)[0].Place != was+1 {
			t.Errorf("what was given away begins at %d now, and began at %d; what is kept at %d", given[0].Place, was, f.from(0)[0].Place)
		}
	}
}
