package temporal

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/llm"
)

// The most that one value may take: Temporal refuses what is above 2 MiB, some of it by
// ending the workflow. With a store of blobs larger ones go there, and ours are the bounds.
const (
	mostAlone = 1 << 20
	mostBlobs = 32 << 20
)

// settings are what workflows and activities of an engine go by.
type settings struct {
	Options
	ctx       context.Context // that does not end
	log       *slog.Logger
	most      int
	heartbeat time.Duration
	limit     atomic.Int64            // of runs whose code this process executes at once; 0: the SDK's
	seen      atomic.Pointer[telling] // told of runs that begin and rest; nil: nobody is
	works     atomic.Bool             // this process executes runs
	lasts     atomic.Bool             // until somebody stops it
	blobs     Blobs
	keys      *keys  // nil: nothing is encrypted
	label     string // of the build, for people

	mu    sync.Mutex // guards flows
	flows map[string]pawl.Flow
}

func newSettings(ctx context.Context, o Options) *settings {
	s := &settings{Options: o, ctx: ctx, log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)), most: mostAlone, heartbeat: cmp.Or(o.Heartbeat, time.Minute), blobs: o.Blobs, flows: map[string]pawl.Flow{}}
	if s.blobs != nil {
		s.most = mostBlobs
	}
	if s.Prices == nil {
		s.Prices = llm.DefaultPrices()
	}
	for _, f := range o.Flows {
		s.flows[f.Name()] = f
	}
	return s
}

// prefix is how the names of task queues and workflows begin.
func (s *settings) prefix() string { return cmp.Or(s.Queue, "pawl") + "-" }

// program is the name with which runs are recorded.
func (s *settings) program() string { return cmp.Or(s.Program, local.MainModule()) }

// flow returns the flow of that name as it was made; nil: there is none.
func (s *settings) flow(name string) pawl.Flow {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flows[name]
}

// know makes a flow known, as it was made.
func (s *settings) know(f pawl.Flow) {
	if c, ok := f.(interface {
		ReplacePrompts(...pawl.PromptFile) (pawl.Flow, error)
	}); ok {
		if own, err := c.ReplacePrompts(); err == nil {
			f = own
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flows[f.Name()] = f
}

// workflowDeps are those of runs, in workflows: nothing in them tells one worker of a build
// from another.
func (s *settings) workflowDeps(quiet *atomic.Bool) exec.Deps {
	return exec.Deps{
		Models: named(s.Models), Prices: s.Prices, Log: slog.New(&repeated{s.log.Handler(), quiet}),
		Evict: time.Second, Strict: s.Strict, OnChange: exec.OnChange(s.OnChange), Timeout: s.Timeout,
	}
}

// activityDeps are those of activities, which have the keys.
func (s *settings) activityDeps() *exec.Deps {
	return &exec.Deps{Models: s.Models, Prices: s.Prices, Log: s.log}
}

// name is a provider of which a workflow knows no more than that there is one: whether there
// are keys is known where the model is asked.
type name struct{ llm.Model }

func named(c llm.Catalog) llm.Catalog {
	all := maps.Clone(c)
	for provider := range all {
		all[provider] = name{}
	}
	return all
}

// repeated is a handler of logs that is silent while a workflow is replayed.
type repeated struct {
	slog.Handler
	quiet *atomic.Bool
}

func (r *repeated) Enabled(ctx context.Context, l slog.Level) bool {
	return !r.quiet.Load() && r.Handler.Enabled(ctx, l)
}
