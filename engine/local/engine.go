package local

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/engine/observe"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Options says what an Engine stands on.
type Options struct {
	Journal journal.Journal // required; whoever opened it closes it, after the engine
	Models  llm.Catalog     // providers by name
	Prices  llm.Prices      // of their models; nil: llm.DefaultPrices
	Model   string          // provider/model of runs that name none
	Logger  *slog.Logger    // nil: logs nothing

	// Flows are known by name, so that their runs can go on; a flow given to Start
	// is known too, with its own prompts: those that take their place are the run's. That alone takes nothing up: what an earlier process left in the
	// middle, what is queued, and what slept until now stay as they are until
	// somebody decides or directs them. A program that is to go on by itself when it
	// starts again calls Work.
	Flows []pawl.Flow

	// Program is the name of this program, whatever build of it, which runs that it
	// starts are recorded with: Work leaves those of other programs alone. Empty: the
	// path of its main module.
	Program string

	// Evict says when a run that only waits for a timer gives up its memory, to
	// be replayed when the time has come: if that is further away than this; 0:
	// 1 s; negative: always.
	Evict time.Duration

	// OnChange says what counts where the flow asks about something else than what
	// a step's result is recorded for: its data has changed. Empty: ChangeStops.
	OnChange OnChange

	// MaxCalls is how many calls may be in flight at once in this process, by the full
	// name of a model, provider/model, or by provider/* for all models of a provider
	// together; both count. The provider's name alone is its model that has no name, if
	// there is one. A model without an entry has 64. With what providers say of
	// their rate fewer leave, never more. New panics at what CheckMaxCalls refuses.
	MaxCalls map[string]int

	// InFlight is how many calls of a model without an entry in MaxCalls may be in flight at
	// once; 0: 64.
	InFlight int

	// Timeout is how long an attempt at a model may take, above what questions and
	// prompts say; 0: what they say, else 3 minutes. It begins when the call leaves: the
	// wait for a place among those in flight is not part of it.
	Timeout time.Duration

	// Pieces is told each piece of an answer as it arrives, in the order of each
	// attempt, from the goroutines of attempts: it is to return soon, and is called for
	// several of them at once. An attempt of which a piece was told ends with one that
	// says so, before its outcome is recorded. Pieces are in no journal, and those of
	// sensitive answers are among them. Nil: nobody listens.
	//
	// Nobody outside of this process hears them by themselves: "pawl watch --tokens" hears
	// runs that the command, or a program made with package cli, executes. With an engine
	// of one's own this function is how to pass them on; see [pawl.Piece] for their JSON.
	Pieces func(pawl.Piece)

	// Observe is told what the engine does, for traces, metrics and logs; nil: nobody is.
	// It can neither hold a run up nor harm it, see [observe.Observer].
	Observe observe.Observer

	// Elsewhere says that the journal has its runs executed by others, by itself: whatever
	// is started, decided or directed is handed to it, and no run is claimed here. It has
	// carried out, or refused, what Submit has returned for.
	Elsewhere bool

	// Strict takes every change of a step's request for one of its data: of its
	// prompt, settings and answer type too. Otherwise a step that asks about the
	// same in other words keeps its recorded result and is marked stale.
	Strict bool
}

// OnChange is what counts where a recorded result is the answer to another question.
type OnChange = exec.OnChange

const (
	ChangeStops = exec.ChangeStops // the step stands still until a person decides
	ChangeAnew  = exec.ChangeAnew  // an ask is made anew; a do and a person's step stand still
	ChangeKeeps = exec.ChangeKeeps // what is recorded counts; an approval stands still, for nobody has seen what is proposed now
)

// Engine executes runs in this process. It implements pawl.Engine.
type Engine struct {
	journal journal.Journal
	models  llm.Catalog
	model   string
	program string
	log     *slog.Logger

	maxCalls map[string]int
	remote   bool       // no run is executed here, see Options.Elsewhere
	inFlight int        // of a model without an entry; 0: as by default
	deps     *exec.Deps // of its runs
	teller   *teller    // nil: nobody observes
	cache    stateCache
	timers   timers
	calls    sync.WaitGroup // attempts under way, also those that were given up

	mu        sync.Mutex // guards all below
	flows     map[string]pawl.Flow
	running   map[pawl.RunID]*exec.Run
	listening chan struct{}        // closed when nothing is running; nil: nobody listens for commands
	dropped   map[pawl.RunID]error // runs that this engine had to drop, and why
	limiters  map[string]*limiter  // by full model name
	pools     map[string]*pool     // by provider, of those that MaxCalls bounds as a whole
	worker    *worker              // nil: it does not work
	closed    bool

	claiming   map[pawl.RunID]chan struct{}  // runs that someone is about to claim
	unreleased map[pawl.RunID]*journal.Claim // claims that the journal failed to take back
}

var _ pawl.Engine = (*Engine)(nil)

// New makes an engine. It panics without a journal, if OnChange is none that there is,
// and at an entry of MaxCalls that is none.
func New(o *Options) *Engine {
	if o == nil || o.Journal == nil {
		panic("local.New: no journal")
	}
	if !slices.Contains([]OnChange{"", ChangeStops, ChangeAnew, ChangeKeeps}, o.OnChange) {
		panic(fmt.Sprintf("local.New: OnChange is %q", o.OnChange))
	}
	for model, n := range o.MaxCalls {
		if err := CheckMaxCalls(model, n); err != nil {
			panic("local.New: MaxCalls: " + err.Error())
		}
	}
	e := &Engine{
		journal: o.Journal, models: o.Models, model: o.Model, program: cmp.Or(o.Program, MainModule()),
		log:      cmp.Or(o.Logger, slog.New(slog.DiscardHandler)),
		flows:    map[string]pawl.Flow{},
		running:  map[pawl.RunID]*exec.Run{},
		dropped:  map[pawl.RunID]error{},
		limiters: map[string]*limiter{}, pools: map[string]*pool{}, maxCalls: maps.Clone(o.MaxCalls), inFlight: o.InFlight, remote: o.Elsewhere,

		claiming: map[pawl.RunID]chan struct{}{}, unreleased: map[pawl.RunID]*journal.Claim{},
	}
	e.deps = &exec.Deps{
		Journal: e.journal, Models: e.models, Prices: o.Prices, Log: e.log,
		Limiter: e.limiter, World: exec.Machine{Start: e.calls.Go}, Ended: e.runEnded,
		Evict: cmp.Or(o.Evict, time.Second), Strict: o.Strict, OnChange: o.OnChange, Build: build, HasBuild: e.hasBuild, Pieces: o.Pieces,
		Timeout: o.Timeout, Model: e.model,
	}
	if e.deps.Prices == nil {
		e.deps.Prices = llm.DefaultPrices()
	}
	if o.Observe != nil {
		e.teller = &teller{to: o.Observe, log: e.log}
		e.deps.Observe, e.deps.Carry = e.teller.tell, e.teller.carry
	}
	e.timers.wake, e.timers.asleep = e.wake, map[pawl.RunID]int64{}
	for _, f := range o.Flows {
		e.flows[f.Name()] = f
	}
	return e
}

// runEnded is called by a run when it is at rest, or was dropped.
func (e *Engine) runEnded(r *exec.Run) {
	id, st, dropped := r.ID(), r.State(), r.Err()
	if dropped != nil {
		e.log.Error("run dropped", "run", id, "error", dropped)
	}
	claim, released := r.Claim()
	var kept error
	if !released {
		kept = e.journal.Release(r.Context(), claim)
	}
	if kept != nil {
		e.log.Error("claim not released", "run", id, "error", kept)
	}
	if dropped == nil && !st.WakeAt.IsZero() {
		e.timers.add(r.Context(), id, st.WakeAt.Time) // while it is running: a follower sees the one or the other
	}
	e.mu.Lock()
	if e.running[id] == r {
		delete(e.running, id)
		if len(e.running) == 0 {
			close(e.listening)
			e.listening = make(chan struct{}) // if a run comes before the listener goes
		}
		if dropped != nil {
			e.dropped[id] = dropped
		}
		if kept != nil {
			e.unreleased[id] = claim
		}
	}
	e.mu.Unlock()
	if dropped == nil && st.Status != pawl.StatusWaiting { // of one that waits nothing is kept
		keep := *st // who waits for the end still looks at how it stands
		e.cache.put(&keep)
	}
}

// run returns the run that is executed here under that id, nil if none is.
func (e *Engine) run(id pawl.RunID) *exec.Run {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.running[id]
}

func (e *Engine) isClosed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

func errClosed() error {
	return &pawl.Error{Kind: pawl.ErrStopped, Message: "the engine is closed"}
}

func now() pawl.Time { return pawl.At(time.Now()) }

func asStorage(err error) error {
	if err == nil {
		return nil
	}
	return pawl.AsError(err, pawl.ErrStorage)
}
