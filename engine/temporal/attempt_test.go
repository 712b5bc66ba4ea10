package temporal_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// attempt makes one attempt and records it.
func (h *branch) attempt(key pawl.Key, s host.Step, plan replay.Plan) journal.Attempt {
	model := plan.Model
	past := h.run.history(key).Of(model)
	head := journal.Step{Kind: s.Kind(), Purpose: host.PurposeOf(s.Purpose, s.Name), Digest: replay.Digest(s, h.run.st.Model().For(s)), Source: host.Place(s.Caller)}
	head.Sensitive = s.Ask != nil && s.Ask.Schema != nil && s.Ask.Schema.Sensitive()
	at := journal.Attempt{Number: plan.Number, Model: model, StartedAt: pawl.At(workflow.Now(h.ctx))}
	if s.Do != nil && s.Do.Repeatable {
		if plan.Number == 1 {
			at.Step = &head
		}
	} else {
		h.run.draft(pawl.EventIntent, key, journal.Intent{Step: head, Number: plan.Number, Try: plan.Try, Of: plan.Of, Why: plan.Why, Model: model})
	}
	reply, err := h.leave(key, s, request{
		Run: string(h.run.st.Run), Key: string(key), Model: model, Number: plan.Number, Digest: head.Digest,
	}, past)
	at = h.judged(s, at, past, reply, err)
	h.run.draft(pawl.EventAttempt, key, at)
	return at
}

// judged completes an attempt. The verdict is kept as a side effect: gates are
// closures, so they run here, and tomorrow's code may judge otherwise.
func (h *branch) judged(s host.Step, at journal.Attempt, past replay.History, reply replay.Reply, err error) journal.Attempt {
	var timeout *temporal.TimeoutError
	switch {
	case errors.As(err, &timeout):
		at.Outcome = pawl.OutcomeUnknown
		return at
	case err != nil:
		reply = replay.Worked(&host.DoStep{}, nil, err)
	}
	var verdict journal.Attempt
	now := workflow.Now(h.ctx)
	kept := workflow.SideEffect(h.ctx, func(workflow.Context) any {
		v := at
		reply.Judge(s, &v)
		if v.Error != nil {
			v.RetryAt = past.RetryAt(s, v.Error.Kind, now, reply.RetryAfter, rand.Float64())
		}
		v.Raw = nil // the history has it
		return v
	})
	if err := kept.Get(&verdict); err != nil {
		panic(err)
	}
	verdict.Raw = reply.Text
	return verdict
}

// leave makes an attempt: a registered activity that is all data, or a closure
// as a local activity.
func (h *branch) leave(key pawl.Key, s host.Step, r request, past replay.History) (reply replay.Reply, err error) {
	h.run.inFlight++
	defer func() { h.run.inFlight-- }()
	once := &temporal.RetryPolicy{MaximumAttempts: 1}
	if s.Do != nil {
		ctx := workflow.WithLocalActivityOptions(h.ctx, workflow.LocalActivityOptions{
			StartToCloseTimeout: time.Minute, RetryPolicy: once, Summary: string(key),
		})
		w := work{do: s.Do, key: replay.IdempotencyKey(h.run.st.Run, key, 0)}
		err = workflow.ExecuteLocalActivity(ctx, w.Do).Get(h.ctx, &reply)
		return reply, err
	}
	r.Messages, r.MaxTokens = past.Messages(s.Ask.Messages), past.MaxTokens(s, r.Model)
	r.SchemaName, r.Timeout, r.Gates = s.Ask.SchemaName, s.Ask.Timeout, replay.GateNames(s)
	if sent := s.Ask.SentSchema(); sent != nil {
		r.Schema = sent.JSON()
	}
	if r.Timeout <= 0 {
		r.Timeout = replay.DefaultTimeout
	}
	id := string(key)
	if r.Number > 1 {
		id = fmt.Sprintf("%s!%d", key, r.Number)
	}
	ctx := workflow.WithActivityOptions(h.ctx, workflow.ActivityOptions{
		ActivityID: id, StartToCloseTimeout: r.Timeout + 10*time.Second, RetryPolicy: once, Summary: host.PurposeOf(s.Purpose, s.Name),
	})
	var back answer
	err = workflow.ExecuteActivity(ctx, askActivity, r).Get(h.ctx, &back)
	return back.Reply, err
}

// work carries a do's closure to where it runs.
type work struct {
	do  *host.DoStep
	key string
}

// Do runs the closure. Its failure is a reply, not an error: Temporal must not
// sort it.
func (w work) Do(ctx context.Context) (replay.Reply, error) {
	value, err := w.call(ctx)
	return replay.Worked(w.do, value, err), nil
}

func (w work) call(ctx context.Context) (value []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &pawl.Error{Kind: pawl.ErrStep, Message: "panic: " + host.PanicText(p) + host.PanicPlace(), Hint: "mend the step, then resume"}
		}
	}()
	return w.do.Fn(ctx, w.key, w.do.Input)
}

// askActivity is the name under which asks are registered.
const askActivity = "pawl.ask"

// answer is what the ask activity returns.
type answer struct {
	replay.Reply
	Digest string // of the request, for a replay by other code
}

// asker is the side that has the keys.
type asker struct{ models llm.Catalog }

// Ask asks the model once.
func (a asker) Ask(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	resp, err := a.generate(ctx, r)
	return answer{Reply: replay.Answered(resp, err, r.MaxTokens).Priced(llm.DefaultPrices(), r.Model), Digest: r.Digest}, nil
}

func (a asker) generate(ctx context.Context, r request) (llm.Response, error) {
	m, name, err := a.models.Lookup(r.Model)
	if err != nil {
		return llm.Response{}, &pawl.Error{Kind: pawl.ErrInput, Message: err.Error(), Err: err}
	}
	var answers *schema.Schema
	if len(r.Schema) > 0 {
		if answers, err = schema.Parse(r.Schema); err != nil {
			return llm.Response{}, err
		}
	}
	return m.Generate(ctx, llm.Request{
		Model: name, Messages: r.Messages, Schema: answers, SchemaName: r.SchemaName, MaxTokens: r.MaxTokens,
		Meta: llm.Meta{Run: r.Run, Key: r.Key, Attempt: r.Number, Gates: r.Gates},
	}, nil)
}
