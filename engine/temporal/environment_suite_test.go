package temporal

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// abilities are all but Lets.
var abilities = slices.DeleteFunc(slices.Clone(enginetest.Everything), func(a enginetest.Ability) bool { return a == enginetest.Lets })

// TestEnvironment: the engine does what is asked of every engine in the SDK's test environment,
// which needs no server and whose time is that of the bubble. Each engine that a scenario
// opens is another build, so that going on with a run is taking it over: the environment
// repeats no history.
func TestEnvironment(t *testing.T) {
	enginetest.Run(t, enginetest.Filling{New: inEnvironment(0), Beside: Embedded(), Can: abilities})
}

// Embedded is the engine that executes runs in this process.
func Embedded() *enginetest.Filling {
	return &enginetest.Filling{New: func(*testing.T) enginetest.Store {
		j := journal.NewMemory()
		return func(m llm.Model, flows ...pawl.Flow) pawl.Engine {
			return local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Prices: enginetest.Prices, Flows: flows})
		}
	}}
}

// inEnvironment makes stores in the SDK's test environment, where histories are long after so many
// events; 0: never.
func inEnvironment(long int) func(t *testing.T) enginetest.Store {
	return func(t *testing.T) enginetest.Store { return newEnvironment(long).store(t) }
}

func newEnvironment(long int) *environment {
	return &environment{long: long, workflows: map[string][]*hosted{}, workers: map[string]*hosting{}}
}

// store is what a suite opens engines on.
func (v *environment) store(t *testing.T) enginetest.Store {
	builds, blobs := 0, Directory(t.TempDir())
	return func(m llm.Model, flows ...pawl.Flow) pawl.Engine {
		builds++
		e, err := v.connect(t.Context(), Options{Build: fmt.Sprint(builds), Models: llm.Catalog{"test": m}, Model: "test/one", Prices: enginetest.Prices, Flows: flows, Blobs: blobs})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
}

// TestCodeAtOnce: the code of many steps at once, with a store of blobs, ends. With a converter
// that stops the SDK's search for deadlocks it does not, see settings.converter.
func TestCodeAtOnce(t *testing.T) {
	f := pawl.New("many", "Has much code at once.", func(r *pawl.Run, _ nothing) (int, error) {
		n := 0
		for _, one := range pawl.Map(r, "branches", make([]int, 16), func(r *pawl.Run, _ int) (int, error) {
			for i := range 10 {
				pawl.Do(r, fmt.Sprint("step-", i), i, func(_ context.Context, i int) (int, error) { return i, nil })
			}
			return 10, nil
		}, pawl.Limit(16)) {
			n += one
		}
		return n, nil
	})
	e := inEnvironment(0)(t)(&enginetest.Script{}, f)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	id := enginetest.Start(t, e, f)
	rec, err := e.Wait(ctx, id)
	if err != nil || rec.Status != pawl.StatusDone || string(rec.Output) != "160" {
		t.Fatalf("%s (%s) %s, %v", rec.Status, rec.Reason, rec.Output, err)
	}
	if err := e.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLongEnvironment is TestEnvironment where every history is long after some events, so that
// other executions go on with it again and again.
func TestLongEnvironment(t *testing.T) {
	if testing.Short() {
		t.Skip("asks the whole suite once more")
	}
	var continued atomic.Int64
	enginetest.Run(t, enginetest.Filling{Can: abilities, New: func(t *testing.T) enginetest.Store {
		v := newEnvironment(8)
		t.Cleanup(func() { continued.Add(v.continued.Load()) })
		return v.store(t)
	}})
	if n := continued.Load(); n < 100 {
		t.Errorf("executions went on %d times", n)
	}
}
