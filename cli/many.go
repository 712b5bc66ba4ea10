package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// many is a command that does one thing to many: it shows to what, asks once, does each
// for itself, and says how many of each there were.
type many struct {
	app     *app
	store   *store
	what    pawl.DecisionKind
	then    string // what follows, as a sentence
	targets []*target
	yes     bool
	stay    bool // what is decided is only stored, or nothing follows: no run goes on here

	// do does it to one. It is called for several runs at once, and for those of one
	// run one after the other.
	do func(context.Context, *target) error

	mu      sync.Mutex          // guards what follows
	here    map[pawl.RunID]bool // runs that go on in this process since they were decided on
	pausing bool                // they pause
}

// manyAtOnce is how many runs are decided on at a time.
const manyAtOnce = 8

// decideMany makes a decision on each of what a selection is about.
func (a *app) decideMany(ctx context.Context, d *deciding, sel *selection) error {
	if d.Digest != "" || d.out.output != "" || d.out.wanted || d.values.Edit || a.stateDir != "" {
		return badInput("--seen, --output, --require-approval, --save-state and --edit are for one run; of many each is decided as it is shown")
	}
	if err := d.values.Check(); err != nil {
		return err
	}
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	m := &many{app: a, store: s, what: d.What, yes: sel.yes, stay: d.only, then: followsDecision(d)}
	m.do = func(ctx context.Context, t *target) error {
		if d.only {
			return s.record(ctx, t.run.ID, t.decision)
		}
		t.decision.Trace = a.traceparent()
		err := s.view.Error(ctx, t.run.ID, s.engine.Decide(ctx, t.run.ID, t.decision))
		if err == nil {
			t.by, err = s.view.Claimant(ctx, t.run)
		}
		return err
	}
	if s != nil {
		m.targets, err = a.findTargets(ctx, s, d, sel)
	}
	if err == nil {
		err = m.run(ctx, sel)
	}
	return closing(ctx, s, err)
}

// followsDecision says what becomes of what is decided.
func followsDecision(d *deciding) string {
	s := "Each is decided as it is shown"
	if d.Reason != "" {
		s += ", with the reason " + d.Reason
	}
	if d.Comment != "" {
		s += ", with your comment"
	}
	if d.only {
		return s + ", and only stored: whoever goes on with its run takes the decision."
	}
	return s + "; then its run goes on, here unless another process executes it."
}

// cancelMany ends each of the runs that a selection is about.
func (a *app) cancelMany(ctx context.Context, st steering, sel *selection) error {
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	m := &many{app: a, store: s, what: pawl.DecideCancel, yes: st.yes, stay: st.noWait, then: "Each ends for good, without a result."}
	m.do = func(ctx context.Context, t *target) error {
		now, err := a.get(ctx, s, t.run.ID)
		switch {
		case err != nil:
			return err
		case now.Status != t.run.Status || now.Status.AtRest() && now.LastSeq != t.run.LastSeq:
			return &pawl.Error{Kind: pawl.ErrConflict, Run: t.run.ID, Message: fmt.Sprintf("it %s now, which is not what was shown", view.Standing(now.Status))}
		}
		d := st.Directive
		d.Who = a.who()
		return s.view.Error(ctx, t.run.ID, s.engine.Direct(ctx, t.run.ID, d))
	}
	if s != nil {
		m.targets, err = a.findRuns(ctx, s, st, sel)
	}
	if err == nil {
		err = m.run(ctx, sel)
	}
	return closing(ctx, s, err)
}

// run shows what is to be done, asks, does it and reports it.
func (m *many) run(ctx context.Context, sel *selection) error {
	a := m.app
	var open, refused []*target
	for _, t := range m.targets {
		if t.err != nil {
			refused = append(refused, t)
		} else {
			open = append(open, t)
		}
	}
	if len(m.targets) == 0 {
		if !a.quiet && !a.json {
			a.say("nothing to %s: %s", m.what, nothingOf(sel))
		}
		return nil
	}
	if !a.quiet && !a.json {
		m.preview(open, refused)
	}
	if len(open) > 0 && !m.yes {
		if err := a.confirm(fmt.Sprintf("%s %s", m.what, m.counted(open))); err != nil {
			return err
		}
	}
	signals, stop := a.catchSignals()
	defer stop()
	sig, err := m.doAll(ctx, open, signals)
	if err != nil {
		return &ending{err: &pawl.Error{Kind: pawl.ErrInterrupt, Message: "ended at once; what was done is in the runs"}, code: signalExit(sig), next: a.command("runs")}
	}
	return m.report(open, refused, sig)
}

func nothingOf(sel *selection) string {
	if s := sel.String(); s != "" {
		return "nothing is selected by " + s
	}
	return "nothing waits for it"
}

// errNotReached says that a signal came before it was done.
var errNotReached = &pawl.Error{Kind: pawl.ErrInterrupt, Message: "it was not come to"}

// doAll does it to each, and follows the runs that go on here to their rest. It returns
// the signal that ended that, if one did: what was not come to is left as it is, and what
// goes on here pauses after Ctrl-C, and is queued after any other signal. The error is
// errLeave after a second one.
func (m *many) doAll(ctx context.Context, open []*target, signals <-chan os.Signal) (os.Signal, error) {
	runs := byRun(open)
	begins, end := context.WithCancel(ctx)
	defer end()
	following, leave := context.WithCancel(ctx)
	defer leave()
	done := make(chan struct{})
	go func() {
		defer close(done)
		each(runs, manyAtOnce, func(of []*target) {
			for _, t := range of {
				if t.err = errNotReached; begins.Err() == nil {
					t.err = m.do(ctx, t)
					m.goesOn(ctx, t)
				}
			}
		})
		each(runs, len(runs), func(of []*target) { m.follow(following, of) })
	}()
	patient, cut := context.WithCancel(ctx)
	defer cut()
	shut := func() {
		m.store.engine.Close(patient) // closed once more, with the store
		leave()                       // now the records say where the runs are left
	}
	return m.app.wait(stopping{done: done, signals: signals, ask: func(sig os.Signal) {
		if end(); term.ByPerson(sig) && m.what != pawl.DecideCancel {
			m.pause(ctx)
			return
		}
		go shut()
	}, cut: func() {
		cut()
		go shut()
	}})
}

// goesOnHere reports whether the run of a target is executed by this process, which is
// to end only when that rests.
func (m *many) goesOnHere(t *target) bool { return t.err == nil && !m.stay && t.by == thisProcess() }

// goesOn takes in that a target is done.
func (m *many) goesOn(ctx context.Context, t *target) {
	if !m.goesOnHere(t) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.here == nil {
		m.here = map[pawl.RunID]bool{}
	}
	if m.here[t.run.ID] = true; m.pausing { // that came too early for it
		go m.pauseRun(ctx, t.run.ID)
	}
}

// pause has the runs pause that go on here. It waits for none of them: flow code that
// hangs keeps a run from hearing.
func (m *many) pause(ctx context.Context) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pausing = true
	for id := range m.here {
		go m.pauseRun(ctx, id)
	}
}

// pauseRun pauses a run unless it rests again.
func (m *many) pauseRun(ctx context.Context, id pawl.RunID) {
	if rec, err := m.store.engine.Get(ctx, id); err == nil && rec.Status == pawl.StatusRunning {
		m.app.pauseRun(ctx, m.store, id)
	}
}

// byRun puts those of one run together, in the order of the first of each.
func byRun(all []*target) [][]*target {
	var runs [][]*target
	at := map[pawl.RunID]int{}
	for _, t := range all {
		i, known := at[t.run.ID]
		if !known {
			i, runs = len(runs), append(runs, nil)
			at[t.run.ID] = i
		}
		runs[i] = append(runs[i], t)
	}
	return runs
}

// each does something with the targets of each run, of so many runs at once.
func each(runs [][]*target, atOnce int, do func([]*target)) {
	var wait sync.WaitGroup
	places := make(chan struct{}, max(1, atOnce))
	for _, of := range runs {
		places <- struct{}{}
		wait.Go(func() {
			defer func() { <-places }()
			do(of)
		})
	}
	wait.Wait()
}

// follow waits until a run rests that goes on here, and says how it stands.
func (m *many) follow(ctx context.Context, of []*target) {
	a, s := m.app, m.store
	i := slices.IndexFunc(of, func(t *target) bool { return t.err == nil })
	if i < 0 {
		return
	}
	t := of[i]
	if m.goesOnHere(t) || !m.stay && m.what == pawl.DecideCancel {
		if f, err := s.view.Follow(ctx, t.run.ID); err == nil {
			for _, err := range f.Events(ctx, t.run.LastSeq) {
				if err != nil {
					break // it is told to end, or the store is gone: the record says how it stands
				}
			}
		}
	}
	rec, err := a.get(context.WithoutCancel(ctx), s, t.run.ID)
	if err != nil {
		return
	}
	for _, t := range of {
		t.run = rec
	}
	if !a.quiet && !a.json && rec.Status.AtRest() && !m.stay {
		a.stamped("%s", page.Sentence("run %s "+view.Standing(rec.Status), rec.ID, rec.Reason))
	}
}

// report says how many of each there were. It is an error that some were not done.
func (m *many) report(open, refused []*target, sig os.Signal) error {
	a := m.app
	var late []*target
	stands, done := map[string]int{}, 0
	counted := map[pawl.RunID]bool{}
	for _, t := range open {
		if t.err != nil {
			late = append(late, t)
			continue
		}
		done++
		if !counted[t.run.ID] {
			counted[t.run.ID] = true
			stands[string(t.run.Status)]++
		}
		if a.quiet {
			fmt.Fprintln(a.out, t.name())
		}
	}
	if a.json {
		if err := m.printJSON(); err != nil {
			return err
		}
	}
	left := len(late) + len(refused)
	if !a.quiet && !a.json {
		m.sayRefused(late, "not")
		a.say("%d %s, %d not; their runs: %s", done, m.done(), left, standing(stands))
	}
	switch {
	case sig != nil:
		return &ending{err: &pawl.Error{Kind: pawl.ErrInterrupt, Message: fmt.Sprintf("%d were %s, %d not; runs that were under way go on with resume", done, m.done(), left)}, code: signalExit(sig)}
	case left > 0:
		return &pawl.Error{Kind: pawl.ErrConflict, Message: fmt.Sprintf("%d of %d were not %s", left, done+left, m.done())}
	}
	return nil
}

// standing says how many runs stand where.
func standing(runs map[string]int) string {
	s := inBrackets(runs)
	if s == "" {
		return "none"
	}
	return s[2 : len(s)-1]
}

// printJSON writes an object a line for each: what was decided, and how its run stands.
func (m *many) printJSON() error {
	var failed error
	for _, t := range m.targets {
		line := oneDecided{t.run.ID, t.run.Flow, t.decision.Key, m.what, t.decision.Digest, t.err == nil, t.run.Status, t.run.Reason, nil}
		if t.err != nil {
			e := pawl.AsError(t.err, pawl.ErrConflict)
			line.Error = &oneError{e.Kind, e.Message}
		}
		failed = errors.Join(failed, m.app.printJSONLine(line))
	}
	return failed
}

// oneDecided is one of many decisions, as --json prints it.
type oneDecided struct {
	Run    pawl.RunID        `json:"run"`    // the run that it is about
	Flow   string            `json:"flow"`   // the run's flow
	Key    pawl.Key          `json:"key"`    // the step; empty: the run
	What   pawl.DecisionKind `json:"what"`   // what was to be decided
	Digest string            `json:"digest"` // of what was shown
	Done   bool              `json:"done"`   // it was decided
	Status pawl.Status       `json:"status"` // how the run stands afterwards
	Reason string            `json:"reason"` // why it has that status
	Error  *oneError         `json:"error"`  // why it was not decided; null: it was
}

// oneError is what is wrong with one of many.
type oneError struct {
	Kind    pawl.ErrorKind `json:"kind"`    // see the exit codes
	Message string         `json:"message"` // for people
}
