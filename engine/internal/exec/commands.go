package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Command is a decision or a directive, and how it is carried out.
type Command struct {
	Stored journal.Command // how another process is told

	Check func(*replay.State) error // before a run at rest is touched; nil: nothing to check
	apply func(*Run) error          // on the run's own goroutine

	needsCode bool // to be applied once flow code stands where it asked; otherwise it comes before any
	Bare      bool // needs no flow at all
	Here      bool // this process is to execute the run then
	Take      bool // from another process if need be
}

// Prompts are those that a run is to ask with from now on; none: unchanged.
func (c Command) Prompts() []pawl.PromptFile {
	if c.Stored.Directive == nil {
		return nil
	}
	return c.Stored.Directive.Prompts
}

// commands are what a run was asked to do.
type commands struct {
	waiting []accepted // until flow code stands still
	handled []int64    // the stored ones that were carried out
}

// accepted is a command and who is told of what came of it.
type accepted struct {
	Command
	reply func(error)
}

// ErrAtRest says that a run came to rest before it could do what was asked.
var ErrAtRest = errors.New("the run has come to rest")

// Do has the run do something and waits until that is durable. It returns ErrAtRest,
// when all of the run is down, if it came too late. It may be called at any time.
func (r *Run) Do(ctx context.Context, c Command) error { return r.Await(ctx, r.Submit(c)) }

// Submit has the run do something. What came of it is for Await.
func (r *Run) Submit(c Command) <-chan error {
	done := make(chan error, 1)
	r.mailbox.put(func() {
		if !r.late {
			r.accept(c, func(err error) { r.answer(done, err) })
		}
	})
	return done
}

// Await waits for what came of something that the run was asked.
func (r *Run) Await(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return Stopped(ctx)
	case <-r.done: // perhaps it was done with its last breath
		select {
		case err := <-done:
			return err
		default:
			return ErrAtRest
		}
	}
}

// Stopped is the error of a caller who no longer waits.
func Stopped(ctx context.Context) error {
	return &pawl.Error{Kind: pawl.ErrStopped, Message: "no longer waited for: " + ctx.Err().Error(), Err: ctx.Err()}
}

// Queue has the run carry out stored commands that were listed when it was about to
// be executed, one after another. It is called before Execute.
func (r *Run) Queue(stored ...journal.Command) {
	for _, c := range stored {
		r.mailbox.put(func() { r.carryOut(c) })
	}
}

// Hand has the run carry out a stored command that was listed some time ago: an
// earlier execution of the run may have done so since. It may be called at any time.
func (r *Run) Hand(c journal.Command) {
	r.mailbox.put(func() {
		if r.late || slices.Contains(r.commands.handled, c.ID) {
			return
		}
		done, _, err := r.deps.Journal.Handled(r.ctx, c.ID)
		switch {
		case err != nil:
			r.deps.Log.Error("command not read", "run", r.id, "error", err)
		case !done:
			r.carryOut(c)
		}
	})
}

// carryOut does what a stored command asks, and says in the journal what came of it.
func (r *Run) carryOut(c journal.Command) {
	if slices.Contains(r.commands.handled, c.ID) {
		return
	}
	r.commands.handled = append(r.commands.handled, c.ID)
	reply := func(err error) {
		h := journal.Handled{Command: c.ID}
		if err != nil && err != ErrDelivered {
			f := replay.FailureOf(pawl.AsError(err, pawl.ErrInternal), "")
			h.Refused = &f
			if d := c.Decision; d != nil { // who recorded it may not be there to learn it
				r.batch.draft(pawl.EventNote, d.Key, journal.Note{Text: replay.CutText(fmt.Sprintf("%s by %s was not taken: %s", d.What, d.Who, f.Message)), Aside: true})
			}
		}
		r.batch.handled = append(r.batch.handled, h)
	}
	cmd, err := r.deps.Command(c)
	if err != nil {
		reply(err)
		return
	}
	r.accept(cmd, reply)
}

// Command returns a stored command as it is carried out.
func (d *Deps) Command(c journal.Command) (Command, error) {
	if c.Decision != nil {
		decision := *c.Decision
		decision.At = c.At
		if decision.Delivery != "" {
			return Deliver(c.Run, decision)
		}
		return Decide(c.Run, decision)
	}
	return Direct(d.Models, c.Run, *c.Directive)
}

// accept does what is asked, or has it done once flow code stands where it asked.
// reply is told of an error at once, and of success before it is durable.
func (r *Run) accept(c Command, reply func(error)) {
	if !c.needsCode {
		reply(c.apply(r))
		return
	}
	// It is about what is open now, whatever the flow's code asks by the time it is taken.
	if d := c.Stored.Decision; d.Digest == "" && d.Delivery == "" {
		if b, err := r.st.Decidable(*d); err == nil {
			d.Digest = b.Digest
		}
	}
	r.code.wanted = true
	r.commands.waiting = append(r.commands.waiting, accepted{c, reply})
}

// applyNext applies the next of the commands that waited for flow code, and reports
// whether there was one. After the last, what was held back meanwhile is begun.
func (r *Run) applyNext() bool {
	if len(r.commands.waiting) == 0 {
		return false
	}
	next := r.commands.waiting[0]
	r.commands.waiting = r.commands.waiting[1:]
	next.reply(next.apply(r))
	if len(r.commands.waiting) == 0 {
		r.batch.then(r.beginAll)
	}
	return true
}

// answer tells whoever waits: an error at once, success when it is durable.
func (r *Run) answer(done chan<- error, err error) {
	if err != nil {
		done <- err
		return
	}
	r.batch.answers = append(r.batch.answers, done)
}
