package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// defaultTimeout bounds one attempt of an ask.
const defaultTimeout = 3 * time.Minute

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
	at := journal.Attempt{Number: c.number, Model: c.model, StartedAt: now()}
	err := &pawl.Error{Kind: pawl.ErrStep, Message: "its code ended its goroutine (runtime.Goexit, t.FailNow)", Hint: "mend the step, then resume"}
	var server time.Duration
	defer func() {
		c.release()
		if large := tooLarge(&at); large != nil && err == nil {
			err = large
		}
		if err != nil {
			at.Outcome = pawl.OutcomeFailed
		}
		c.a.inbox.put(func() { c.a.came(c, at, err, server) })
	}()
	if c.p.step.Ask != nil {
		err, server = c.ask(&at)
	} else {
		err = c.do(&at)
	}
}

// ask asks the model and judges its answer.
func (c *call) ask(at *journal.Attempt) (*pawl.Error, time.Duration) {
	ask := c.p.step.Ask
	timeout := ask.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(c.a.calls, timeout)
	defer cancel()
	resp, err := c.generate(ctx)
	if err != nil {
		var wire *llm.Error
		if !errors.As(err, &wire) {
			return pawl.AsError(err, pawl.ErrInternal), 0
		}
		at.Usage, at.RequestID = wire.Usage, wire.RequestID
		if wire.Partial != "" {
			at.Raw = &wire.Partial
		}
		return pawl.AsError(err, pawl.ErrInternal), wire.RetryAfter
	}
	at.Raw, at.Usage, at.RequestID = &resp.Text, resp.Usage, resp.ID
	return c.judge(at, replay.JudgeText(c.p.step, resp.Text)), 0
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
		Meta: llm.Meta{Run: string(c.a.id), Key: string(c.p.key), Attempt: c.number},
	}, nil)
}

// do runs the step's code.
func (c *call) do(at *journal.Attempt) *pawl.Error {
	value, err := c.work()
	if err != nil {
		return pawl.AsError(err, pawl.ErrStep)
	}
	return c.judge(at, replay.JudgeValue(c.p.step, value))
}

// work calls the step's code. One that panics has failed.
func (c *call) work() (value json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &pawl.Error{Kind: pawl.ErrStep, Message: fmt.Sprintf("panic: %v%s", p, panicPlace()), Hint: "mend the step, then resume"}
			c.a.e.log.Error("step panicked", "run", c.a.id, "step", c.p.key, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	do := c.p.step.Do
	return do.Fn(c.a.calls, string(c.a.id)+"/"+string(c.p.key), do.Input)
}

// judge takes the gates' verdict into the attempt.
func (c *call) judge(at *journal.Attempt, v replay.Verdict) *pawl.Error {
	at.Gates = v.Gates
	switch {
	case v.Bug != nil:
		return v.Bug
	case v.Accepted():
		at.Outcome = pawl.OutcomeAccepted
		if c.p.step.Ask == nil || c.p.step.Ask.Schema != nil {
			at.Result = v.Value
		}
		return nil
	case c.p.step.Ask == nil:
		return &pawl.Error{Kind: pawl.ErrGate, Message: replay.Complaint(v.Gates)}
	}
	at.Outcome = pawl.OutcomeRejected
	return nil
}
