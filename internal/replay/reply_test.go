package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// A reply means the same after it has crossed to another process.
func TestRepliesCross(t *testing.T) {
	type answer struct {
		N int    `json:"n"`
		S string `json:"s" pawl:"default=plain"`
	}
	s, err := schema.For[answer]()
	if err != nil {
		t.Fatal(err)
	}
	no := host.Gate{Name: "no", Check: func(*host.Candidate) error { return errors.New("not good") }}
	bug := host.Gate{Name: "bug", Check: func(*host.Candidate) error { panic("oops") }}
	ask, do := host.Step{Ask: &host.AskStep{}}, host.Step{Do: &host.DoStep{}}
	with := func(s host.Step, g ...host.Gate) host.Step { s.Gates = g; return s }
	usage := &llm.Usage{InputTokens: 3}
	for name, c := range map[string]struct {
		step  host.Step
		reply replay.Reply
		want  journal.Attempt
	}{
		"text":     {ask, replay.Answered(llm.Response{Text: "", ID: "r", Usage: usage}, nil, 0), journal.Attempt{Outcome: "accepted", Raw: new(string), RequestID: "r", Usage: usage}},
		"defaults": {host.Step{Ask: &host.AskStep{Schema: s}}, replay.Answered(llm.Response{Text: `{"n":1}`}, nil, 0), journal.Attempt{Outcome: "accepted", Raw: pointer(`{"n":1}`), Result: json.RawMessage(`{"n":1,"s":"plain"}`), Gates: []pawl.GateResult{{Name: "schema", OK: true}}}},
		"rejected": {with(ask, no), replay.Answered(llm.Response{Text: "x"}, nil, 0), journal.Attempt{Outcome: "rejected", Raw: pointer("x"), Gates: []pawl.GateResult{{Name: "no", Detail: "not good"}}}},
		"partial": {ask, replay.Answered(llm.Response{}, &llm.Error{Kind: llm.Network, Message: "cut", RequestID: "r", Partial: "ha", Usage: usage}, 0),
			journal.Attempt{Outcome: "failed", Raw: pointer("ha"), RequestID: "r", Usage: usage, Error: &journal.Failure{Kind: "network", Message: "network: cut"}}},
		"bug": {with(ask, bug), replay.Answered(llm.Response{Text: "x"}, nil, 0), journal.Attempt{Outcome: "failed", Raw: pointer("x"),
			Gates: []pawl.GateResult{{Name: "bug", Detail: "panicked: oops"}}, Error: &journal.Failure{Kind: "flow", Message: `gate "bug": panicked: oops`, Hint: "mend the gate, then resume"}}},
		"priced": {ask, replay.Answered(llm.Response{Text: "", Usage: usage}, nil, 0).Priced(llm.Prices{"a/*": {Input: 2}}, "a/b"),
			journal.Attempt{Outcome: "accepted", Raw: new(string), Usage: usage, CostUSD: new(0.000006)}},
		"no price": {ask, replay.Answered(llm.Response{Text: "", Usage: usage}, nil, 0).Priced(llm.Prices{"a/*": {Input: 2}}, "b/b"),
			journal.Attempt{Outcome: "accepted", Raw: new(string), Usage: usage}},
		"no usage": {ask, replay.Answered(llm.Response{Text: ""}, nil, 0).Priced(llm.Prices{"a/*": {Input: 2}}, "a/b"),
			journal.Attempt{Outcome: "accepted", Raw: new(string)}},
		"paid and cut": {ask, replay.Answered(llm.Response{}, &llm.Error{Kind: llm.Truncated, Usage: usage}, 0).Priced(llm.Prices{"a/*": {Input: 2}}, "a/b"),
			journal.Attempt{Outcome: "failed", Usage: usage, CostUSD: new(0.000006), Error: &journal.Failure{Kind: "truncated", Message: "truncated"}}},
		"of no use": {ask, replay.Answered(llm.Response{}, &llm.Error{Kind: llm.Overloaded, Answered: true}, 0),
			journal.Attempt{Outcome: "failed", Unmetered: true, Error: &journal.Failure{Kind: "overloaded", Message: "overloaded"}}},
		"of no use, metered": {ask, replay.Answered(llm.Response{}, &llm.Error{Kind: llm.Overloaded, Answered: true, Usage: usage}, 0),
			journal.Attempt{Outcome: "failed", Usage: usage, Error: &journal.Failure{Kind: "overloaded", Message: "overloaded"}}},
		"cut, unmetered": {ask, replay.Answered(llm.Response{}, &llm.Error{Kind: llm.Truncated}, 0),
			journal.Attempt{Outcome: "failed", Unmetered: true, Error: &journal.Failure{Kind: "truncated", Message: "truncated"}}},
		"turned down": {ask, replay.Answered(llm.Response{}, &llm.Error{Kind: llm.Overloaded, Status: 503}, 0),
			journal.Attempt{Outcome: "failed", Error: &journal.Failure{Kind: "overloaded", Message: "overloaded (HTTP 503)"}}},
		"value":    {do, replay.Worked(do.Do, json.RawMessage(`9007199254740993`), nil), journal.Attempt{Outcome: "accepted", Result: json.RawMessage(`9007199254740993`)}},
		"do gated": {with(do, no), replay.Worked(do.Do, json.RawMessage(`1`), nil), journal.Attempt{Outcome: "failed", Gates: []pawl.GateResult{{Name: "no", Detail: "not good"}}, Error: &journal.Failure{Kind: "gate", Message: "not good"}}},
		"do late":  {do, replay.Worked(do.Do, nil, fmt.Errorf("get: %w", context.DeadlineExceeded)), journal.Attempt{Outcome: "failed", Error: &journal.Failure{Kind: "step", Message: "get: context deadline exceeded", Hint: "its effect may have happened; resume to run its code again"}}},
		"do late, repeatable": {do, replay.Worked(&host.DoStep{Repeatable: true}, nil, fmt.Errorf("get: %w", context.DeadlineExceeded)),
			journal.Attempt{Outcome: "failed", Error: &journal.Failure{Kind: "timeout", Message: "get: context deadline exceeded"}}},
		"do will pass": {do, replay.Worked(do.Do, nil, fmt.Errorf("get: %w", pawl.RetryAfter(errors.New("busy"), time.Minute))),
			journal.Attempt{Outcome: "failed", Error: &journal.Failure{Kind: "transient", Message: "busy"}}},
		"do says otherwise": {do, replay.Worked(&host.DoStep{Repeatable: true}, nil, &pawl.Error{Kind: pawl.ErrStep, Message: "no", Err: context.DeadlineExceeded}),
			journal.Attempt{Outcome: "failed", Error: &journal.Failure{Kind: "step", Message: "no", Hint: "its effect may have happened; resume to run its code again"}}},
		"do fails": {do, replay.Worked(do.Do, nil, errors.New("disk full")), journal.Attempt{Outcome: "failed", Error: &journal.Failure{Kind: "step", Message: "disk full"}}},
	} {
		raw, err := json.Marshal(c.reply)
		if err != nil {
			t.Fatal(err)
		}
		var crossed replay.Reply
		if err := json.Unmarshal(raw, &crossed); err != nil {
			t.Fatal(err)
		}
		at := journal.Attempt{Error: &journal.Failure{Message: "of before"}}
		crossed.Judge(c.step, &at)
		if diff := cmp.Diff(c.want, at); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func pointer(s string) *string { return &s }

func TestRetryAt(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	limited := journal.Attempt{Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: "rate_limit"}}
	var h replay.History
	ask := host.Step{Ask: &host.AskStep{}}
	for n, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
		if at := h.RetryAt(ask, "overloaded", now, 0, 0.5); at == nil || at.Sub(now) != want {
			t.Errorf("after %d: %v, want in %s", n, at, want)
		}
		h = h.With(limited)
	}
	if at := h.RetryAt(ask, "rate_limit", now, 0, 0.5); at != nil {
		t.Errorf("after the last: %v", at)
	}
	if at := (replay.History{}).RetryAt(ask, "refused", now, time.Minute, 0); at != nil {
		t.Errorf("after a refusal: %v", at)
	}
	if at := (replay.History{}).RetryAt(ask, "rate_limit", now, time.Minute, 0); at == nil || at.Sub(now) != time.Minute {
		t.Errorf("with a server's delay: %v", at)
	}
	ask.Tries = 1
	if at := (replay.History{}).RetryAt(ask, "rate_limit", now, time.Minute, 0); at != nil {
		t.Errorf("after the only try: %v", at)
	}
	delayed := &llm.Error{Kind: llm.RateLimit, RetryAfter: time.Hour}
	for _, r := range []replay.Reply{replay.Answered(llm.Response{}, delayed, 0), replay.Worked(&host.DoStep{}, nil, delayed),
		replay.Worked(&host.DoStep{}, nil, fmt.Errorf("post: %w", pawl.RetryAfter(errors.New("busy"), time.Hour)))} {
		if r.RetryAfter != time.Hour {
			t.Errorf("%+v: the delay is lost", r)
		}
	}
}

func TestFates(t *testing.T) {
	bad, rejected := errors.New("bad"), fmt.Errorf("chief: %w", pawl.ErrRejected)
	for _, c := range []struct {
		err           error
		panicked, try bool
		want          replay.Fate
	}{
		{nil, false, false, replay.Joins},
		{bad, false, false, replay.FailsRun},
		{bad, false, true, replay.Joins},
		{bad, true, true, replay.FailsRun},
		{rejected, false, false, replay.EndsRun},
		{rejected, false, true, replay.Joins},
		{&pawl.Error{Kind: pawl.ErrFlow, Err: rejected, Final: true}, false, false, replay.FailsRun},
	} {
		if got := replay.FateOf(c.err, c.panicked, c.try); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	own := &pawl.Error{Kind: pawl.ErrGate, Message: "m", Step: "items[1]/inner/ask"}
	errs := []error{nil, replay.Returned(fmt.Errorf("wrapped: %w", own), "items[1]/inner"), bad}
	if errs[1] != error(own) {
		t.Errorf("returned %v, want the *pawl.Error", errs[1])
	}
	if err := replay.Joined(host.Fork{}, errs); err != own {
		t.Errorf("joined %v, want the first", err)
	}
	if err := replay.Joined(host.Fork{Try: true}, errs); err != nil {
		t.Errorf("joined %v of a scope that returns them", err)
	}
}
