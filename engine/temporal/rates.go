package temporal

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/llm"
)

// Rate bounds the calls of a model, or of the models of a provider, see Options.Rates.
type Rate struct {
	// PerSecond is how many calls all workers begin in a second, together. Temporal keeps with
	// the queue what was said last; 0: that is what it was, below 0: nothing bounds it any more.
	PerSecond float64

	// Calls is how many calls this process makes at once; 0: as Options.Calls.
	Calls int
}

// CheckRate says what is wrong with an entry of Options.Rates; nil: nothing.
func CheckRate(models llm.Catalog, model string, r Rate) error {
	if err := local.CheckMaxCalls(model, cmp.Or(r.Calls, 1)); err != nil {
		return err
	}
	if err := local.CheckBounded(models, model); err != nil {
		return err
	}
	if len(model) > longestModel {
		return fmt.Errorf("%.60s…: a model with a rate of its own has a name of at most %d bytes", model, longestModel)
	}
	if math.IsNaN(r.PerSecond) || math.IsInf(r.PerSecond, 0) {
		return fmt.Errorf("%s: %v calls in a second, wants a number above 0, such as 2.5", model, r.PerSecond)
	}
	return nil
}

// longestModel bounds the names of task queues, for which Temporal takes a thousand bytes.
const longestModel = 500

func checkRates(o Options) error {
	for _, model := range slices.Sorted(maps.Keys(o.Rates)) {
		if err := CheckRate(o.Models, model, o.Rates[model]); err != nil {
			return &pawl.Error{Kind: pawl.ErrInput, Message: "Rates: " + err.Error()}
		}
	}
	return nil
}

// callQueue is the task queue for calls of a model; empty: it has none of its own, and they
// are for the workers of the run's build. It follows from what is part of a build's name, so
// that a queue which a workflow gives a call to is one that every worker of its build asks.
func (s *settings) callQueue(model string) string {
	provider, _ := llm.Split(model)
	for _, name := range []string{model, provider + "/*"} {
		if _, ok := s.Rates[name]; ok {
			return s.queueOf(name)
		}
	}
	return ""
}

// callsVersion is of what an ask is given and gives, see [question] and replay.Reply: builds in
// which that differs do not make each other's calls.
const callsVersion = 1

// queueOf is the task queue of an entry of Rates. It is that of all builds, since a provider
// counts the calls of an account, and a call carries all that it takes to make it.
func (s *settings) queueOf(entry string) string {
	kind := "" // what one with a store of blobs, or with keys, is given, one without cannot read
	if s.blobs != nil {
		kind = "-blobs"
	}
	if len(s.Keys) > 0 {
		kind += "-encrypted"
	}
	return fmt.Sprintf("%scalls-v%d%s/%s", s.prefix(), callsVersion, kind, entry)
}

// beginRated has this process make the calls that have queues of their own, until ctx ends or
// the workers that it returns, also with an error, are stopped.
func (e *Engine) beginRated(ctx context.Context) (begun []worker.Worker, err error) {
	s := e.keeper.settings
	names := slices.Sorted(maps.Keys(s.Rates))
	for _, name := range names { // before any of them takes a call
		if _, err := e.keeper.bound(ctx, s.queueOf(name), s.Rates[name].PerSecond); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		rate := s.Rates[name]
		w := worker.New(e.client, s.queueOf(name), worker.Options{
			MaxConcurrentActivityExecutionSize: cmp.Or(rate.Calls, s.Calls, 64),
			TaskQueueActivitiesPerSecond:       max(0, rate.PerSecond), // for a server that keeps none
			BackgroundActivityContext:          ctx,
			WorkerStopTimeout:                  stopPatience,
			DisableWorkflowWorker:              true,
			OnFatalError:                       e.refused,
		})
		w.RegisterActivityWithOptions(s.ask, activity.RegisterOptions{Name: askActivity})
		if err := w.Start(); err != nil {
			return begun, err
		}
		begun = append(begun, w)
	}
	return begun, nil
}
