package exec

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// call is one attempt.
type call struct {
	run       *Run
	w         *waiting
	number    int
	since     int // as in llm.Meta
	head      journal.Step
	anew      int  // how often the step was begun anew, with this
	other     bool // the attempts before it were about something else
	model     string
	messages  []llm.Message
	maxTokens int
	need      *journal.Reserve // what it may take; of a do nil
	slot      Slot

	repairs bool          // the answer before it was turned down
	first   time.Duration // until the first piece of the answer; 0: none has come
}

var _ Attempt = (*call)(nil)

func (c *call) Key() pawl.Key   { return c.w.key }
func (c *call) Number() int     { return c.number }
func (c *call) Purpose() string { return c.head.Purpose }

func (c *call) Done(began pawl.Time, made func() replay.Reply) {
	at := journal.Attempt{Number: c.number, Model: c.model, StartedAt: began, Outcome: pawl.OutcomeFailed,
		Error: &journal.Failure{Kind: pawl.ErrStep, Message: "its code ended its goroutine (runtime.Goexit, t.FailNow)", Hint: "mend the step, then resume"}}
	var reply replay.Reply
	defer func() {
		c.slot(cameOf(reply)) // first: who leaves next is to know
		if large := tooLarge(&at); large != nil && at.Error == nil {
			at.Outcome, at.Error = pawl.OutcomeFailed, new(replay.FailureOf(large, ""))
		}
		c.run.mailbox.put(func() { c.run.attemptDone(c, at, reply.RetryAfter) })
	}()
	reply = made()
	reply.Judge(c.w.step, &at)
	if at.Error != nil {
		at.Error.Message, at.Error.Hint = replay.CutText(at.Error.Message), replay.CutText(at.Error.Hint)
	}
}

func (c *call) Lost(began pawl.Time) {
	at := journal.Attempt{Number: c.number, Model: c.model, StartedAt: began, Outcome: pawl.OutcomeUnknown}
	c.slot(Came{})
	c.run.mailbox.put(func() { c.run.attemptDone(c, at, 0) })
}

func (c *call) Reply() replay.Reply { return c.reply(c.context()) }

func (c *call) ReplyUntil(until context.Context) replay.Reply {
	ctx, cancel := context.WithCancelCause(c.context())
	defer cancel(nil)
	defer context.AfterFunc(until, func() { cancel(context.Cause(until)) })()
	return c.reply(ctx)
}

func (c *call) reply(ctx context.Context) replay.Reply {
	if q := c.Question(); q != nil {
		stream, end := c.pieces()
		defer end()
		return c.run.deps.Ask(ctx, *q, stream)
	}
	value, err := c.work(ctx)
	return replay.Worked(c.w.step.Do, value, err)
}

func (c *call) Limit() time.Duration {
	if do := c.w.step.Do; do != nil {
		return max(do.Timeout, 0)
	}
	return cmp.Or(c.run.deps.Timeout, max(c.w.step.Ask.Timeout, 0), replay.DefaultTimeout)
}

func (c *call) Question() *Question {
	ask := c.w.step.Ask
	if ask == nil {
		return nil
	}
	return &Question{Model: c.model, Timeout: c.Limit(), Sensitive: sensitive(c.w.step), Request: llm.Request{
		Messages: c.messages, Schema: ask.SentSchema(), SchemaName: ask.SchemaName, MaxTokens: c.maxTokens,
		Temperature: ask.Temperature, Effort: ask.Effort,
		Meta: llm.Meta{Run: string(c.run.id), Key: string(c.w.key), Attempt: c.number, Since: c.since, Gates: replay.GateNames(c.w.step)},
	}}
}

// pieces is what is told the answer's pieces, and then that it has ended. Models stream
// also where nobody listens: gateways cut connections on which nothing comes for long.
func (c *call) pieces() (stream func(llm.Delta), end func()) {
	told, began := c.run.deps.Pieces, time.Now()
	clock := func() {
		if c.first == 0 {
			c.first = max(time.Since(began), 1)
		}
	}
	if told == nil {
		return func(llm.Delta) { clock() }, func() {}
	}
	piece := pawl.Piece{Run: c.run.id, Key: c.w.key, Attempt: c.number, Sensitive: sensitive(c.w.step)}
	begun := false
	stream = func(d llm.Delta) {
		clock()
		begun = true
		p := piece
		p.Text = d.Text
		told(p)
	}
	end = func() {
		if begun {
			p := piece
			p.End = true
			told(p)
		}
	}
	return stream, end
}

// work calls the step's code. One that panics has failed.
func (c *call) work(ctx context.Context) (value json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &pawl.Error{Kind: pawl.ErrStep, Message: "panic: " + host.PanicText(p) + host.PanicPlace(), Hint: "mend the step, then resume"}
			c.run.deps.Log.Error("step panicked", "run", c.run.id, "step", c.w.key, "panic", err, "stack", string(debug.Stack()))
		}
	}()
	do := c.w.step.Do
	if do.Timeout > 0 {
		timed, cancel := context.WithTimeout(ctx, do.Timeout)
		defer cancel()
		ctx = timed
	}
	value, err = do.Fn(ctx, replay.IdempotencyKey(c.run.id, c.w.key, c.anew), do.Input)
	err, _ = host.Sound(err)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = &overdue{after: do.Timeout, err: err}
	}
	return value, err
}

// overdue is the error of code that was ended by the timeout of its step.
type overdue struct {
	after time.Duration
	err   error
}

func (o *overdue) Error() string {
	return fmt.Sprintf("ended by its timeout of %s: %v", o.after, o.err)
}
func (o *overdue) Unwrap() error { return o.err }
func (o *overdue) Timeout() bool { return true }
