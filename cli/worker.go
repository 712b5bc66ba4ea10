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
	a.notifyFlags(c.Flags())
	a.operatingFlags(c.Flags())
	c.Flags().BoolVar(&o.Drain, "drain", false, "end when nothing is left to do")
	return c
}

func (a *app) work(ctx context.Context, o local.WorkOptions) error {
	w, err := a.newWorking(ctx, "worker", o)
	if err != nil {
		return err
	}
	return w.until(nil)
}

// working is a process that takes up runs until it is told to end.
type working struct {
	*workerLines
	name   string // of the command
	o      local.WorkOptions
	worker interface {
		Work(context.Context, *local.WorkOptions) error
	}
	missing error // why runs that name no model are left; nil: they are not
}

// newWorking opens the data directory for a process that takes up runs.
func (a *app) newWorking(ctx context.Context, name string, o local.WorkOptions) (*working, error) {
	if len(a.flows) == 0 {
		return nil, badInput("%s, so it cannot execute runs", a.flowList())
	}
	if err := a.readNotify(); err != nil {
		return nil, err
	}
	w := &working{name: name, o: o, missing: a.needModel(ctx)}
	s, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	w.workerLines = &workerLines{app: a, store: s, ctx: ctx}
	w.o.Seen = w.seen
	var ok bool
	if w.worker, ok = s.engine.(interface {
		Work(context.Context, *local.WorkOptions) error
	}); !ok {
		return nil, closing(ctx, s, unable("take up queued runs"))
	}
	return w, nil
}

// until takes up runs until a signal comes, nothing is left that is to be done, or beside
// ends: something else that the process does meanwhile, until its context ends. It closes
// the store.
func (w *working) until(beside func(context.Context) error) error {
	a, s, ctx := w.app, w.store, w.ctx
	signals, stop := a.catchSignals()
	defer stop()
	if a.operating.metrics != "" {
		server, err := s.told.export.Listen(a.operating.metrics)
		if err != nil {
			return closing(ctx, s, badInput("--metrics: %v", err))
		}
		defer server.Close()
		a.sayWorker("metrics are served at %s", server.URL)
	}
	a.sayWorker("working on %s, at most %s at once", strings.Join(a.flowNames(), ", "), term.Count(int64(w.o.Limit), "run"))
	w.sayStanding()
	if w.missing != nil {
		a.sayWorker("runs that name no model are left queued: %s", w.missing)
	}
	a.warnStandIn(a.defaultModel(), a.getenv(modelVariable) != "")
	untell, err := a.tellRests(ctx, s)
	if err != nil {
		return closing(ctx, s, err)
	}
	working, end := context.WithCancel(ctx)
	defer end()
	patient, cut := context.WithCancel(ctx)
	defer cut()
	done, closed := make(chan struct{}), make(chan struct{})
	open, shut := context.WithCancel(ctx)
	defer shut()
	var failed error // of what is beside
	go func() {
		defer close(closed)
		if beside != nil {
			failed = beside(open)
			end()
		}
	}()
	go func() {
		defer close(done)
		err = w.worker.Work(working, &w.o)
		shut()
		<-closed
	}()
	unschedule := a.fireSchedules(open, s, w.o)
	idle := true // when the end was asked for
	sig, left := a.wait(stopping{done: done, signals: signals, cut: cut, idle: w.idle, ask: func(os.Signal) {
		idle = w.idle()
		shut()
		go func() {
			<-closed // requests under way still want the engine
			end()
			s.engine.Close(patient) // waited for by Work, and closed once more with the store
		}()
	}})
	end()
	unschedule()
	if left != nil {
		return a.workerLeft(sig, w.name, "ended at once; its runs are taken up again")
	}
	untell()
	if failed != nil {
		err = failed
	}
	if err := closing(ctx, s, err); err != nil || sig == nil {
		return err
	}
	if idle {
		return a.workerLeft(sig, w.name, "ended")
	}
	return a.workerLeft(sig, w.name, "ended; what was not finished is queued")
}

// standing says as what a process executes runs, where its engine tells.
func (s *store) standing(ctx context.Context) ([]string, error) {
	if e, ok := s.engine.(interface {
		Standing(context.Context) ([]string, error)
	}); ok {
		return e.Standing(ctx)
	}
	return nil, nil
}

func (w *working) sayStanding() {
	said, err := w.store.standing(w.ctx)
	for _, line := range said {
		w.app.sayWorker("%s", line)
	}
	if err != nil {
		w.app.sayWorker("whether workers of other builds are there is not known: %v", err)
	}
}

// sayWorker says something about the worker itself.
func (a *app) sayWorker(format string, args ...any) {
	if !a.quiet {
		a.stamped(format, args...)
	}
}

func (a *app) workerLeft(sig os.Signal, name, message string) error {
	return &ending{err: &pawl.Error{Kind: pawl.ErrInterrupt, Message: name + " " + message}, code: signalExit(sig), next: a.again(name)}
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
