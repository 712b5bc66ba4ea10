package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// checkDetached refuses what cannot be had of a run that another process
// executes. Whether a model has its key is for that one to see.
func (a *app) checkDetached(o runOptions) error {
	switch {
	case len(a.calls.words()) > 0:
		return badInput("%s does not go with --detach: it counts where the run is executed; give it to worker", a.calls.words()[0])
	case a.tokens:
		return badInput("--tokens does not go with --detach: watch RUN --tokens shows them")
	case a.stateDir != "":
		return badInput("--save-state does not go with --detach: it is written where the run is executed")
	case o.output != "":
		return badInput("-o does not go with --detach: the result comes later; result RUN -o %s writes it then", term.Quote(o.output))
	case o.wanted:
		return badInput("--require-approval does not go with --detach: the result comes later; result RUN --require-approval says then whether it is approved")
	}
	err := a.checkModels(o.model, o.others)
	if known := (*llm.Error)(nil); errors.As(err, &known) {
		return nil
	}
	return err
}

// detach queues a run and prints its id.
func (a *app) detach(ctx context.Context, f pawl.Flow, input json.RawMessage, o runOptions) error {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	return a.detachOn(ctx, s, f, input, o.start(a), o)
}

// detachOn is detach for what was opened and is to be started so.
func (a *app) detachOn(ctx context.Context, s *store, f pawl.Flow, input json.RawMessage, start *pawl.StartOptions, o runOptions) error {
	id, err := o.begin(ctx, s, f, input, start)
	if err != nil {
		return closing(ctx, s, err)
	}
	q, err := a.queuedRun(ctx, s, id)
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	return a.sayQueued(q, o.model != "")
}

// queuedRun is a run that was just queued.
type queuedRun struct {
	pawl.RunRecord
	workers int // that take up runs of its flow
}

func (a *app) queuedRun(ctx context.Context, s *store, id pawl.RunID) (q queuedRun, err error) {
	if q.RunRecord, err = a.get(ctx, s, id); err == nil {
		q.workers, err = s.workers(ctx, q.Flow)
	}
	return q, err
}

// sayQueued prints a run that was queued. named says that somebody chose its model.
func (a *app) sayQueued(q queuedRun, named bool) error {
	if a.json {
		if err := a.printJSON(q.RunRecord); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(a.out, q.ID)
	}
	if a.quiet {
		return nil
	}
	a.say("run %s %s is queued with %s", q.ID, q.Flow, cmp.Or(q.Model, "the model of the worker that takes it up"))
	a.warnStandIn(q.Model, named)
	if q.workers == 0 {
		a.say("no worker is there to execute it; start one: %s", a.command("worker"))
	}
	if a.stderr.Terminal {
		a.say("follow it: %s", a.command("watch", string(q.ID)))
	}
	return nil
}

// workers counts the live processes that take up runs of a flow, as far as the
// engine or its journal can tell.
func (s *store) workers(ctx context.Context, flow string) (n int, err error) {
	if e, ok := s.engine.(interface {
		Workers(ctx context.Context, flow string) (int, error)
	}); ok {
		return e.Workers(ctx, flow)
	}
	q, ok := s.journal.(journal.Queue)
	if !ok {
		return 0, nil
	}
	offers, err := q.Offers(ctx)
	for _, o := range offers {
		if slices.Contains(o.Flows, flow) {
			n++
		}
	}
	return n, err
}
