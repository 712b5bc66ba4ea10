package temporal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"

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
	return checkPerSecond(model, r.PerSecond)
}

func checkPerSecond(what string, rate float64) error {
	if math.IsNaN(rate) || math.IsInf(rate, 0) {
		return fmt.Errorf("%s: %v calls in a second, wants a number above 0, such as 2.5", what, rate)
	}
	return nil
}

// longestModel bounds the names of task queues, for which Temporal takes a thousand bytes.
const longestModel = 500

func checkRates(o Options) error {
	if err := checkPerSecond("CallsPerSecond", o.CallsPerSecond); err != nil {
		return &pawl.Error{Kind: pawl.ErrInput, Message: err.Error()}
	}
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

// boundAll has Temporal keep the rates of queues, before any of them is asked.
func (k *keeper) boundAll(ctx context.Context, queues []served) error {
	for _, q := range queues {
		if q.does&calls == 0 || q.rate.PerSecond == 0 {
			continue
		}
		if err := k.bound(ctx, q.queue, q.rate.PerSecond); err != nil {
			return err
		}
	}
	return nil
}

// bound has Temporal keep how many calls all workers of a queue begin in a second; below 0: nothing
// bounds them any more. What the SDK says of it with each request for work would not do: Temporal
// goes by what it was told last, and a process without a bound says that there is none.
func (k *keeper) bound(ctx context.Context, queue string, rate float64) error {
	is := &workflowservice.UpdateTaskQueueConfigRequest_RateLimitUpdate{Reason: "CallsPerSecond"}
	if rate > 0 {
		is.RateLimit = &taskqueuepb.RateLimit{RequestsPerSecond: float32(rate)}
	}
	_, err := k.client.WorkflowService().UpdateTaskQueueConfig(ctx, &workflowservice.UpdateTaskQueueConfigRequest{
		Namespace: k.settings.namespace(), TaskQueue: queue, TaskQueueType: enumspb.TASK_QUEUE_TYPE_ACTIVITY, UpdateQueueRateLimit: is, Identity: newName(),
	})
	var unknown *serviceerror.Unimplemented
	var denied *serviceerror.PermissionDenied
	if errors.As(err, &unknown) || errors.As(err, &denied) {
		k.settings.log.Warn("Temporal does not keep how many calls begin in a second: a process that says nothing of it switches it off for all", "error", err.Error())
		err = nil
	}
	return err
}

// isBound reports whether calls of a queue are bounded: by what this process has said, or else by
// what Temporal keeps.
func (k *keeper) isBound(ctx context.Context, q served) bool {
	if q.rate.PerSecond != 0 {
		return q.rate.PerSecond > 0
	}
	return k.isBounded(ctx, q.queue)
}

// isBounded reports whether Temporal keeps a bound for a queue. A server that does not say has
// none.
func (k *keeper) isBounded(ctx context.Context, queue string) bool {
	d, err := k.client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: k.settings.namespace(), TaskQueue: &taskqueuepb.TaskQueue{Name: queue, Kind: enumspb.TASK_QUEUE_KIND_NORMAL},
		TaskQueueType: enumspb.TASK_QUEUE_TYPE_ACTIVITY, ReportConfig: true,
	})
	return err == nil && d.GetConfig().GetQueueRateLimit().GetRateLimit() != nil
}
