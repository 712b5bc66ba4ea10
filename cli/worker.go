package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/view"
)

func (a *app) workerCommand() *cobra.Command {
	var o local.WorkOptions
	c := &cobra.Command{
		Use:   "worker",
		Short: "Execute queued runs, and those of processes that died",
		Long: "Execute the runs that `run --detach` has queued, and take over those whose\n" +
			"process died. Several workers share the work: a run is executed by one process\n" +
			"at a time. A run that was paused or failed is left to people. Ctrl-C lets the\n" +
			"calls in flight end and leaves the rest to the next. With --json each run that\n" +
			"begins or comes to rest is a line on standard output.",
		Example: a.example("worker") + "\n" + a.example("worker", "--limit", "4") + "\n" + a.example("worker", "--drain", "--quiet"),
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.Limit < 1 {
				return badInput("--limit is %d, wants 1 or more", o.Limit)
			}
			return a.work(c.Context(), o)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().IntVar(&o.Limit, "limit", 16, "execute at most `N` runs at once")
	a.callFlags(c.Flags())
	a.changeFlags(c.Flags())
	a.operatingFlags(c.Flags())
	c.Flags().BoolVar(&o.Drain, "drain", false, "end when nothing is left to do")
	return c
}

func (a *app) work(ctx context.Context, o local.WorkOptions) error {
	if len(a.flows) == 0 {
		return badInput("%s, so it cannot execute runs", a.flowList())
	}
	missing := a.needModel(ctx)
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	worker, ok := s.engine.(interface {
		Work(context.Context, *local.WorkOptions) error
	})
	if !ok {
		return closing(ctx, s, unable("take up queued runs"))
	}
	if a.operating.metrics != "" {
		server, err := s.told.export.Listen(a.operating.metrics)
		if err != nil {
			return closing(ctx, s, badInput("--metrics: %v", err))
		}
		defer server.Close()
		a.sayWorker("metrics are served at %s", server.URL)
	}
	signals, stop := a.notify()
	defer stop()
	w := &workerLines{app: a, store: s, ctx: ctx}
	o.Seen = w.seen
	a.sayWorker("working on %s, at most %s at once", strings.Join(a.flowNames(), ", "), term.Count(int64(o.Limit), "run"))
	if missing != nil {
		a.sayWorker("runs that name no model are left queued: %s", missing)
	}
	a.warnStandIn(a.defaultModel(), a.getenv(modelVariable) != "")
	working, end := context.WithCancel(ctx)
	defer end()
	patient, cut := context.WithCancel(ctx)
	defer cut()
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = worker.Work(working, &o)
	}()
	firing := a.scheduler(s)
	if firing != nil && !o.Drain {
		firing.Start(working)
	}
	idle := true // when the end was asked for
	sig, left := a.wait(stopping{done: done, signals: signals, cut: cut, idle: w.idle, ask: func(os.Signal) {
		idle = w.idle()
		end()
		go s.engine.Close(patient) // waited for by Work, and closed once more with the store
	}})
	end()
	if firing != nil {
		firing.Stop()
	}
	if left != nil {
		return a.workerLeft(sig, "ended at once; its runs are taken up again")
	}
	if err := closing(ctx, s, err); err != nil || sig == nil {
		return err
	}
	if idle {
		return a.workerLeft(sig, "ended")
	}
	return a.workerLeft(sig, "ended; what was not finished is queued")
}

// sayWorker says something about the worker itself.
func (a *app) sayWorker(format string, args ...any) {
	if !a.quiet {
		a.stamped(format, args...)
	}
}

func (a *app) workerLeft(sig os.Signal, message string) error {
	return &ending{err: &pawl.Error{Kind: pawl.ErrInterrupt, Message: "worker " + message}, code: signalExit(sig), next: a.again("worker")}
}

// workerLines says what becomes of the runs that a worker takes up.
type workerLines struct {
	app   *app
	store *store
	ctx   context.Context

	busy atomic.Int64 // runs under way
}

func (w *workerLines) idle() bool { return w.busy.Load() == 0 }

func (w *workerLines) seen(r pawl.RunSummary) {
	a := w.app
	if r.Status == pawl.StatusRunning {
		w.busy.Add(1)
	} else {
		w.busy.Add(-1)
	}
	r.Reason = w.store.view.Reason(w.ctx, r)
	switch {
	case a.json:
		_ = a.printJSONLine(r) // plain values; a sink does not fail
	case a.quiet, a.logsJSON(): // the observer says it
	case r.Status == pawl.StatusRunning && r.UpdatedAt == r.CreatedAt:
		a.stamped("run %s %s begins with %s", r.ID, r.Flow, r.Model)
	case r.Status == pawl.StatusRunning:
		a.stamped("run %s %s goes on with %s", r.ID, r.Flow, r.Model)
	case r.Status == pawl.StatusDone:
		a.stamped("%s", strings.TrimSuffix(fmt.Sprintf("run %s is done, %s after it was made, %s", r.ID, term.Brief(r.UpdatedAt.Sub(r.CreatedAt.Time)), r.Reason), ", "))
	default:
		a.stamped("%s", page.Sentence("run %s "+view.Standing(r.Status), r.ID, r.Reason))
		w.sayWayOn(r)
	}
}

// sayWayOn prints the command that decides what a run waits for.
func (w *workerLines) sayWayOn(r pawl.RunSummary) {
	if r.Status != pawl.StatusWaiting {
		return
	}
	rec, err := w.app.get(w.ctx, w.store, r.ID)
	if err == nil && slices.ContainsFunc(rec.Blockers, page.AsksPerson) {
		fmt.Fprintln(w.app.err, "  "+w.app.liftCommand(rec))
	}
}
