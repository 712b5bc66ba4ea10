package cli

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/otlp"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/telemetry"
)

// operating is what a command that works for others shows to operators.
type operating struct {
	metrics   string // the address at which metrics are served; empty: nowhere
	serves    bool   // the command serves them where it serves runs
	logFormat string // of its log: text or json
}

func (a *app) operatingFlags(flags *pflag.FlagSet) {
	flags.StringVar(&a.operating.metrics, "metrics", "", "serve /metrics, for Prometheus, and /healthz at `ADDRESS`, a port or HOST:PORT; a port alone is of this machine")
	a.logFlag(flags)
}

func (a *app) logFlag(flags *pflag.FlagSet) {
	flags.Var(formatFlag{&a.operating.logFormat}, "log-format", "write the log to standard error as `FORMAT`: text for people, or json with the ids of run, step, attempt and trace")
}

// telemetrics is what tells operators of the runs that a store's engine executes.
type telemetrics struct {
	export   *otlp.Export
	observer *telemetry.Observer
	view     *view.View     // through which content is read
	journal  journal.Reader // that gauges look at
}

// observed makes what tells of runs, as the environment and flags say; nil: nothing is
// told. A store that is only read has none.
func (a *app) observed(ctx context.Context, as Settings) (*telemetrics, error) {
	settings := otlp.Read(a.getenv)
	served := a.operating.metrics != "" || a.operating.serves
	works := served || a.logsJSON()
	if as.ReadOnly || !settings.Traces && !settings.Metrics && !works && len(settings.Warnings) == 0 {
		return nil, nil
	}
	for _, text := range settings.Warnings {
		a.warnOperator(text)
	}
	if !settings.Traces && !settings.Metrics && !works {
		return nil, nil
	}
	t := &telemetrics{}
	var err error
	t.export, err = otlp.Open(ctx, otlp.Options{Settings: settings, Service: a.program, Version: buildVersion().Version, Serve: served, Warn: a.warnOperator})
	if err != nil {
		return nil, badInput("telemetry: %v", err)
	}
	o := telemetry.Options{Tracers: t.export.Tracers, Meters: t.export.Meters, Latest: settings.Latest, OpenInference: settings.OpenInference}
	if settings.Content && settings.Traces {
		o.Content = t.content
	}
	if c := a.under; c != nil && (c.Name() == "worker" || c.Name() == "serve") {
		o.Gauges = t.gauges(a.flowNames())
	}
	if a.logsJSON() {
		o.Logger = a.jsonLog()
	}
	t.observer, err = telemetry.New(ctx, &o)
	return t, err
}

// warnOperator says what is wrong with telemetry.
func (a *app) warnOperator(text string) {
	switch {
	case a.quiet:
	case a.logsJSON():
		a.jsonLog().Warn(text)
	default:
		a.stamped("%s", term.Plain(text))
	}
}

// close sends what is left.
func (t *telemetrics) close(ctx context.Context) {
	if t != nil {
		t.export.Close(context.WithoutCancel(ctx))
	}
}

// content reads what an attempt asked and was answered, masked as everything that is shown.
func (t *telemetrics) content(ctx context.Context, run pawl.RunID, key pawl.Key, attempt int) (c telemetry.Content, err error) {
	step, err := t.view.Step(ctx, run, key)
	if err != nil {
		return c, err
	}
	if i := slices.IndexFunc(step.Requests, func(r view.Request) bool { return r.Number == attempt }); i >= 0 {
		c.Messages = step.Requests[i].Messages
	}
	if i := slices.IndexFunc(step.Step.Attempts, func(at pawl.Attempt) bool { return at.Number == attempt }); i >= 0 && step.Step.Attempts[i].Raw != nil {
		c.Answer = *step.Step.Attempts[i].Raw
	}
	return c, nil
}

// maxIdle is how many queued runs are counted.
const maxIdle = 1000

// gauges returns what looks at the store, as far as its journal tells.
func (t *telemetrics) gauges(flows []string) func(context.Context) telemetry.Gauges {
	return func(ctx context.Context) (g telemetry.Gauges) {
		if queue, ok := t.journal.(journal.Queue); ok {
			if idle, err := queue.Idle(ctx, flows, maxIdle); err == nil {
				g.Queued = new(int64(len(idle)))
			}
		}
		if commands, ok := t.journal.(journal.Commands); ok {
			if open, err := commands.OpenBlockers(ctx, pawl.RunFilter{Current: true}); err == nil {
				g.Blockers = []telemetry.OpenBlocker{}
				for _, b := range open {
					opened, _ := replay.Opened(b.Event)
					kind := cmp.Or(opened.Kind, pawl.BlockerFailure) // which one is that cannot be read
					g.Blockers = append(g.Blockers, telemetry.OpenBlocker{Kind: kind, Since: b.Event.At.Time})
				}
			}
		}
		if disk, ok := t.journal.(interface{ Free() (int64, error) }); ok {
			if free, err := disk.Free(); err == nil {
				g.DiskFree = &free
			}
		}
		return g
	}
}

// traceparent is the trace that this command is a part of, by the variable that those who
// start programs use; one that is not valid is none.
func (a *app) traceparent() string {
	return telemetry.Traceparent(telemetry.WithTraceparent(context.Background(), a.getenv("TRACEPARENT")))
}
