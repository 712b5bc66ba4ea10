package journaltest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

func (b bench) queue() journal.Queue { return b.j.(journal.Queue) }

func (b bench) enqueue(id pawl.RunID, flow string) {
	b.t.Helper()
	run := newRun(id)
	run.Flow, run.Queued, run.Summary = flow, true, journal.Summary{Status: pawl.StatusQueued, Reason: "not begun"}
	c, err := b.j.Create(b.ctx(), run, []journal.Draft{created()})
	if err != nil || c != nil {
		b.t.Fatalf("create %q to be queued: claim %+v, %v; want neither", id, c, err)
	}
}

// idle lists the ids of idle runs.
func (b bench) idle(limit int, flows ...string) []string {
	b.t.Helper()
	rows, err := b.queue().Idle(b.ctx(), flows, limit)
	if err != nil {
		b.t.Fatalf("list idle runs: %v", err)
	}
	ids := []string{}
	for _, r := range rows {
		if r.Held || !r.Summary.Idle(pawl.At(time.Now())) {
			b.t.Errorf("row %+v is not idle", r)
		}
		ids = append(ids, string(r.ID))
	}
	return ids
}

func queued(t *testing.T, b bench) {
	b.enqueue("r1", "article")
	events := b.read("r1")
	if len(events) != 1 || events[0].Type != pawl.EventCreated {
		t.Fatalf("events %+v, want created alone", events)
	}
	if row := b.row("r1"); row.Held || row.Holder != "" || row.Summary.Status != pawl.StatusQueued || row.Summary.Reason != "not begun" {
		t.Errorf("row %+v", row)
	}
	_, err := b.j.Append(b.ctx(), &journal.Claim{Run: "r1", Seq: 1, Hash: events[0].Hash, At: events[0].At}, batch(note("nobody's")))
	b.wantLost(err)
	c, err := b.j.Claim(b.ctx(), "r1", false)
	if err != nil {
		t.Fatal(err)
	}
	b.append(c, note("mine"))
	_, err = b.j.Claim(b.ctx(), "r1", false)
	b.want(err, pawl.ErrConflict)
	if err := b.j.Release(b.ctx(), c); err != nil {
		t.Fatal(err)
	}
	_, err = b.j.Create(b.ctx(), newRun("r1"), []journal.Draft{created()})
	b.want(err, pawl.ErrConflict)
}

func idle(t *testing.T, b bench) {
	check := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: idle are %q, want %q", what, got, want)
		}
	}
	check("empty", b.idle(0, "article"))
	b.enqueue("q1", "article")
	b.enqueue("q2", "other")
	check("limit", b.idle(1, "article", "other"), "q1")
	check("all flows", b.idle(0, "article", "other"), "q1", "q2")
	check("other flow", b.idle(0, "other"), "q2")
	check("no flow", b.idle(0))
	check("unknown flow", b.idle(0, "nope", `"x]`))

	var claims []*journal.Claim
	for _, s := range []pawl.Status{
		pawl.StatusQueued, pawl.StatusRunning, pawl.StatusPausing, pawl.StatusPaused, pawl.StatusWaiting,
		pawl.StatusFailed, pawl.StatusDone, pawl.StatusCanceling, pawl.StatusCanceled,
	} {
		c := b.create(pawl.RunID("s-" + s))
		if _, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{note("x")}, Summary: &journal.Summary{Status: s}}); err != nil {
			t.Fatal(err)
		}
		claims = append(claims, c)
	}
	check("held", b.idle(0, "article"), "q1")
	for _, c := range claims {
		if err := b.j.Release(b.ctx(), c); err != nil {
			t.Fatal(err)
		}
	}
	check("released", b.idle(0, "article"), "q1", "s-queued", "s-running", "s-canceling")
	if _, err := b.j.Claim(b.ctx(), "q1", false); err != nil {
		t.Fatal(err)
	}
	check("claimed", b.idle(0, "article"), "s-queued", "s-running", "s-canceling")
}

func offers(t *testing.T, b bench) {
	list := func() []journal.Offer {
		t.Helper()
		list, err := b.queue().Offers(b.ctx())
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got := list(); len(got) != 0 {
		t.Errorf("offers %+v before any was made", got)
	}
	b.create("r1") // who executes a run offers nothing by that
	if got := list(); len(got) != 0 {
		t.Errorf("offers %+v of a process that made none", got)
	}
	mark, err := b.j.Changes(b.ctx(), 0)
	if err != nil {
		t.Fatal(err)
	}
	flows := []string{"article", `odd "name`}
	offer := journal.Offer{Program: "example.com/press", Flows: flows, Builds: []string{"sha256:1", "sha256:2"}, Left: map[pawl.RunID]string{"r1": "why: \"this\""}}
	if err := b.queue().Offer(b.ctx(), offer); err != nil {
		t.Fatal(err)
	}
	if _, err := b.j.Changes(b.ctx(), mark); err != nil { // an offer is a change
		t.Fatal(err)
	}
	flows[0] = "changed"
	if got := list(); len(got) != 1 || !slices.Equal(got[0].Flows, []string{"article", `odd "name`}) ||
		got[0].Program != offer.Program || got[0].Left["r1"] != "why: \"this\"" || !slices.Equal(got[0].Builds, offer.Builds) || !strings.Contains(got[0].Process, "process") {
		t.Errorf("offers %+v", got)
	}
	if err := b.queue().Offer(b.ctx(), journal.Offer{}); err != nil {
		t.Fatal(err)
	}
	if got := list(); len(got) != 0 {
		t.Errorf("offers %+v after it was withdrawn", got)
	}
}
