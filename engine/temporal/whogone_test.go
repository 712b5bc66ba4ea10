package temporal

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/converter"
)

// serving is the server as who asks it for a run's worker sees it.
type serving struct {
	matching
	query   func(ctx context.Context, n int) error // the n-th, from 1
	queries int
}

func (w *serving) QueryWorkflow(ctx context.Context, _, _, _ string, _ ...any) (converter.EncodedValue, error) {
	w.queries++
	return nil, w.query(ctx, w.queries)
}

// late is a query that nobody answers: the server gives it up after 8 seconds.
func late(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(8 * time.Second):
		return serviceerror.NewDeadlineExceeded("no worker answers")
	}
}

// TestWhoIsGone: only a worker that is known to be gone counts as gone. A run would otherwise
// be taken from one that executes it, or be left to nobody.
func TestWhoIsGone(t *testing.T) {
	silentFor := func(queries int, err error) func(*serving) {
		return func(w *serving) {
			w.query = func(ctx context.Context, n int) error {
				if n <= queries {
					return late(ctx)
				}
				return err
			}
		}
	}
	says := func(err error) func(*serving) { return silentFor(0, err) }
	silent := silentFor(100, nil)
	none := func(w *serving) { w.asked = nil }
	polls := func(after time.Duration) func(*serving) {
		return func(w *serving) { w.shows("queue", fmt.Sprint("worker number ", after), after) }
	}
	hidden := func(w *serving) { w.fails = serviceerror.NewUnavailable("later") }
	type all = []func(*serving)
	for _, test := range []struct {
		name  string
		is    all // with one that showed itself just now
		there bool
		asked int // queries
	}{
		{"answers", all{says(nil)}, true, 1},
		{"answers, and has not shown itself for three minutes", all{says(nil), none, polls(-3 * time.Minute)}, false, 0},
		{"answers, and one of two has not shown itself", all{says(nil), polls(-3 * time.Minute)}, true, 1},
		{"answers, and nobody has shown himself", all{says(nil), none}, false, 0},
		{"answers, and the server does not say who is there", all{says(nil), hidden}, true, 1},
		{"cannot repeat the run", all{says(serviceerror.NewQueryFailed("another code"))}, false, 1},
		{"has tasks that fail", all{says(serviceerror.NewWorkflowNotReady("its task failed"))}, false, 1},
		{"is behind a server in trouble", all{says(serviceerror.NewUnavailable("later"))}, true, 1},
		{"is not to be asked", all{says(serviceerror.NewPermissionDenied("no", ""))}, true, 1},
		{"is silent, and does not show itself", all{silent}, false, 3},
		{"is silent at first", all{silentFor(2, nil)}, true, 3},
		{"is silent at first, and cannot repeat the run", all{silentFor(1, serviceerror.NewQueryFailed("another code"))}, false, 2},
		{"is silent, and shows itself", all{silent, polls(17 * time.Second)}, true, 3},
		{"is silent, and the server does not say who is there", all{silent, hidden}, true, 3},
	} {
		for _, ahead := range []time.Duration{0, 3 * time.Minute, -3 * time.Minute} {
			t.Run(fmt.Sprint(test.name, ", by a clock ahead by ", ahead), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := &serving{matching: matching{ahead: ahead}}
					polls(0)(w)
					for _, is := range test.is {
						is(w)
					}
					began := time.Now()
					there := stubbed(t, w).answers(t.Context(), "r", "queue")
					if there != test.there || w.queries != test.asked {
						t.Errorf("there %v, want %v; %d queries, want %d", there, test.there, w.queries, test.asked)
					}
					if took := time.Since(began); took > queryPatience+time.Second { // in which the clock is asked for
						t.Errorf("it took %s", took)
					}
				})
			})
		}
	}
}

// TestWhoAsksGivesUp: whoever does not wait for a silent worker has not found that it is gone.
func TestWhoAsksGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &serving{query: func(ctx context.Context, _ int) error { return late(ctx) }}
		w.shows("queue", "worker it", 0)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if !stubbed(t, w).answers(ctx, "r", "queue") {
			t.Error("it counts as gone")
		}
	})
}
