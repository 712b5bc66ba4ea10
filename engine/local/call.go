package local

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// call is one attempt. It is made beside the run's goroutine.
type call struct {
	a         *activation
	p         *parking
	number    int
	head      journal.Step
	model     string
	messages  []llm.Message
	maxTokens int
	release   func()
}

// make makes the attempt and reports what came of it.
func (c *call) make() {
	at := journal.Attempt{Number: c.number, Model: c.model, StartedAt: now(), Outcome: pawl.OutcomeFailed,
		Error: &journal.Failure{Kind: pawl.ErrStep, Message: "its code ended its goroutine (runtime.Goexit, t.FailNow)", Hint: "mend the step, then resume"}}
	var reply replay.Reply
	defer func() {
		c.release()
		if large := tooLarge(&at); large != nil && at.Error == nil {
			f := failure(large, "")
			at.Outcome, at.Error = pawl.OutcomeFailed, &f
		}
		c.a.inbox.put(func() { c.a.came(c, at, reply.RetryAfter) })
	}()
	if c.p.step.Ask != nil {
		reply = c.ask()
	} else {
		reply = replay.Worked(c.work())
	}
	reply.Judge(c.p.step, &at)
	if at.Error != nil {
		at.Error.Message, at.Error.Hint = cutText(at.Error.Message), cutText(at.Error.Hint)
	}
}

// ask asks the model.
func (c *call) ask() replay.Reply {
	timeout := c.p.step.Ask.Timeout
	if timeout <= 0 {
		timeout = replay.DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(c.a.calls, timeout)
	defer cancel()
	return replay.Answered(c.generate(ctx)).Priced(c.a.e.prices, c.model)
}

// generate calls the model. A provider that panics has failed.
func (c *call) generate(ctx context.Context) (resp llm.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &pawl.Error{Kind: pawl.ErrInternal, Message: fmt.Sprintf("model %s panicked: %v", c.model, p)}
			c.a.e.log.Error("model panicked", "model", c.model, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	m, name, err := c.a.e.models.Lookup(c.model)
	if err != nil {
		return resp, &pawl.Error{Kind: pawl.ErrInput, Message: err.Error(), Err: err}
	}
	ask := c.p.step.Ask
	return m.Generate(ctx, llm.Request{
		Model: name, Messages: c.messages, Schema: ask.Schema, SchemaName: ask.SchemaName, MaxTokens: c.maxTokens,
		Meta: llm.Meta{Run: string(c.a.id), Key: string(c.p.key), Attempt: c.number, Gates: replay.GateNames(c.p.step)},
	}, nil)
}

// work calls the step's code. One that panics has failed.
func (c *call) work() (value json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &pawl.Error{Kind: pawl.ErrStep, Message: fmt.Sprintf("panic: %v%s", p, replay.PanicPlace()), Hint: "mend the step, then resume"}
			c.a.e.log.Error("step panicked", "run", c.a.id, "step", c.p.key, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	do := c.p.step.Do
	return do.Fn(c.a.calls, replay.Token(c.a.id, c.p.key), do.Input)
}
