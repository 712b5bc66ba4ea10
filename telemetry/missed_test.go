package telemetry_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/observe"
	"github.com/pawlrun/pawl/telemetry"
)

// An attempt has a span also where its beginning, or that of its run, was not told.
func TestSpanOfWhatWasMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, telemetry.Options{})
		o, err := telemetry.New(t.Context(), &s.o)
		if err != nil {
			t.Fatal(err)
		}
		of := observe.Of{Run: "1", Flow: "desk", At: time.Now()}
		ended := observe.AttemptEnded{Of: of, Step: observe.Step{Key: "reply", Kind: pawl.KindAsk}, Number: 1, Model: "test/one", Began: of.At.Add(-time.Minute), Outcome: pawl.OutcomeAccepted}
		o.Observe(ended)
		o.Observe(observe.Activated{Of: of})
		o.Observe(ended)
		o.Observe(observe.Rested{Of: of, Status: pawl.StatusDone})
		alone, inRun := 0, 0
		spans := s.spans.GetSpans()
		for _, span := range spans {
			switch {
			case span.Name != "chat one" || span.EndTime.Sub(span.StartTime) != time.Minute:
			case span.Parent.IsValid():
				inRun++
			default:
				alone++
			}
		}
		if alone != 1 || inRun != 1 || len(spans) != 3 {
			t.Errorf("got %s", tree(spans))
		}
		s.close()
	})
}

// Gauges say how things stand, and look again when that is some seconds ago.
func TestGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		s := newScene(t, telemetry.Options{Gauges: func(context.Context) telemetry.Gauges {
			looks++
			return telemetry.Gauges{Queued: new(int64(3)), Blockers: []telemetry.OpenBlocker{
				{Kind: pawl.BlockerInput, Since: time.Now().Add(-time.Minute)}, {Kind: pawl.BlockerInput, Since: time.Now().Add(-time.Hour)}}}
		}})
		defer s.close()
		text := numbers(t, s.reader)
		for _, want := range []string{
			"pawl.queue.depth {} 3\n", "pawl.blockers.open {pawl.blocker.kind=input} 2\n", "pawl.blockers.oldest {pawl.blocker.kind=input} 3600\n",
			"pawl.blockers.open {pawl.blocker.kind=failure} 0\n",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in %s", want, text)
			}
		}
		if strings.Contains(text, "pawl.disk.free") {
			t.Errorf("what is not known is told: %s", text)
		}
		for _, after := range []time.Duration{4 * time.Second, time.Second} {
			time.Sleep(after)
			numbers(t, s.reader)
		}
		if looks != 2 {
			t.Errorf("looked %d times", looks)
		}
	})
}
