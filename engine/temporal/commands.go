package temporal

import (
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// maxAnswers is how many answers are kept, for those who ask again under the same id.
const maxAnswers = 256

// command is the handler of the one update. It leaves the command to the workflow's root and
// returns what came of it: that is known within the same task of the workflow, since what
// decides on it is flow code that does not wait for anything outside.
func (x *execution) command(ctx workflow.Context, raw rawValue) (rawValue, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx) // it is answered, too, when somebody cancels the workflow
	var c command
	if err := unpack(raw, &c); err != nil {
		return x.packed(refusal(&pawl.Error{Kind: pawl.ErrInput, Message: err.Error()}))
	}
	if x.ledger == nil { // sent with the first task, before the root has read its argument
		if err := workflow.Await(ctx, func() bool { return x.ledger != nil }); err != nil {
			return x.packed(answer{Moved: true})
		}
	}
	x.settle() // what it began with may have been carried out by now
	if !x.knows(c.ID) {
		x.take(c)
	}
	for _, p := range x.pending {
		p.awaited = p.awaited || p.ID == c.ID
	}
	err := workflow.Await(ctx, func() bool {
		x.settle()
		_, known := x.answers[c.ID]
		return known
	})
	if err != nil {
		return x.packed(answer{Moved: true})
	}
	return x.packed(x.answers[c.ID])
}

func (x *execution) packed(a answer) (rawValue, error) {
	raw, _, err := pack(a)
	return raw, err
}

// refusal is the answer to a command that was not taken.
func refusal(err error) answer {
	f := replay.FailureOf(pawl.AsError(err, pawl.ErrInternal), "")
	f.Step = pawl.AsError(err, pawl.ErrInternal).Step
	f.Message, f.Hint = replay.CutText(f.Message), replay.CutText(f.Hint)
	return answer{Refused: &f}
}

// take has a command be carried out, by the run if that is executed, or else at its rest.
func (x *execution) take(c command) {
	stored := journal.Command{Run: x.ledger.run.ID, At: pawl.At(workflow.Now(x.ctx))}
	err := stored.Decode(c.Decision, c.Directive)
	var do exec.Command
	if err == nil {
		deps := x.opts.workflowDeps(&x.quiet)
		do, err = deps.Command(stored)
	}
	if err == nil && x.st.Ended() {
		err = x.st.Listed().ErrEnded(x.ledger.run.ID)
	}
	if err == nil && len(do.Prompts()) > 0 && x.current != nil {
		err = &pawl.Error{Kind: pawl.ErrConflict, Run: x.ledger.run.ID, Message: fmt.Sprintf("run %s is being executed; it gets other prompts when it is at rest", x.ledger.run.ID)}
	}
	if err != nil {
		x.answer(c.ID, refusal(err))
		return
	}
	p := &pending{command: c, do: do}
	x.pending = append(x.pending, p)
	if x.current != nil {
		p.done = x.current.Submit(do)
	}
}

// admit answers the pending commands that a run at rest refuses, which is not executed for
// them, and reports whether any are left.
func (x *execution) admit() bool {
	left := x.pending[:0:0]
	for _, p := range x.pending {
		var err error
		if p.do.Check != nil {
			err = p.do.Check(x.st)
		}
		if err == nil {
			left = append(left, p)
			continue
		}
		x.answerTo(p, err)
	}
	x.pending = left
	return len(left) > 0
}

// settle takes in what came of commands.
func (x *execution) settle() {
	left := x.pending[:0:0]
	for _, p := range x.pending {
		if p.done == nil {
			left = append(left, p)
			continue
		}
		select {
		case err := <-p.done:
			x.answerTo(p, err)
		default:
			left = append(left, p)
		}
	}
	x.pending = left
}

func (x *execution) answerTo(p *pending, err error) {
	switch {
	case err == nil:
		x.answer(p.ID, answer{})
	case errors.Is(err, exec.ErrDelivered):
		x.answer(p.ID, answer{Delivered: true})
	default:
		x.answer(p.ID, refusal(err))
	}
}

// knows reports whether a command has come before: none is taken twice.
func (x *execution) knows(id string) bool {
	_, known := x.answers[id]
	return known || slices.ContainsFunc(x.pending, func(p *pending) bool { return p.ID == id })
}

// answer keeps what came of a command. The first answer holds.
func (x *execution) answer(id string, a answer) {
	if _, known := x.answers[id]; known {
		return
	}
	x.order = append(x.order, id)
	x.answers[id] = a
	for len(x.order) > maxAnswers {
		delete(x.answers, x.order[0])
		x.order = x.order[1:]
	}
}

// refuseAll answers what is still pending when the run has ended.
func (x *execution) refuseAll() {
	for _, p := range x.pending {
		x.answerTo(p, x.st.Listed().ErrEnded(x.ledger.run.ID))
	}
	x.pending = nil
}

// cancelWith cancels the run when somebody cancels its workflow by Temporal's own means.
func (x *execution) cancelWith(ctx workflow.Context) {
	if workflow.Await(ctx, func() bool { return false }) == nil {
		return
	}
	d := pawl.Directive{What: pawl.DirectCancel, Who: "Temporal"}
	_, directive, err := journal.Command{Directive: &d}.Encode()
	x.must(err)
	x.take(command{ID: "canceled by Temporal", Directive: directive})
}
