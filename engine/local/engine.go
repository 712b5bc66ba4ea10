package local

import (
	"bytes"
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
	"github.com/pawlrun/pawl/schema"
)

// Options says what an Engine stands on.
type Options struct {
	Journal journal.Journal // required; whoever opened it closes it, after the engine
	Models  llm.Catalog     // providers by name
	Prices  llm.Prices      // of their models; nil: llm.DefaultPrices
	Model   string          // provider/model of runs that name none
	Flows   []pawl.Flow     // known by name, to resume their runs; a flow given to Start is known too
	Logger  *slog.Logger    // nil: logs nothing

	// Evict says when a run that only waits for a timer gives up its memory, to
	// be replayed when the time has come: if that is further away than this; 0:
	// 1 s; negative: always.
	Evict time.Duration

	// Strict stops a run whose flow asks something else than what was recorded: a
	// step whose prompt, input or answer type has changed. Otherwise the recorded
	// result is kept and the step marked stale.
	Strict bool
}

// Engine executes runs in this process. It implements pawl.Engine.
type Engine struct {
	journal journal.Journal
	models  llm.Catalog
	prices  llm.Prices
	model   string
	log     *slog.Logger
	recall  recall

	mu        sync.Mutex
	flows     map[string]pawl.Flow
	live      map[pawl.RunID]*activation
	listening chan struct{}        // closed when live is empty; nil: nobody listens for posts
	stopped   map[pawl.RunID]error // runs that this engine had to drop, and why
	limiters  map[string]*limiter  // by full model name
	closed    bool

	steering   map[pawl.RunID]chan struct{}  // runs that someone is about to claim
	unreleased map[pawl.RunID]*journal.Claim // claims that the journal failed to take back

	calls sync.WaitGroup // attempts under way, also those that were given up

	evict    time.Duration
	strict   bool
	sleepers sleepers
	worker   *worker // nil: it does not work
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

		steering: map[pawl.RunID]chan struct{}{}, unreleased: map[pawl.RunID]*journal.Claim{},
	}
	e.evict, e.strict = cmp.Or(o.Evict, time.Second), o.Strict
	if e.prices = o.Prices; e.prices == nil {
		e.prices = llm.DefaultPrices()
	}
	e.sleepers.wake = e.wake
	for _, f := range o.Flows {
		e.flows[f.Name()] = f
	}
	return e
}

// Register makes a flow known by its name, in the place of another of that name: for
// the runs that are taken up from now on.
func (e *Engine) Register(f pawl.Flow) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.flows[f.Name()] = f
}

// Start implements pawl.Engine.
func (e *Engine) Start(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) (pawl.RunID, error) {
	if o == nil {
		o = &pawl.StartOptions{}
	}
	if !o.Checked {
		checked, err := f.CheckInput(input)
		if err != nil {
			return "", pawl.AsError(err, pawl.ErrInput)
		}
		input = checked
	}
	if err := replay.CheckBudget(o.Budget); err != nil {
		return "", err
	}
	if o.ID != "" && !o.ID.Valid() {
		return "", &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("run id %q: wants 12 characters of 0-9 and a-v", o.ID)}
	}
	info := f.Describe()
	model := replay.Model{Name: cmp.Or(o.Model, e.model), Forced: o.Model != ""}
	// Of a run that others execute, they must have the keys.
	if err := e.checkModels(info, model); err != nil && !(o.Queue && errors.Is(err, pawl.ErrorKind(llm.Auth))) {
		return "", err
	}
	id := cmp.Or(o.ID, pawl.NewRunID())
	created := journal.Created{Flow: f.Name(), Fingerprint: info.Fingerprint, Model: model.Name, Forced: model.Forced, Seed: seed(), Input: input,
		Budget: o.Budget, Step: o.Step, Break: o.Break}
	e.mu.Lock()
	closed := e.closed
	e.flows[f.Name()] = f
	e.mu.Unlock()
	if closed {
		return "", errClosed()
	}
	run := journal.NewRun{ID: id, Flow: f.Name(), Model: model.Name, Summary: journal.Summary{Status: pawl.StatusRunning}}
	if o.Queue {
		run.Queued, run.Summary = true, journal.Summary{Status: pawl.StatusQueued, Reason: replay.NotBegun}
	}
	first := []journal.Draft{{Type: pawl.EventCreated, At: now(), Body: created}}
	claim, err := e.journal.Create(ctx, run, first)
	switch {
	case err != nil && o.ID != "" && errors.Is(err, pawl.ErrConflict):
		return id, e.startedBefore(ctx, id, created)
	case err != nil:
		return "", pawl.AsError(err, pawl.ErrStorage)
	case claim == nil:
		return id, nil
	}
	st, err := begun(claim, first)
	if err != nil {
		e.journal.Release(ctx, claim)
		return "", err
	}
	_, err = e.activateAs(ctx, f, claim, st, nil)
	return id, err
}

// begun returns the state of a run that was just created and claimed, as whoever
// reads it would have it.
func begun(claim *journal.Claim, first []journal.Draft) (*replay.State, error) {
	events, _, err := journal.Seal(journal.Claim{Run: claim.Run}, first)
	if err != nil {
		return nil, err
	}
	st, err := replay.Fold(events)
	if err == nil {
		err = st.Claimed(*claim)
	}
	return st, err
}

// startedBefore returns nil if the run of that id is what is to be created.
func (e *Engine) startedBefore(ctx context.Context, id pawl.RunID, created journal.Created) error {
	events, err := e.journal.Read(ctx, id, 0, 1)
	if err != nil {
		return pawl.AsError(err, pawl.ErrStorage)
	}
	before, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		return pawl.AsError(err, pawl.ErrDatabase)
	}
	was, err := schema.Canonical(before.Input)
	if err != nil {
		return pawl.AsError(err, pawl.ErrDatabase)
	}
	is, err := schema.Canonical(created.Input)
	if err != nil {
		return pawl.AsError(err, pawl.ErrInput)
	}
	if before.Flow != created.Flow || !bytes.Equal(was, is) {
		return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s exists already, with another flow or input", id)}
	}
	return nil
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
		return pawl.AsError(err, pawl.ErrInput)
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

// activate reads a claimed run and begins to execute it. If prior is not nil the
// run stood like that before it was claimed, and first, which is called in the
// run's own goroutine, is to make it go on.
func (e *Engine) activate(ctx context.Context, f pawl.Flow, claim *journal.Claim, prior *journal.Summary, first ...func(*activation)) (*activation, error) {
	ctx = context.WithoutCancel(ctx)
	st, err := e.fold(ctx, claim.Run)
	if err == nil && st.Ended() { // it did just before it was claimed
		err = over(claim.Run, st.Status)
	}
	if err != nil {
		e.journal.Release(ctx, claim)
		return nil, err
	}
	return e.activateAs(ctx, f, claim, st, prior, first...)
}

// activateAs is activate for a run that has been read up to its claim.
func (e *Engine) activateAs(ctx context.Context, f pawl.Flow, claim *journal.Claim, st *replay.State, prior *journal.Summary, first ...func(*activation)) (*activation, error) {
	ctx = context.WithoutCancel(ctx)
	a := newActivation(e, f, claim, st, ctx)
	a.prior, a.canceling = prior, st.Cancel() != nil
	a.begins = prior == nil && !a.canceling
	a.visiting = prior == nil && f != nil && st.Created.Fingerprint != f.Describe().Fingerprint
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		e.journal.Release(ctx, claim)
		return nil, errClosed()
	}
	delete(e.stopped, claim.Run)
	e.sleepers.forget(claim.Run)
	e.live[claim.Run] = a
	if e.listening == nil {
		e.listening = make(chan struct{})
		e.calls.Go(func() { e.listen(ctx) })
	}
	e.mu.Unlock()
	for _, do := range first { // each is durable before the next, which may depend on it
		a.inbox.put(func() { do(a) })
	}
	go a.run()
	return a, nil
}

// ended is called by an activation when it is over.
func (e *Engine) ended(a *activation) {
	if errors.Is(a.err, journal.ErrLost) {
		a.err = &pawl.Error{Kind: pawl.ErrConflict, Run: a.id, Message: fmt.Sprintf("run %s was taken by another process", a.id), Err: a.err}
	}
	if a.err != nil {
		e.log.Error("run dropped", "run", a.id, "error", a.err)
	}
	var released error
	if !a.released {
		released = e.journal.Release(a.ctx, a.claim)
	}
	if released != nil {
		e.log.Error("claim not released", "run", a.id, "error", released)
	}
	if a.err == nil && !a.st.WakeAt.IsZero() {
		e.sleepers.add(a.ctx, a.id, a.st.WakeAt.Time) // while it is live: a follower sees the one or the other
	}
	e.mu.Lock()
	if e.live[a.id] == a {
		delete(e.live, a.id)
		if len(e.live) == 0 {
			close(e.listening)
			e.listening = make(chan struct{}) // if a run comes before the listener goes
		}
		if a.err != nil {
			e.stopped[a.id] = a.err
		}
		if released != nil {
			e.unreleased[a.id] = a.claim
		}
	}
	e.mu.Unlock()
	if a.err != nil {
		a.drop()
		return
	}
	if a.st.Status != pawl.StatusWaiting { // of one that waits nothing is kept
		st := *a.st // who waits for the end still looks at how it stands
		e.recall.put(&st)
	}
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
