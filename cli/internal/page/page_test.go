package page

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/llm"
)

var at = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
		t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
	}
}

// A message that was sent before is not printed again.
func TestStepPage(t *testing.T) {
	var out strings.Builder
	p := &Page{Out: &out, Zone: time.UTC, Begun: at}
	ended := pawl.At(at.Add(2 * time.Second))
	ask, answer, complaint := pawl.Message{Role: llm.RoleUser, Text: "Say\n\tit."}, pawl.Message{Role: llm.RoleAssistant, Text: "no"}, pawl.Message{Role: llm.RoleUser, Text: "Again."}
	p.Step("r1", view.Step{
		Step: pawl.StepRecord{Key: "say", Kind: pawl.KindAsk, Boundary: pawl.BoundaryModel, Status: pawl.StepDone, Purpose: "Saying", Stale: true, Attempts: []pawl.Attempt{
			{Number: 1, Outcome: pawl.OutcomeRejected, StartedAt: pawl.At(at), EndedAt: &ended, Model: "test/one", Raw: new("no"), Gates: []pawl.GateResult{{Name: "kind", Detail: "rude"}}},
			{Number: 2, Outcome: pawl.OutcomeAccepted, StartedAt: pawl.At(at.Add(24 * time.Hour)), Model: "test/one", Raw: new("yes"), Gates: []pawl.GateResult{{Name: "kind", OK: true}}},
		}},
		Requests: []view.Request{
			{Number: 1, Messages: []pawl.Message{ask}, Schema: json.RawMessage(`{ "type": "string" }`), MaxTokens: 1200},
			{Number: 2, Messages: []pawl.Message{ask, answer, complaint}, Schema: json.RawMessage(`{"type":"string"}`), MaxTokens: 1200},
			{Number: 3, Messages: []pawl.Message{ask, answer, complaint}},
		},
	})
	same(t, "a step", out.String(), `step say of run r1 is done
purpose  Saying [stale]
kind     ask, by model
took     2s
schema   {"type":"string"}

attempt 1 rejected
  began  03:04:05
  took   2s
  model  test/one
  sent, user:
    Say
        it.
  limit  1,200 tokens
  answer:
    no
  gate   kind turned it down: rude

attempt 2 accepted
  began  2026-01-03 03:04:05
  model  test/one
  sent what attempt 1 sent, and
  sent, assistant:
    no
  sent, user:
    Again.
  limit  1,200 tokens
  answer:
    yes
  gate   kind passed

attempt 3 has no outcome yet
  sent what attempt 2 sent
`)
}

// What is asked is printed once, and all of a short proposal.
func TestBlockerPage(t *testing.T) {
	until := pawl.At(at.Add(time.Hour))
	b := pawl.Blocker{Key: "publish", Kind: pawl.BlockerApproval, Question: "publish it?", Who: "anna", Since: pawl.At(at), Deadline: &until,
		Proposal: json.RawMessage(`"# Tides"`), Actions: []pawl.Action{{Name: pawl.DecideApprove, Command: "pawl approve"}, {Name: pawl.DecideReject, Command: "pawl reject"}}}
	var out strings.Builder
	p := &Page{Out: &out, Zone: time.UTC, Begun: at}
	p.Blocker(nil, b, "mind the gap")
	p.Blocker(nil, b, "")
	same(t, "twice", out.String(), `blocker  publish: approval since 03:04:05, asks anna, until 2026-01-02 04:04:05
asked    publish it?
hint     mind the gap
proposal
  # Tides
go on    pawl approve
or       pawl reject
blocker  publish: approval since 03:04:05, asks anna, until 2026-01-02 04:04:05
proposal
  # Tides
`)
	out.Reset()
	p.Ask(nil, b, false, "pawl show")
	p.Ask(nil, b, true, "pawl show")
	b.Proposal, _ = json.Marshal(strings.Repeat("line\n", foldedLines+5))
	p.Ask(nil, b, true, "pawl show")
	same(t, "asked", out.String(), "publish asks anna: publish it? (until 2026-01-02 04:04:05)\n  # Tides\npublish proposes (until 2026-01-02 04:04:05)\n  # Tides\n"+
		"publish proposes (until 2026-01-02 04:04:05)\n"+strings.Repeat("  line\n", foldedLines)+"  ... 5 more lines: pawl show\n")
}

func TestVerdict(t *testing.T) {
	for want, d := range map[string]pawl.Decision{
		"approved by anna with edits after 3m0s": {What: pawl.DecideApprove, Who: "anna", Value: json.RawMessage("1"), At: pawl.At(at.Add(3 * time.Minute))},
		"rejected by ben (revise) after 2h":      {What: pawl.DecideReject, Who: "ben", Reason: "revise", Value: json.RawMessage("null"), At: pawl.At(at.Add(2 * time.Hour))},
		"decided by anna, waits to be asked":     {What: pawl.DecideAnswer, Who: "anna", Waits: true, At: pawl.At(at.Add(time.Hour))},
		"answered, since nobody decided in time": {What: pawl.DecideAnswer, Expired: true, At: pawl.At(at.Add(time.Hour))},
		"supplied by ben":                        {What: pawl.DecideSupply, Who: "ben", At: pawl.At(at)},
		"":                                       {What: pawl.DecideRetry, Who: "ben", At: pawl.At(at)},
	} {
		if got := Verdict(d, at); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestDecision(t *testing.T) {
	for want, d := range map[string]pawl.Decision{
		"publish: approve by anna at 2026-01-02 03:04:05, with edits: shorter title":  {Key: "publish", What: pawl.DecideApprove, Who: "anna", Value: json.RawMessage("1"), Comment: "shorter\ntitle", At: pawl.At(at)},
		"reject, since nobody decided in time, at 2026-01-02 03:04:05, reason revise": {What: pawl.DecideReject, Reason: "revise", Expired: true, At: pawl.At(at)},
	} {
		if got := Decision(time.UTC, d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestBudget(t *testing.T) {
	for want, b := range map[string]*pawl.BudgetRecord{
		"": nil,
		"$0.0500 and $0.0100 reserved of $2.50; 1,200 of 10,000 tokens": {Limit: pawl.Budget{USD: new(2.5), Tokens: new(int64(10000))},
			Spent: pawl.Spending{USD: new(0.05), Tokens: 1200, Calls: 3}, Reserved: pawl.Spending{USD: new(0.01)}},
		"an unknown sum and an unknown sum reserved of $2.50; 1 and 1 reserved of 1 model call": {Limit: pawl.Budget{USD: new(2.5), Calls: new(int64(1))},
			Spent: pawl.Spending{Calls: 1}, Reserved: pawl.Spending{Calls: 1}},
	} {
		if got := Budget(b); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Attempts that do not count take one line together, whatever delays they were told,
// and one place on the page of their step.
func TestUncountedAttempts(t *testing.T) {
	var attempts []pawl.Attempt
	for i := range 20 {
		ended := pawl.At(at.Add(time.Duration(i) * time.Minute))
		attempts = append(attempts, pawl.Attempt{Number: i + 1, Outcome: pawl.OutcomeFailed, Model: "test/one", StartedAt: ended, EndedAt: &ended,
			Uncounted: i != 3, Error: &pawl.ErrorRecord{Kind: "rate_limit", Message: "slow down for " + time.Duration(i).String()}})
	}
	s := pawl.StepRecord{Key: "say", Kind: pawl.KindAsk, Boundary: pawl.BoundaryModel, Status: pawl.StepRetrying, Purpose: "Saying", Attempts: attempts}
	var out strings.Builder
	(&Page{Out: &out, Zone: time.UTC, Begun: at}).Steps([]pawl.StepRecord{s}, nil)
	same(t, "the steps", out.String(), `
say  ask  model  retrying  0s  Saying
  attempts 1 to 3 failed, not counted: slow down for 0s
  attempt 4 failed, 0s: slow down for 3ns
  attempts 5 to 20 failed, not counted: slow down for 4ns`)
	out.Reset()
	(&Page{Out: &out, Zone: time.UTC, Begun: at}).Step("r1", view.Step{Step: s})
	same(t, "the step", out.String(), `step say of run r1 is retrying
purpose  Saying
kind     ask, by model
took     0s

attempts 1 to 3 failed; of the last:
  tries  none used: others of its model got through
  began  03:06:05
  took   0s
  model  test/one
  error  rate_limit: slow down for 2ns

attempt 4 failed
  began  03:07:05
  took   0s
  model  test/one
  error  rate_limit: slow down for 3ns

attempts 5 to 20 failed; of the last:
  tries  none used: others of its model got through
  began  03:23:05
  took   0s
  model  test/one
  error  rate_limit: slow down for 19ns`)
}

// The service tier of an answer stands on the page of its step, and beside a cost that is not
// known that it may be the reason.
func TestServiceTierLine(t *testing.T) {
	usage := func(usd *float64) *pawl.UsageRecord {
		return &pawl.UsageRecord{ModelCalls: 1, InputTokens: new(int64(10)), OutputTokens: new(int64(5)), CostUSD: usd}
	}
	for _, tt := range []struct {
		model, tier string
		usage       *pawl.UsageRecord
		want        string
	}{
		{"test/one", "", usage(nil), ""},
		{"test/one", "default", usage(nil), "  tier   default\n"},
		{"test/one", "flex", usage(new(0.5)), "  tier   flex\n"},
		{"test/one", "priority", usage(nil), "  tier   priority, of which no price is known\n"},
		{"stand-in", "priority", usage(nil), "  tier   priority\n"},
		{"test/one", "a\nb\x1b[2J", usage(new(0.5)), "  tier   a b"},
	} {
		var out strings.Builder
		p := &Page{Out: &out, Zone: time.UTC, Begun: at, StandIn: func(model string) bool { return model == "stand-in" }}
		p.Step("r1", view.Step{Step: pawl.StepRecord{Key: "say", Kind: pawl.KindAsk, Boundary: pawl.BoundaryModel, Status: pawl.StepDone, Attempts: []pawl.Attempt{
			{Number: 1, Outcome: pawl.OutcomeAccepted, StartedAt: pawl.At(at), Model: tt.model, ServiceTier: tt.tier, Usage: tt.usage}}}})
		if got := out.String(); !strings.Contains(got, tt.want) || tt.want == "" && strings.Contains(got, "  tier") || strings.Contains(got, "\x1b") {
			t.Errorf("%s, %q: %q, wants %q", tt.model, tt.tier, got, tt.want)
		}
	}
}
