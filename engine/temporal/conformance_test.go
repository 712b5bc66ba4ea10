package temporal_test

import (
	"fmt"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/llm"
)

// TestConformance: the engine does what is asked of every engine, on real servers. Each engine
// that a scenario opens is another build, so that going on with a run is taking it over.
//
// Five of 104 scenarios are left out. Four would take minutes or a clock that a test can move;
// TestEnvironment has them. "Closing cuts calls" wants a run to be nobody's when its
// engine is closed: here it is Temporal's, see TestLostCall.
func TestConformance(t *testing.T) { onServers(t, testConformance) }

func testConformance(t *testing.T) {
	server(t)
	enginetest.Run(t, enginetest.Filling{
		Real:   true,
		Beside: temporal.Embedded(),
		New: func(t *testing.T) enginetest.Store {
			queue, builds := "test-"+string(pawl.NewRunID()), 0
			blobs := temporal.Directory(t.TempDir())
			return func(m llm.Model, flows ...pawl.Flow) pawl.Engine {
				builds++ // each has flows of its own under the same names
				o := temporal.Options{Queue: queue, Build: fmt.Sprint(builds), Models: models(m), Model: "test/one", Flows: flows, Blobs: blobs, Logger: logger()}
				return connect(t, o)
			}
		},
		Can: []enginetest.Ability{
			enginetest.Lists, enginetest.StartsID, enginetest.Cancels, enginetest.Pauses, enginetest.Guides, enginetest.Decides, enginetest.Delivers,
			enginetest.Breaks, enginetest.Budgets, enginetest.Models, enginetest.Reuses, enginetest.Reopens, enginetest.Changes,
		},
	})
}
