package mcpserver_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
)

// Bad arguments are errors that name the argument, and that the client's model reads.
func TestBadArguments(t *testing.T) {
	for _, era := range eras {
		h := open(t, allowed)
		a := h.connect(era, nil)
		for _, c := range []struct {
			tool string
			args string
			kind pawl.ErrorKind
			with string
		}{
			{"flow_get", `{"flow":"leter"}`, pawl.ErrNotFound, `did you mean "letter"`},
			{"flow_get", `{}`, pawl.ErrInput, "flow"},
			{"flow_get", `{"flow":7}`, pawl.ErrInput, "flow"},
			{"flow_get", `{"flow":"letter","flow":"table-for"}`, pawl.ErrInput, "flow"},
			{"flow_list", `{"all":true}`, pawl.ErrInput, "all"},
			{"run_start", `{"flow":"nothing","input":{}}`, pawl.ErrNotFound, "flow_list"},
			{"run_start", `{"flow":"letter"}`, pawl.ErrInput, "topic"},
			{"run_start", `{"flow":"letter","input":"tides"}`, pawl.ErrInput, ""},
			{"run_start", `{"flow":"letter","input":{"topic":""}}`, pawl.ErrInput, "topic"},
			{"run_start", `{"flow":"letter","input":{"topic":"x"},"model":"no/model"}`, pawl.ErrInput, "no"},
			{"run_start", `{"flow":"letter","input":{"topic":"x"},"wait_seconds":3600}`, pawl.ErrInput, "wait_seconds"},
			{"run_start", `{"flow":"letter","input":{"topic":"x"},"budget":{"usd":-1}}`, pawl.ErrInput, "budget.usd"},
			{"run_get", `{"run":"nothing"}`, pawl.ErrNotFound, "nothing"},
			{"run_get", `{"run":""}`, pawl.ErrInput, "run"},
			{"run_wait", `{"run":"nothing"}`, pawl.ErrNotFound, "nothing"},
			{"run_list", `{"since":"yesterday-ish"}`, pawl.ErrInput, "since"},
			{"run_list", `{"status":["sleeping"]}`, pawl.ErrInput, "status"},
			{"run_list", `{"limit":100000}`, pawl.ErrInput, "limit"},
			{"run_events", `{"run":"nothing"}`, pawl.ErrNotFound, ""},
			{"run_control", `{"run":"nothing","action":"pause"}`, pawl.ErrNotFound, ""},
			{"run_control", `{"run":"nothing","action":"explode"}`, pawl.ErrInput, "action"},
			{"run_control", `{"run":"nothing","action":"guide"}`, pawl.ErrInput, "text"},
			{"run_diff", `{"run":"nothing"}`, pawl.ErrNotFound, ""},
			{"run_export", `{"run":"nothing","format":"pdf"}`, pawl.ErrInput, "format"},
			{"run_export", `{"run":"nothing","format":"json"}`, pawl.ErrNotFound, ""},
			{"inbox_get", `{"run":"nothing"}`, pawl.ErrNotFound, ""},
			{"inbox_decide", `{"run":"nothing","what":"approve"}`, pawl.ErrNotFound, ""},
			{"docs_search", `{"query":""}`, pawl.ErrInput, "query"},
		} {
			a.fails(c.tool, json.RawMessage(c.args), c.kind, c.with)
		}
		if r, err := a.CallTool(t.Context(), &mcp.CallToolParams{Name: "rm_rf", Arguments: map[string]any{}}); err == nil {
			t.Errorf("a tool that is none answers %s", text(r))
		}
	}
}

// A thousand calls at once are answered, each with its own answer.
func TestManyCalls(t *testing.T) {
	h := open(t, nil)
	a := h.connect(eras[1], nil)
	run := a.start("letter", map[string]any{"topic": "tides"}).Run
	tools := []struct {
		name string
		args map[string]any
		want string
	}{{"run_get", map[string]any{"run": run.ID}, `"steps"`}, {"flow_list", nil, `"flows"`}, {"run_wait", map[string]any{"run": run.ID}, `"waiting"`}, {"run_list", nil, `"runs"`},
		{"run_start", map[string]any{"flow": "letter", "input": map[string]any{"topic": "x"}, "idempotency_key": "one"}, `"id"`}}
	var wait sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]bool{}
	for i := range 1000 {
		c := tools[i%len(tools)]
		wait.Go(func() {
			r, err := a.CallTool(t.Context(), &mcp.CallToolParams{Name: c.name, Arguments: c.args})
			if err != nil || r.IsError || !strings.Contains(text(r), c.want) {
				t.Errorf("%s: %v %+v", c.name, err, r)
				return
			}
			var of answered
			if c.name == "run_start" && json.Unmarshal([]byte(text(r)), &of) == nil {
				mu.Lock()
				defer mu.Unlock()
				ids[string(of.ID)] = true
			}
		})
	}
	wait.Wait()
	if len(ids) != 1 {
		t.Errorf("%d runs were started under one key", len(ids))
	}
	a.rest(run.ID)
}

// What a model writes stands in results as a text, and nowhere else; what is sensitive nowhere.
func TestModelWords(t *testing.T) {
	h := open(t, nil)
	a := h.connect(eras[1], nil)
	params := &mcp.CallToolParams{Name: "run_start", Arguments: map[string]any{"flow": "letter", "input": map[string]any{"topic": "tides", "secret": "hush-hush"}, "wait_seconds": 45}}
	params.SetProgressToken(1)
	r, err := a.CallTool(t.Context(), params)
	if err != nil || r.IsError {
		t.Fatal(err, r)
	}
	var started answered
	if err := json.Unmarshal([]byte(text(r)), &started); err != nil {
		t.Fatal(err)
	}
	run := a.rest(started.ID)
	if strings.Contains(run.Next, "IGNORE") {
		t.Errorf("next is %q", run.Next)
	}
	if said := string(run.Run.Blockers[0].Proposal); !strings.Contains(said, "IGNORE") {
		t.Errorf("the proposal is %s", said)
	}
	tools, err := a.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resources, err := a.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	prompts, err := a.ListPrompts(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []any{tools, resources, prompts, a.InitializeResult()} {
		if strings.Contains(asText(list), "IGNORE") {
			t.Errorf("the words of a model stand in %T", list)
		}
	}
	close(a.told)
	for told := range a.told {
		if strings.Contains(told, "IGNORE") {
			t.Errorf("progress says %q", told)
		}
	}
	for _, tool := range []string{"run_get", "run_events", "run_wait"} {
		if got := text(a.call(nil, tool, map[string]any{"run": started.ID})); strings.Contains(got, "hush-hush") {
			t.Errorf("%s shows what is sensitive: %s", tool, got)
		}
	}
	if got := text(a.call(nil, "run_get", map[string]any{"run": started.ID, "step": "write"})); strings.Contains(got, "hush-hush") {
		t.Errorf("the step shows what is sensitive: %s", got)
	}
}

// What is large is left out of an answer, which says so, and a resource has it.
func TestLargeResults(t *testing.T) {
	h := open(t, nil)
	a := h.connect(eras[1], nil)
	got := a.start("large", map[string]any{})
	if len(got.LeftOut) != 1 || got.LeftOut[0] != "run.blockers[0].proposal" || string(got.Run.Blockers[0].Proposal) != "null" {
		t.Errorf("left out is %q", got.LeftOut)
	}
	if err := h.engine.Decide(t.Context(), got.Run.ID, pawl.Decision{Key: "look", What: pawl.DecideApprove, Who: "paula", Digest: got.Run.Blockers[0].Digest}); err != nil {
		t.Fatal(err)
	}
	got = a.rest(got.Run.ID)
	for _, c := range []struct {
		tool string
		args map[string]any
		want string
	}{
		{"run_get", map[string]any{"run": got.Run.ID}, `"run.output"`},
		{"run_get", map[string]any{"run": got.Run.ID, "step": "look"}, `"step.output"`},
		{"run_wait", map[string]any{"run": got.Run.ID}, `"run.output"`},
		{"run_events", map[string]any{"run": got.Run.ID}, `"left_out":[`},
		{"run_export", map[string]any{"run": got.Run.ID, "format": "json"}, `"text":""`},
	} {
		r := a.call(nil, c.tool, c.args)
		if text := text(r); len(text) > 100_000 || !strings.Contains(text, c.want) {
			t.Errorf("%s has %d bytes, wants %s: %.500s", c.tool, len(text), c.want, text)
		}
	}
	for _, uri := range []string{"run://", "export://"} {
		if r, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri + string(got.Run.ID)}); err != nil || len(r.Contents[0].Text) < 250_000 {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

// The arguments of a tool are of one type each: some providers of models refuse a tool that says
// otherwise. What may be left out may be null all the same.
func TestOneTypeEach(t *testing.T) {
	h := open(t, allowed)
	a := h.connect(eras[1], nil)
	tools, err := a.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range tools.Tools {
		if schema := asText(tool.InputSchema); strings.Contains(schema, `"type":[`) || strings.Contains(schema, `"null"`) {
			t.Errorf("%s wants %s", tool.Name, schema)
		}
	}
	a.call(nil, "run_start", json.RawMessage(`{"flow":"count","input":{"topic":"x"},"budget":null}`))
	a.call(nil, "run_start", json.RawMessage(`{"flow":"count","input":{"topic":"x"},"budget":{"usd":null,"calls":3}}`))
}
