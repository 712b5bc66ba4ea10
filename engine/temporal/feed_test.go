package temporal_test

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/journal"
)

// TestFeed: who follows all runs at once is told every event of each, once and in its order.
func TestFeed(t *testing.T) { onServers(t, testFeed) }

func testFeed(t *testing.T) {
	e := open(t, temporal.Options{Models: models(&enginetest.Script{}), Model: "test/one"})
	feed := e.Journal().(journal.Feed)
	f := flow("asks", func(r *pawl.Run) (string, error) {
		pawl.Ask(r, "a", text("A"))
		return pawl.Input[string](r, "name", "Who?"), nil
	})
	before := start(t, e, f)
	rested := enginetest.Follow(t, e, before).LastSeq
	for listed := pawl.Seq(0); listed < rested; { // the list of workflows lags behind
		rows, err := e.List(t.Context(), pawl.RunFilter{Flow: f.Name()})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > 0 {
			listed = rows[0].LastSeq
		}
	}
	if last, err := feed.Last(t.Context()); err != nil || last.Place != 0 {
		t.Errorf("before anything was committed: %+v, %v", last, err)
	}
	enginetest.Decide(t, e, before, pawl.Decision{Key: "name", What: pawl.DecideAnswer, Value: []byte(`"Ada"`)})
	one, two := start(t, e, f), start(t, e, f)
	enginetest.Follow(t, e, one)
	enginetest.Follow(t, e, two)
	told := map[pawl.RunID][]pawl.Event{}
	var last journal.Placed
	var mark journal.Mark
	for len(told[one]) == 0 || told[one][len(told[one])-1].Type != pawl.EventReleased || len(told[two]) == 0 || told[two][len(told[two])-1].Type != pawl.EventReleased ||
		len(told[before]) == 0 || told[before][len(told[before])-1].Type != pawl.EventDone {
		events, err := feed.From(t.Context(), last.Place, 3)
		if err != nil {
			t.Fatal(err)
		}
		if last.Place > 0 {
			if len(events) == 0 || events[0].Event.Hash != last.Event.Hash {
				t.Fatal("the last event is not there any more")
			}
			events = events[1:]
		}
		for _, p := range events {
			told[p.Event.Run] = append(told[p.Event.Run], p.Event)
			last = p
		}
		if len(events) == 0 {
			if mark, err = feed.Changes(t.Context(), mark); err != nil {
				t.Fatal(err)
			}
		}
	}
	for id, events := range told {
		behind := pawl.Seq(0)
		if id == before { // what was committed before somebody looked is not told
			behind = rested
		} else if err := journal.Verify(events); err != nil {
			t.Errorf("run %s: %v", id, err)
		}
		for i, ev := range events {
			if want := behind + pawl.Seq(i) + 1; ev.Seq != want {
				t.Fatalf("run %s: event %d is told where %d is next", id, ev.Seq, want)
			}
		}
		if rec := enginetest.Status(t, e, id); behind+pawl.Seq(len(events)) != rec.LastSeq {
			t.Errorf("run %s: %d events are told behind %d, the last is %d", id, len(events), behind, rec.LastSeq)
		}
	}
}
