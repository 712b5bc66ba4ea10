package temporal

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// execution is a workflow: one run, until it ends or another execution goes on with it.
type execution struct {
	ctx  workflow.Context // that nothing cancels
	opts *settings
	deps exec.Deps

	ledger     *ledger
	st         *replay.State
	base       *replay.State // nil: the run has none
	based      []pawl.Event  // of which that was folded
	foreign    bool          // it is from a file
	current    *exec.Run     // nil: the run is at rest
	pending    []*pending    // commands without an answer, in their order
	answers    map[string]answer
	firsts     []string    // ids of the commands that it began with
	order      []string    // of the answers, the oldest first
	heard      replies     // that it began with
	attributed bool        // see beginning
	closing    bool        // the run begins nothing more, since the history is long
	quiet      atomic.Bool // the workflow is being replayed
	resting    bool        // Temporal is being given one
	stored     int         // bytes since Temporal was last given a moment to store them
}

// pending is a command that has no answer yet.
type pending struct {
	command
	awaited bool // an update waits for it, and is sent again
	do      exec.Command
	done    <-chan error // of the execution that has it; nil: none does
}

// run is the workflow function.
func (o *settings) run(ctx workflow.Context, raw rawValue) (ended, error) {
	free, _ := workflow.NewDisconnectedContext(ctx)
	x := &execution{ctx: free, opts: o, answers: map[string]answer{}}
	// Before anything that waits: an update without a handler is refused.
	if err := workflow.SetUpdateHandler(ctx, commandUpdate, x.command); err != nil {
		return ended{}, err
	}
	if err := workflow.SetQueryHandler(ctx, thereQuery, func() (bool, error) { return true, nil }); err != nil {
		return ended{}, err
	}
	var b beginning
	if err := unpack(raw, &b); err != nil {
		return ended{}, err
	}
	if b.Imported {
		return ended{Status: b.Run.Summary.Status}, keepImported(ctx)
	}
	if err := x.begin(b); err != nil {
		return ended{}, err
	}
	workflow.Go(ctx, x.cancelWith)
	return x.live()
}

// begin reads what the execution begins with.
func (x *execution) begin(b beginning) (err error) {
	for _, a := range b.Answers {
		x.answer(a.ID, a.Answer)
	}
	x.heard = replies{}
	for _, r := range b.Replies {
		x.heard[r.ID] = r
	}
	x.ledger, x.attributed = newLedger(b), b.Attributed
	x.ledger.most, x.ledger.save = x.opts.most, x.save
	x.ledger.time = func() pawl.Time { return pawl.At(workflow.Now(x.ctx)) }
	if x.st, err = replay.Fold(b.Events); err != nil {
		return err
	}
	if len(b.Base) > 0 {
		x.based, x.foreign = b.Base, b.BaseImported
		if x.base, err = replay.Fold(b.Base); err != nil {
			return err
		}
	}
	for _, c := range b.Commands {
		x.firsts = append(x.firsts, c.ID)
		if !x.knows(c.ID) {
			x.take(c)
		}
	}
	return nil
}

// live executes the run when there is something to do, and waits otherwise.
func (x *execution) live() (ended, error) {
	for !x.st.Ended() {
		says := replay.Unheld(x.st.Listed())
		due := says.Idle(x.ledger.time())
		switch {
		case x.isLong():
			return ended{}, x.goOn()
		case due:
			x.execute(nil)
		case x.admit():
			x.execute(&says)
		default:
			x.rest(says)
		}
	}
	x.refuseAll()
	if err := workflow.Await(x.ctx, func() bool { return workflow.AllHandlersFinished(x.ctx) }); err != nil {
		return ended{}, err
	}
	s := x.st.Listed()
	result := ended{Status: s.Status, Reason: cut(s.Reason, 1000)}
	for _, id := range x.firsts {
		if a, ok := x.answers[id]; ok {
			result.Answers = append(result.Answers, answered{id, a})
		}
	}
	return result, nil
}

// rest waits for a command, or for the time that the run waits for.
func (x *execution) rest(says journal.Summary) {
	something := func() bool { return len(x.pending) > 0 || x.isLong() }
	var err error
	if says.Sleeps() {
		_, err = workflow.AwaitWithTimeout(x.ctx, says.WakeAt.Sub(workflow.Now(x.ctx)), something)
	} else {
		err = workflow.Await(x.ctx, something)
	}
	if err != nil {
		panic(err)
	}
}

// execute executes the run until it is at rest. before is how it rested, if it is executed
// for a command.
func (x *execution) execute(before *journal.Summary) {
	claim, ev, err := x.ledger.claim("workflow execution " + workflow.GetInfo(x.ctx).WorkflowExecution.RunID)
	x.must(err)
	x.must(x.st.Apply(ev))
	if claim.Epoch > 1 { // else it is listed as it was started
		x.list()
	}
	x.tell(pawl.StatusRunning)
	f, err := x.flow()
	x.must(err)
	secret, _ := x.st.Created.CallbackSecret(x.opts.ctx, x.ledger)
	x.deps = x.opts.workflowDeps(&x.quiet)
	x.deps.Journal, x.deps.Model = x.ledger, x.defaultModel()
	x.deps.Limiter = limiter{func() time.Time { return workflow.Now(x.ctx) }, map[string]time.Time{}}.of
	x.deps.World = newWorld(x.ctx, x.opts, &x.quiet, x.st.Created, []byte(secret), claim.Epoch, x.heard, x.room)
	x.deps.Ended = func(*exec.Run) {}
	r := exec.New(x.opts.ctx, &x.deps, f, claim, x.st, x.baseOf(), before)
	x.current, x.closing = r, false
	for _, p := range x.pending {
		p.done = r.Submit(p.do)
	}
	down := false
	defer func() {
		if !down { // Temporal takes the workflow out of memory, or its task has failed
			r.Abandon()
		}
	}()
	r.Execute()
	down = true
	x.current, x.st = nil, r.State()
	x.list()
	x.tell(x.st.Listed().Status)
	x.settle()
	for _, p := range x.pending {
		p.done = nil // it came too late for that execution
	}
	x.must(r.Err())
}

// defaultModel is the model for a run that was started without one: that of the process which
// first executes it, as the workflow's history has it, since workers of a build may have others.
func (x *execution) defaultModel() (name string) {
	if x.st.Model().Name != "" {
		return ""
	}
	recorded := workflow.MutableSideEffect(x.ctx, "model", func(workflow.Context) any { return x.opts.Model }, func(a, b any) bool { return a == b })
	x.must(recorded.Get(&name))
	return name
}

func (x *execution) baseOf() *replay.Base {
	if x.base == nil || x.st.Created.Base == nil {
		return nil
	}
	b := replay.NewBase(x.base, *x.st.Created.Base, x.st, x.opts.Strict)
	if x.foreign {
		b.SetImported()
	}
	return b
}

// flow returns the flow as the run asks, with the prompts that a pending command brings.
func (x *execution) flow() (pawl.Flow, error) {
	f := x.opts.flow(x.st.Created.Flow)
	if f == nil && len(x.pending) > 0 && !slices.ContainsFunc(x.pending, func(p *pending) bool { return !p.do.Bare }) {
		return nil, nil // none of its code is to execute
	}
	if f == nil {
		return nil, fmt.Errorf("run %s is of flow %q, which this worker does not have", x.st.Run, x.st.Created.Flow)
	}
	var files []pawl.PromptFile
	for _, p := range x.pending {
		if more := p.do.Prompts(); len(more) > 0 {
			files = more
		}
	}
	if len(files) == 0 {
		for _, p := range x.st.Prompts {
			text, err := x.ledger.Blob(x.opts.ctx, p.Digest)
			if err != nil {
				return nil, err
			}
			files = append(files, pawl.PromptFile{Name: p.Name, Text: string(text), From: p.From})
		}
	}
	if len(files) == 0 {
		return f, nil
	}
	c, ok := f.(interface {
		ReplacePrompts(...pawl.PromptFile) (pawl.Flow, error)
	})
	if !ok {
		return nil, fmt.Errorf("run %s has prompts of its own, and those of flow %s cannot be replaced", x.st.Run, f.Name())
	}
	return c.ReplacePrompts(files...)
}

// must has the workflow's task fail: Temporal tries it again until somebody has mended what is
// wrong, and nothing of the run is lost.
func (x *execution) must(err error) {
	if err != nil {
		panic(err)
	}
}

// isLong reports whether the history is so long that another execution is to go on.
func (x *execution) isLong() bool {
	return x.opts.blobs != nil && workflow.GetInfo(x.ctx).GetContinueAsNewSuggested()
}

// goOn ends this execution and has the next one go on with the run.
func (x *execution) goOn() error {
	var left []command // that nobody sends again
	for !workflow.AllHandlersFinished(x.ctx) || len(x.pending) > 0 {
		for _, p := range x.pending { // the next execution has to say
			if !p.awaited {
				left = append(left, p.command)
				continue
			}
			x.answer(p.ID, answer{Moved: true})
		}
		x.pending = nil
		if err := workflow.Await(x.ctx, func() bool { return len(x.pending) > 0 || workflow.AllHandlersFinished(x.ctx) }); err != nil {
			return err
		}
	}
	b := x.ledger.carried()
	b.Base, b.BaseImported, b.Commands, b.Attributed = x.based, x.foreign, left, x.attributed
	for _, id := range x.order {
		if a := x.answers[id]; !a.Moved {
			b.Answers = append(b.Answers, answered{id, a})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(x.heard)) {
		b.Replies = append(b.Replies, x.heard[id])
	}
	raw, _, err := pack(b)
	if err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(x.ctx, workflowType, raw)
}
