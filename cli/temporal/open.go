package temporal

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"sync/atomic"

	"go.temporal.io/sdk/contrib/envconfig"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	engine "github.com/pawlrun/pawl/engine/temporal"
)

// Open opens the place where Temporal keeps runs. It is for cli.Program.
func Open(ctx context.Context, s cli.Settings) (*cli.Store, error) {
	return open(ctx, s, envconfig.EnvLookupOS)
}

func open(ctx context.Context, s cli.Settings, env environment) (*cli.Store, error) {
	o, err := options(s, env)
	if err != nil {
		return nil, err
	}
	if !s.Existing { // for what commands keep beside the runs, such as the secret of sessions
		if err := os.MkdirAll(s.Dir, 0o700); err != nil {
			return nil, &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("make the data directory: %v", err), Err: err, Hint: "choose another with --data"}
		}
	}
	e, err := engine.Open(ctx, o)
	if err != nil {
		return nil, unreachable(err, place(o.Client))
	}
	j := e.Journal()
	return &cli.Store{Engine: &helping{Engine: e}, Journal: j, Place: "Temporal at " + place(o.Client), Close: j.Close}, nil
}

// unreachable adds to why Temporal cannot be used which one was asked.
func unreachable(err error, place string) error {
	e := *pawl.AsError(err, pawl.ErrStorage)
	e.Hint = "Temporal is looked for at " + place + "; TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say where it is, and `temporal server start-dev` starts one on this machine"
	return &e
}

// helping is the engine of a command: it has this process execute runs where nobody else
// would execute the one that it is told of.
type helping struct {
	*engine.Engine
	helps atomic.Bool // it does
}

var _ pawl.Engine = (*helping)(nil)

// Start implements pawl.Engine. A run that is only to be queued is left to workers.
func (h *helping) Start(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) (pawl.RunID, error) {
	if o == nil || !o.Queue {
		if err := h.Execute(); err != nil {
			return "", err
		}
	}
	return h.Engine.Start(ctx, f, input, o)
}

// Decide implements pawl.Engine.
func (h *helping) Decide(ctx context.Context, id pawl.RunID, d pawl.Decision) error {
	if err := h.help(ctx, id); err != nil {
		return err
	}
	return h.Engine.Decide(ctx, id, d)
}

// Direct implements pawl.Engine.
func (h *helping) Direct(ctx context.Context, id pawl.RunID, d pawl.Directive) error {
	if err := h.help(ctx, id); err != nil {
		return err
	}
	return h.Engine.Direct(ctx, id, d)
}

func (h *helping) help(ctx context.Context, id pawl.RunID) error {
	helps, err := h.Help(ctx, id)
	if helps {
		h.helps.Store(true)
	}
	return err
}

// Events implements pawl.Engine. Who follows a run on makes the calls that it wants, if nobody
// else is there.
func (h *helping) Events(ctx context.Context, id pawl.RunID, after pawl.Seq) iter.Seq2[pawl.Event, error] {
	if h.helps.Load() {
		if err := h.Execute(); err != nil {
			return func(yield func(pawl.Event, error) bool) { yield(pawl.Event{}, err) }
		}
	}
	return h.Engine.Events(ctx, id, after)
}
