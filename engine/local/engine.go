package local

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Options says what an Engine stands on.
type Options struct {
	Journal journal.Journal // required; whoever opened it closes it, after the engine
	Models  llm.Catalog     // providers by name
	Model   string          // provider/model of runs that name none
	Flows   []pawl.Flow     // known by name, to resume their runs; a flow given to Start is known too
	Logger  *slog.Logger    // nil: logs nothing
}

// Engine executes runs in this process. It implements pawl.Engine.
type Engine struct {
	journal journal.Journal
	models  llm.Catalog
	model   string
	log     *slog.Logger

	mu       sync.Mutex
	flows    map[string]pawl.Flow
	live     map[pawl.RunID]*activation
	stopped  map[pawl.RunID]error // runs that this engine had to drop, and why
	limiters map[string]*limiter  // by full model name
	closed   bool

	calls sync.WaitGroup // attempts under way, also those that were given up
}

var _ pawl.Engine = (*Engine)(nil)

// New makes an engine. It panics without a journal.
func New(o *Options) *Engine {
	if o == nil || o.Journal == nil {
		panic("local.New: no journal")
	}
	e := &Engine{
		journal: o.Journal, models: o.Models, model: o.Model,
		log:      cmp.Or(o.Logger, slog.New(slog.DiscardHandler)),
		flows:    map[string]pawl.Flow{},
		live:     map[pawl.RunID]*activation{},
		stopped:  map[pawl.RunID]error{},
		limiters: map[string]*limiter{},
	}
	for _, f := range o.Flows {
		e.flows[f.Name()] = f
	}
	return e
}

// Start implements pawl.Engine.
func (e *Engine) Start(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) (pawl.RunID, error) {
	if o == nil {
		o = &pawl.StartOptions{}
	}
	checked, err := f.CheckInput(input)
	if err != nil {
		return "", pawl.AsError(err, pawl.ErrInput)
	}
	info := f.Describe()
	model := replay.Model{Name: cmp.Or(o.Model, e.model), Forced: o.Model != ""}
	if err := e.checkModels(info, model); err != nil {
		return "", err
	}
	id := pawl.NewRunID()
	created := journal.Created{Flow: f.Name(), Fingerprint: info.Fingerprint, Model: model.Name, Forced: model.Forced, Seed: seed(), Input: checked}
	e.mu.Lock()
	closed := e.closed
	e.flows[f.Name()] = f
	e.mu.Unlock()
	if closed {
		return "", errClosed()
	}
	claim, err := e.journal.Create(ctx,
		journal.NewRun{ID: id, Flow: f.Name(), Model: model.Name, Summary: journal.Summary{Status: pawl.StatusRunning}},
		[]journal.Draft{{Type: pawl.EventCreated, At: pawl.At(time.Now()), Body: created}})
	if err != nil {
		return "", pawl.AsError(err, pawl.ErrStorage)
	}
	return id, e.activate(ctx, f, claim, nil)
}

func errClosed() error {
	return &pawl.Error{Kind: pawl.ErrStopped, Message: "the engine is closed"}
}

// checkModels refuses names that no provider knows before anything is stored.
func (e *Engine) checkModels(info pawl.FlowInfo, m replay.Model) error {
	if m.Name == "" {
		return &pawl.Error{Kind: pawl.ErrInput, Message: "no model is given and there is no default"}
	}
	if _, _, err := e.models.Lookup(m.Name); err != nil {
		return &pawl.Error{Kind: pawl.ErrInput, Message: err.Error(), Err: err}
	}
	for _, p := range info.Prompts {
		if p.Model == "" || m.Forced {
			continue
		}
		if _, _, err := e.models.Lookup(p.Model); err != nil {
			return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("prompt %q: %v", p.Name, err), Err: err}
		}
	}
	return nil
}

func seed() uint64 {
	var b [8]byte
	crand.Read(b[:]) // never fails, see crypto/rand
	return binary.BigEndian.Uint64(b[:])
}

// activate reads a claimed run and begins to execute it. first is called in the
// run's own goroutine before anything else, and may add events.
func (e *Engine) activate(ctx context.Context, f pawl.Flow, claim *journal.Claim, first func(*activation)) error {
	events, err := e.journal.Read(ctx, claim.Run, 0, 0)
	var st *replay.State
	if err == nil {
		st, err = replay.Fold(events)
	}
	if err != nil {
		e.journal.Release(context.WithoutCancel(ctx), claim)
		return pawl.AsError(err, pawl.ErrStorage)
	}
	a := newActivation(e, f, claim, st, context.WithoutCancel(ctx))
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		e.journal.Release(context.WithoutCancel(ctx), claim)
		return errClosed()
	}
	delete(e.stopped, claim.Run)
	e.live[claim.Run] = a
	e.mu.Unlock()
	if first != nil {
		a.inbox.put(func() { first(a) })
	}
	go a.run()
	return nil
}

// ended is called by an activation when it is over. err says why it had to drop
// the run; nil if the run is at rest.
func (e *Engine) ended(a *activation, err error) {
	if err != nil {
		e.log.Error("run dropped", "run", a.id, "error", err)
		if errors.Is(err, journal.ErrLost) {
			err = &pawl.Error{Kind: pawl.ErrConflict, Run: a.id, Message: fmt.Sprintf("run %s was taken by another process", a.id), Err: err}
		}
		e.mu.Lock()
		e.stopped[a.id] = err
		e.mu.Unlock()
		a.drop()
	}
	if err := e.journal.Release(a.ctx, a.claim); err != nil {
		e.log.Error("claim not released", "run", a.id, "error", err)
	}
	e.mu.Lock()
	delete(e.live, a.id)
	e.mu.Unlock()
}

func (e *Engine) activation(id pawl.RunID) *activation {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.live[id]
}

func (e *Engine) limiter(model string) *limiter {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.limiters[model]
	if l == nil {
		l = newLimiter(maxInFlight)
		e.limiters[model] = l
	}
	return l
}

// Close implements pawl.Engine.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	var live []*activation
	for _, a := range e.live {
		live = append(live, a)
	}
	e.mu.Unlock()
	for _, a := range live {
		a.inbox.put(func() { a.closing = true })
	}
	for _, a := range live {
		select {
		case <-a.over:
		case <-ctx.Done():
			a.inbox.put(a.cutCalls)
			<-a.over
		}
	}
	ended := make(chan struct{})
	go func() {
		e.calls.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done(): // code that does not listen to its context is left behind
	}
	return nil
}
