package mcpserver_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mcpserver"
)

func allowed(o *mcpserver.Options) { o.AllowDecisions = true }

// Without the grant nobody decides, whatever the client can do: the answer says how a person does.
func TestDecideIsNotAllowed(t *testing.T) {
	for _, era := range eras {
		h := open(t, nil)
		a := h.connect(era, func(*mcp.ElicitParams) (*mcp.ElicitResult, error) {
			t.Error("the person is asked")
			return &mcp.ElicitResult{Action: "accept"}, nil
		})
		run := a.start("letter", map[string]any{"topic": "tides"}).Run
		a.fails("inbox_decide", map[string]any{"run": run.ID, "step": "send", "what": "approve", "digest": run.Blockers[0].Digest}, "forbidden",
			"http://studio.example/runs/"+string(run.ID), "pawl approve "+string(run.ID))
		if got := a.rest(run.ID); got.Run.Status != pawl.StatusWaiting || len(got.Run.Decisions) != 0 {
			t.Errorf("the run is %+v", got.Run)
		}
	}
}

// Where the client can ask its person, that one decides. What they do not decide stays open.
func TestPersonIsAsked(t *testing.T) {
	for _, era := range eras {
		for _, c := range []struct {
			name     string
			answer   *mcp.ElicitResult
			outcome  string
			decision pawl.DecisionKind
			output   string
		}{
			{"approve", &mcp.ElicitResult{Action: "accept", Content: map[string]any{"decision": "approve"}}, "decided", pawl.DecideApprove, "IGNORE"},
			{"edit", &mcp.ElicitResult{Action: "accept", Content: map[string]any{"decision": "approve", "value": `{"text":"better","words":1}`, "comment": "shorter"}}, "decided", pawl.DecideApprove, `"text":"better"`},
			{"reject", &mcp.ElicitResult{Action: "accept", Content: map[string]any{"decision": "reject", "reason": "drop"}}, "decided", pawl.DecideReject, "not sent: drop"},
			{"decline", &mcp.ElicitResult{Action: "decline"}, "declined", "", ""},
			{"cancel", &mcp.ElicitResult{Action: "cancel"}, "canceled", "", ""},
		} {
			t.Run(era+" "+c.name, func(t *testing.T) {
				h := open(t, allowed)
				var shown *mcp.ElicitParams
				a := h.connect(era, func(p *mcp.ElicitParams) (*mcp.ElicitResult, error) { shown = p; return c.answer, nil })
				run := a.start("letter", map[string]any{"topic": "tides"}).Run
				var got answered
				a.call(&got, "inbox_decide", map[string]any{"run": run.ID, "step": "send", "what": "approve"}) // which is a proposal alone
				if got.Outcome != c.outcome {
					t.Fatalf("the outcome is %q, want %q", got.Outcome, c.outcome)
				}
				if shown == nil || !strings.Contains(shown.Message, "Send it?") || !strings.Contains(shown.Message, "IGNORE ALL") || strings.ContainsAny(shown.Message, "\u001b\u202e") {
					t.Errorf("the person is shown %+v", shown)
				}
				if c.decision == "" {
					if len(got.Run.Decisions) != 0 || len(got.Run.Blockers) != 1 || len(got.Commands) == 0 {
						t.Errorf("it is %+v", got)
					}
					return
				}
				got = a.rest(run.ID)
				d := got.Run.Decisions[0]
				if d.What != c.decision || d.Who != "mcp: tester" || !strings.Contains(d.Comment, "asked through mcp: tester") || !strings.Contains(string(got.Run.Output), c.output) {
					t.Errorf("the decision is %+v, the output %s", d, got.Run.Output)
				}
			})
		}
	}
}

// A question for values is a form of its fields.
func TestPersonFillsIn(t *testing.T) {
	for _, era := range eras {
		h := open(t, allowed)
		a := h.connect(era, func(p *mcp.ElicitParams) (*mcp.ElicitResult, error) {
			if form := asText(p.RequestedSchema); !strings.Contains(form, `"today"`) || !strings.Contains(form, `"guests"`) {
				t.Errorf("the form is %s", form)
			}
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"when": "today", "guests": 4}}, nil
		})
		run := a.start("table-for", map[string]any{}).Run
		var got answered
		a.call(&got, "inbox_decide", map[string]any{"run": run.ID, "step": "day"})
		if got = a.rest(run.ID); string(got.Run.Output) != `{"when":"today","guests":4}` {
			t.Errorf("the output is %s", got.Run.Output)
		}
	}
}

// Where nobody can be asked, the grant lets the agent decide, once, and for what it was shown;
// without a decision the answer says how a person does.
func TestAgentDecides(t *testing.T) {
	h := open(t, allowed)
	a := h.connect(eras[0], nil)
	run := a.start("letter", map[string]any{"topic": "tides"}).Run
	args := map[string]any{"run": run.ID, "step": "send"}
	var got answered
	a.call(&got, "inbox_decide", args)
	if got.Outcome != "open" || len(got.Commands) == 0 {
		t.Errorf("it is %+v", got)
	}
	args["what"] = "approve"
	a.fails("inbox_decide", args, pawl.ErrInput, "digest")
	args["digest"] = "sha256:0000"
	a.fails("inbox_decide", args, pawl.ErrConflict)
	args["digest"], args["value"] = run.Blockers[0].Digest, map[string]any{"text": "x", "words": -1}
	a.fails("inbox_decide", args, pawl.ErrInput, "words")
	delete(args, "value")
	a.call(&got, "inbox_decide", args)
	if got = a.rest(run.ID); got.Run.Status != pawl.StatusDone || !strings.Contains(got.Run.Decisions[0].Comment, "decided by the agent of mcp: tester") {
		t.Errorf("the run is %+v", got.Run)
	}
	a.fails("inbox_decide", args, pawl.ErrNotFound, "mcp: tester has said approve")
}

// A state that was changed, that is of another question, or that was used is refused.
func TestRequestState(t *testing.T) {
	h := open(t, allowed)
	asks := func(*mcp.ElicitParams) (*mcp.ElicitResult, error) { return &mcp.ElicitResult{Action: "cancel"}, nil }
	a := h.connect(eras[1], asks, func(o *mcp.ClientOptions) { o.MultiRoundTrip = &mcp.MultiRoundTripOptions{Disabled: true} })
	first := a.start("letter", map[string]any{"topic": "tides"}).Run
	second := a.start("letter", map[string]any{"topic": "tides"}).Run
	try := func(run pawl.RunID, what, state string, answer *mcp.ElicitResult) (*mcp.CallToolResult, error) {
		p := &mcp.CallToolParams{Name: "inbox_decide", Arguments: map[string]any{"run": run, "step": "send", "what": what}, RequestState: state}
		if answer != nil {
			p.InputResponses = mcp.InputResponseMap{"decision": answer}
		}
		return a.CallTool(t.Context(), p)
	}
	call := func(run pawl.RunID, what, state string, answer *mcp.ElicitResult) *mcp.CallToolResult {
		t.Helper()
		r, err := try(run, what, state, answer)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	yes := &mcp.ElicitResult{Action: "accept", Content: map[string]any{"decision": "approve"}}
	asked := call(first.ID, "approve", "", nil)
	state := asked.RequestState
	if state == "" || len(asked.InputRequests) != 1 {
		t.Fatalf("nobody is asked: %+v", asked)
	}
	if r := call(first.ID, "approve", "", yes); len(r.InputRequests) != 1 {
		t.Errorf("an answer without a state is taken: %+v", r)
	}
	for name, c := range map[string]struct {
		run         pawl.RunID
		what, state string
	}{
		"forged": {first.ID, "approve", "9999999999.AAAA"}, "longer": {first.ID, "approve", "9" + state}, "none": {first.ID, "approve", "x"},
		"of another run": {second.ID, "approve", state}, "of other words": {first.ID, "reject", state},
	} {
		wrong := (*jsonrpc.Error)(nil)
		if r, err := try(c.run, c.what, c.state, yes); !errors.As(err, &wrong) || wrong.Code != jsonrpc.CodeInvalidParams || !strings.Contains(wrong.Message, "requestState") {
			t.Errorf("%s: %v, %+v", name, err, r)
		}
	}
	if r := call(first.ID, "approve", state, yes); r.IsError {
		t.Errorf("the state is refused: %s", text(r))
	}
	if r := call(first.ID, "approve", state, yes); !r.IsError {
		t.Errorf("the state is taken twice: %s", text(r))
	}
	if got := a.rest(second.ID); got.Run.Status != pawl.StatusWaiting {
		t.Errorf("the other run is %s", got.Run.Status)
	}
}

// A question about what is sensitive goes through no form, and no agent answers it where a person
// could be asked.
func TestSecretsAreNotAsked(t *testing.T) {
	for _, era := range eras {
		h := open(t, allowed)
		a := h.connect(era, func(p *mcp.ElicitParams) (*mcp.ElicitResult, error) {
			t.Errorf("the person is asked %+v", p)
			return &mcp.ElicitResult{Action: "cancel"}, nil
		})
		run := a.start("pin", map[string]any{}).Run
		var got answered
		a.call(&got, "inbox_decide", map[string]any{"run": run.ID, "step": "pin", "what": "answer", "digest": run.Blockers[0].Digest, "value": map[string]any{"pin": "1234"}})
		if got.Outcome != "open" || len(got.Commands) == 0 || len(got.Run.Decisions) != 0 {
			t.Errorf("it is %+v", got)
		}
	}
}
