package temporal

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/temporal"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Options says what an Engine stands on.
type Options struct {
	Client client.Options // where Temporal is; one with a DataConverter is refused

	// Queue is how the names of the engine's task queues and workflows begin; empty: pawl.
	// Engines of one namespace with different ones see nothing of each other's runs. Each
	// build has a queue of its own, see Build.
	Queue string

	// Build names the build of the program: a run is executed by workers of the build that
	// began it, until another takes it over. Empty: the version of the program's module or the
	// commit that it was compiled from, for whatever machine, with its compiler, tags and
	// modules; where the program does not say so, or files had been changed, the digest of its
	// file. What else decides on runs (prices, Timeout, Strict, OnChange, the names of providers
	// and of Rates, whether there are Blobs and Keys) is part of a queue's name beside it.
	Build string

	// Work has this process execute runs, too; false: it starts, shows and steers them. If Temporal
	// refuses one of its workers for good, as where its namespace is gone, all of them end, the logger
	// is told why, and so is who calls Work or Execute.
	Work bool

	// Stay has a worker leave runs alone whose build has no worker left. False: it takes them
	// over by itself when they have something to do, within two minutes or so, or four where the
	// last worker was killed.
	Stay bool

	Models  llm.Catalog  // providers by name
	Prices  llm.Prices   // of their models; nil: llm.DefaultPrices
	Model   string       // provider/model of runs that name none, and are started or else first executed here
	Logger  *slog.Logger // nil: logs nothing
	Flows   []pawl.Flow  // that this process has; a worker executes runs of no others
	Program string       // as in local.Options

	Strict   bool             // as in local.Options
	OnChange local.OnChange   // as in local.Options
	Timeout  time.Duration    // as in local.Options
	Pieces   func(pawl.Piece) // as in local.Options, of calls that this process makes

	// Blobs keeps values that are larger than 256 KiB, out of Temporal's histories; nil: a
	// value may take 1 MiB, what is larger is refused, and histories are not continued in
	// new ones when they become long.
	Blobs Blobs

	// Keys encrypt what Temporal and Blobs are given: inputs, prompts, answers, decisions, and the
	// texts of errors. Each has 32 bytes, for AES-256-GCM; the first encrypts, and what any of them
	// has encrypted is read. All processes need the same ones: without its key a run can be
	// neither read nor executed. Names (of flows, models, programs, steps and items), times, sizes and
	// how a run stands stay readable, and what the SDK answers to a query that panics is on its way.
	// Of large values it can be seen which are equal. Nil: nothing is encrypted.
	Keys [][]byte

	// Heartbeat is how long Temporal hears nothing of a call before it takes its worker for
	// dead; 0: a minute.
	Heartbeat time.Duration

	// Calls is how many calls of models this process makes at once; 0: 64.
	Calls int

	// CallsPerSecond is how many calls all workers of a build begin in a second, together, from
	// when this process makes calls. Temporal keeps it with the build's task queue, as it was
	// said last. 0: this process says nothing of it. Negative: it is bounded no longer.
	CallsPerSecond float64

	// Rates are of models whose calls have a task queue of their own, by full name, or as
	// PROVIDER/* of all models of a provider that have no entry: what bounds them holds
	// nothing else back, and is not counted for CallsPerSecond. Workers of all builds with
	// such an entry and Queue serve it, and make each other's calls: give all of one Queue the
	// same providers and keys. The names, not the rates, are part of a build's name. Open
	// refuses what CheckRate does.
	Rates map[string]Rate
}

// Engine has Temporal execute runs. It implements pawl.Engine; reading is for Journal.
type Engine struct {
	*local.Engine // starts, shows and steers runs, over the keeper
	keeper        *keeper
	client        client.Client

	mu      sync.Mutex // guards all below
	workers []member   // none: this process executes nothing
	does    part       // what they do
	closed  bool
	sweep   func()        // ends the sweeping; nil: there is none
	ended   chan struct{} // closed when all that they do has ended; nil: they are not stopped
	why     error         // Temporal refuses one of them for good

	sign *sign         // by which others know that this process executes runs
	died chan struct{} // closed when there is a why

	down chan struct{} // closed when the engine is
}

var _ pawl.Engine = (*Engine)(nil)

// Open connects to Temporal, and begins to execute runs if Work says so.
func Open(ctx context.Context, o Options) (*Engine, error) {
	s, build, err := prepared(ctx, o)
	if err != nil {
		return nil, err
	}
	c, err := client.DialContext(ctx, s.Client)
	if err != nil {
		return nil, unreachable(s.Client.HostPort, err)
	}
	e := over(c, s, build)
	e.keeper.attribute = e.keeper.hasAttributes(ctx)
	if o.Work {
		if err := e.begin(advances|calls, lasting); err != nil {
			c.Close()
			return nil, err
		}
	}
	return e, nil
}

// prepared is what an engine goes by, and the name of its build.
func prepared(ctx context.Context, o Options) (*settings, string, error) {
	if strings.ContainsAny(o.Queue, "'\"\\") {
		return nil, "", &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("queue %q: a name has no quotes and no backslashes", o.Queue)}
	}
	if o.Client.DataConverter != nil {
		return nil, "", &pawl.Error{Kind: pawl.ErrInput, Message: "Client.DataConverter: the engine has a converter of its own", Hint: "leave it out; Keys encrypts"}
	}
	if err := checkRates(o); err != nil {
		return nil, "", err
	}
	s := newSettings(context.WithoutCancel(ctx), o)
	build, err := buildOf(s)
	if err != nil {
		return nil, "", err
	}
	if s.keys, err = newKeys(o.Keys); err != nil {
		return nil, "", err
	}
	s.Client.DataConverter = s.converter()
	if s.keys != nil { // what a panic or an error says may be of a value
		s.Client.FailureConverter = sdk.NewDefaultFailureConverter(sdk.DefaultFailureConverterOptions{DataConverter: s.Client.DataConverter, EncodeCommonAttributes: true})
	}
	if s.Client.Logger == nil {
		s.Client.Logger = s.log
	}
	return s, build, nil
}

// over is an engine over a connection, which executes nothing yet.
func over(c client.Client, s *settings, build string) *Engine {
	o := &s.Options
	k := newKeeper(c, s, s.prefix(), build)
	e := &Engine{client: c, keeper: k, down: make(chan struct{}), died: make(chan struct{}), sign: &sign{keeper: k, name: newName()}}
	if o.Stay {
		e.sign.name += stays
	}
	e.Engine = local.New(&local.Options{Journal: k, Models: o.Models, Prices: o.Prices, Model: o.Model, Logger: o.Logger, Flows: o.Flows, Program: o.Program,
		Strict: o.Strict, OnChange: o.OnChange, Timeout: o.Timeout, Elsewhere: true})
	return e
}

// Start implements pawl.Engine.
func (e *Engine) Start(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) (pawl.RunID, error) {
	e.keeper.settings.know(f)
	return e.Engine.Start(ctx, f, input, o)
}

// Journal returns the runs as Temporal keeps them, to be read. It is to be closed after the
// engine: that closes the connection.
func (e *Engine) Journal() interface {
	journal.Reader
	Close() error
} {
	return e.keeper
}

func unreachable(at string, err error) error {
	return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("Temporal at %q: %v", cmp.Or(at, client.DefaultHostPort), err), Err: err}
}
