package journaltest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// feed: the events of all runs come in the order of their commits, and are as they are
// read of their runs; what was removed is missing, and its place is known to be.
func feed(t *testing.T, b bench) {
	j := b.j.(journal.Feed)
	if last, err := j.Last(b.ctx()); err != nil || last.Place != 0 {
		t.Errorf("the last event of none is %+v, %v", last, err)
	}
	c1 := b.create("r1")
	c2 := b.create("r2")
	for _, c := range []*journal.Claim{c2, c1, c2} {
		if _, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{note("x"), note("y")}}); err != nil {
			t.Fatal(err)
		}
	}
	const want = "r1@1 r1@2 r2@1 r2@2 r2@3 r2@4 r1@3 r1@4 r2@5 r2@6"
	all := b.from(0, 99)
	if got := named(all); got != want {
		t.Fatalf("events are %s, want %s", got, want)
	}
	own := map[pawl.RunID][]pawl.Event{"r1": b.read("r1"), "r2": b.read("r2")}
	for i, p := range all {
		b.equal("event", p.Event, own[p.Event.Run][p.Event.Seq-1])
		if i > 0 && p.Place <= all[i-1].Place {
			t.Errorf("places are %d and %d", all[i-1].Place, p.Place)
		}
	}
	if got := named(b.from(all[3].Place, 3)); got != "r2@2 r2@3 r2@4" {
		t.Errorf("from a place are %s", got)
	}
	if got := b.from(all[9].Place+1, 3); len(got) != 0 {
		t.Errorf("behind the last are %s", named(got))
	}
	last, err := j.Last(b.ctx())
	if err != nil {
		t.Fatal(err)
	}
	b.equal("last event", last, all[9])
	for place, want := range map[int64]string{0: "r1@1created r1@2claimed r2@1created r2@2claimed r1@4note r2@6note", all[3].Place: "r1@4note r2@6note", all[7].Place: "r2@6note", all[9].Place: ""} {
		changed, err := j.Changed(b.ctx(), place)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range changed {
			got = append(got, named([]journal.Placed{c})+string(c.Event.Type))
			if p := b.from(c.Place, 1); named(p) != named([]journal.Placed{c}) || p[0].Place != c.Place {
				t.Errorf("at the place of %+v is %s", c, named(p))
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("behind place %d changed %s, want %s", place, got, want)
		}
	}
	if err := b.j.Release(b.ctx(), c2); err != nil {
		t.Fatal(err)
	}
	wantRemoved(t, b, []journal.Shown{{Run: "r2"}}, "r2")
	if got := b.from(all[9].Place, 3); len(got) != 0 {
		t.Errorf("where the last was are %s", named(got))
	}
	if got := named(b.from(all[2].Place, 9)); got != "r1@3 r1@4" {
		t.Errorf("what is left is %s", got)
	}
}

func (b bench) from(place int64, limit int) []journal.Placed {
	b.t.Helper()
	all, err := b.j.(journal.Feed).From(b.ctx(), place, limit)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func named(all []journal.Placed) (s string) {
	for i, p := range all {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("%s@%d", p.Event.Run, p.Event.Seq)
	}
	return s
}
