package mcpserver_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mcpserver"
	"github.com/pawlrun/pawl/journal"
)

// An agent finds a flow, starts it, follows it to where a person is asked, learns where that
// one decides, and fetches what came of it.
func TestFromFlowToResult(t *testing.T) {
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			h := open(t, nil)
			a := h.connect(era, nil)
			var flows struct {
				Flows []struct {
					Name  string
					Needs []string
				}
			}
			a.call(&flows, "flow_list", nil)
			if len(flows.Flows) != 7 || flows.Flows[0].Name != "letter" || len(flows.Flows[0].Needs) != 1 {
				t.Fatalf("flows are %+v", flows)
			}
			var flow struct{ Example json.RawMessage }
			a.call(&flow, "flow_get", map[string]any{"flow": "letter"})
			got := a.start("letter", flow.Example)
			if got.Run.Status != pawl.StatusWaiting || got.Run.Who != "mcp: tester" || got.Studio != "http://studio.example/runs/"+string(got.Run.ID) {
				t.Fatalf("the run is %+v", got)
			}
			if act := got.Run.Blockers[0].Actions[0]; act.Command != "pawl approve "+string(got.Run.ID) {
				t.Errorf("the action is %+v", act)
			}
			var inbox struct{ Items []pawl.InboxItem }
			a.call(&inbox, "inbox_list", nil)
			if len(inbox.Items) != 1 || inbox.Items[0].Run != got.Run.ID {
				t.Fatalf("the inbox is %+v", inbox)
			}
			var b struct {
				pawl.InboxItem
				Schema json.RawMessage
			}
			a.call(&b, "inbox_get", map[string]any{"run": got.Run.ID, "step": "send"})
			if b.Question != "Send it?" || !strings.Contains(string(b.Schema), "words") {
				t.Errorf("the question is %+v", b)
			}
			if err := h.engine.Decide(t.Context(), got.Run.ID, pawl.Decision{Key: "send", What: pawl.DecideApprove, Who: "paula", Digest: b.Digest}); err != nil {
				t.Fatal(err)
			}
			got = a.rest(got.Run.ID)
			if got.Run.Status != pawl.StatusDone || !strings.Contains(string(got.Run.Output), `"by":"paula"`) {
				t.Fatalf("the run is %+v", got.Run)
			}
			var file struct{ Text, Resource string }
			a.call(&file, "run_export", map[string]any{"run": got.Run.ID, "format": "json"})
			read, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: file.Resource})
			if err != nil || read.Contents[0].Text != file.Text || file.Text == "" {
				t.Errorf("the file is %q, the resource %+v, %v", file.Text, read, err)
			}
			var events struct {
				Events []pawl.Event
				After  pawl.Seq
				More   bool
			}
			a.call(&events, "run_events", map[string]any{"run": got.Run.ID, "limit": 2})
			if len(events.Events) != 2 || !events.More || events.After != 2 {
				t.Errorf("events are %+v", events)
			}
			var step struct{ Step pawl.StepRecord }
			a.call(&step, "run_get", map[string]any{"run": got.Run.ID, "step": "write"})
			if step.Step.Key != "write" {
				t.Errorf("the step is %+v", step)
			}
			other := a.start("letter", map[string]any{"topic": "moon"})
			var diff struct{ Input struct{ Same bool } }
			a.call(&diff, "run_diff", map[string]any{"run": other.Run.ID, "with": got.Run.ID})
			if diff.Input.Same {
				t.Error("the inputs are said to be the same")
			}
			var list struct {
				Runs []pawl.RunSummary
				Next pawl.RunID
			}
			a.call(&list, "run_list", map[string]any{"flow": "letter", "limit": 1})
			if len(list.Runs) != 1 || list.Runs[0].ID != other.Run.ID || list.Next == "" {
				t.Errorf("runs are %+v", list)
			}
			a.call(&got, "run_control", map[string]any{"run": other.Run.ID, "action": "cancel", "text": "enough"})
			if got = a.rest(other.Run.ID); got.Run.Status != pawl.StatusCanceled {
				t.Errorf("the run is %s", got.Run.Status)
			}
		})
	}
}

// Tools come in one order, each with a description and hints that say what it does.
func TestTools(t *testing.T) {
	h := open(t, func(o *mcpserver.Options) { o.FlowTools = []string{"table-for"} })
	a := h.connect(eras[1], nil)
	list, err := a.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range list.Tools {
		n := tool.Annotations
		names = append(names, tool.Name)
		reads := n.ReadOnlyHint
		if want := tool.Name != "run_start" && tool.Name != "run_control" && tool.Name != "inbox_decide" && !strings.HasPrefix(tool.Name, "flow_run"); reads != want || tool.Description == "" {
			t.Errorf("%s: reads only: %v, described as %q", tool.Name, reads, tool.Description)
		}
		if want := tool.Name == "run_control" || tool.Name == "inbox_decide"; *n.DestructiveHint != want {
			t.Errorf("%s: destructive: %v", tool.Name, *n.DestructiveHint)
		}
	}
	want := "docs_search flow_get flow_list flow_run_table-for inbox_decide inbox_get inbox_list run_control run_diff run_events run_export run_get run_list run_start run_wait"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("tools are\n%s, want\n%s", got, want)
	}
}

// Starting under one key is starting once, and the first message of progress says which run
// it is: who gives up finds it again.
func TestStartOnce(t *testing.T) {
	h := open(t, nil)
	a := h.connect(eras[1], nil)
	args := map[string]any{"flow": "letter", "input": map[string]any{"topic": "tides"}, "idempotency_key": "k1"}
	var first, second answered
	params := &mcp.CallToolParams{Name: "run_start", Arguments: args}
	params.SetProgressToken("p")
	r, err := a.CallTool(t.Context(), params)
	if err != nil || r.IsError {
		t.Fatal(err, r)
	}
	if err := json.Unmarshal([]byte(text(r)), &first); err != nil {
		t.Fatal(err)
	}
	if told := <-a.told; !strings.Contains(told, string(first.ID)) {
		t.Errorf("the first progress is %q, want one with %s", told, first.ID)
	}
	a.call(&second, "run_start", args)
	if second.ID != first.ID || !second.Again || first.Again {
		t.Errorf("the second start is %+v, the first was %+v", second, first)
	}
	args["input"] = map[string]any{"topic": "moon"}
	a.fails("run_start", args, pawl.ErrConflict, "idempotency_key")
	delete(args, "input")
	a.fails("run_start", args, pawl.ErrInput, "topic")
}

// A run is linked to the trace of the call that starts it; what is no trace is none.
func TestTrace(t *testing.T) {
	h := open(t, nil)
	a := h.connect(eras[1], nil)
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for said, want := range map[string]string{trace: trace, "": "", "nonsense": "", "00-00000000000000000000000000000000-b7ad6b7169203331-01": "", trace + "\n": ""} {
		r, err := a.CallTool(t.Context(), &mcp.CallToolParams{Meta: mcp.Meta{"traceparent": said}, Name: "run_start", Arguments: map[string]any{"flow": "count", "input": map[string]any{"topic": "x"}}})
		if err != nil || r.IsError {
			t.Fatal(err, text(r))
		}
		var got answered
		if err := json.Unmarshal([]byte(text(r)), &got); err != nil {
			t.Fatal(err)
		}
		a.rest(got.ID)
		events, err := h.journal.Read(t.Context(), got.ID, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if is, err := journal.Decode[journal.Created](events[0]); err != nil || is.Trace != want {
			t.Errorf("%q: the trace is %q, want %q, %v", said, is.Trace, want, err)
		}
	}
}

// The tool of a flow takes and gives what the flow does; integers keep their digits.
func TestFlowTool(t *testing.T) {
	for _, era := range eras {
		h := open(t, func(o *mcpserver.Options) { o.FlowTools = []string{"count", "letter"} })
		a := h.connect(era, nil)
		var got struct {
			ID     pawl.RunID
			Status pawl.Status
			Output json.RawMessage
		}
		a.call(&got, "flow_run_count", json.RawMessage(`{"topic":"<tides>","number":9007199254740993}`))
		if got.Status != pawl.StatusDone || !strings.Contains(string(got.Output), "9007199254740993") {
			t.Errorf("%s: it answers %+v: %s", era, got, got.Output)
		}
		a.call(&got, "flow_run_letter", map[string]any{"topic": "tides"})
		if got.Status != pawl.StatusWaiting || string(got.Output) != "null" {
			t.Errorf("%s: it answers %+v: %s", era, got, got.Output)
		}
		a.fails("flow_run_count", map[string]any{"topics": "tides"}, pawl.ErrInput, "topic")
	}
}

// Resources and prompts.
func TestResources(t *testing.T) {
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			h := open(t, nil)
			a := h.connect(era, nil)
			run := a.start("letter", map[string]any{"topic": "tides", "secret": "hush-hush"}).Run
			for uri, want := range map[string]string{
				"run://" + string(run.ID):             `"status": "waiting"`,
				"run://" + string(run.ID) + "/events": `"created"`,
				"export://" + string(run.ID):          `"pawl_run"`,
				"flow://letter":                       "## Input",
				"docs://reference/limits.md":          "How large",
			} {
				r, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
				if err != nil {
					t.Errorf("%s: %v", uri, err)
					continue
				}
				if got := r.Contents[0].Text; !strings.Contains(got, want) && want != `"pawl_run"` || strings.Contains(got, "hush-hush") {
					t.Errorf("%s: got %.300q, want %q and no secret", uri, got, want)
				}
			}
			for _, uri := range []string{"run://nothing", "run://nothing/events", "export://nothing", "flow://nothing", "docs://../go.mod", "file:///etc/passwd"} {
				if r, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri}); err == nil {
					t.Errorf("%s: got %+v", uri, r)
				}
			}
			p, err := a.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "review_run", Arguments: map[string]string{"run": string(run.ID)}})
			if err != nil || !strings.Contains(asText(p), string(run.ID)) {
				t.Errorf("the prompt is %s, %v", asText(p), err)
			}
			if _, err := a.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "design_flow"}); err == nil || !strings.Contains(err.Error(), "task") {
				t.Errorf("a prompt without its argument: %v", err)
			}
		})
	}
}

// The documentation is found by its words, and headings count.
func TestDocsSearch(t *testing.T) {
	h := open(t, nil)
	a := h.connect(eras[1], nil)
	var got struct {
		Sections []struct{ Page, Heading, URI, Text string }
	}
	a.call(&got, "docs_search", map[string]any{"query": "the budget of runs"})
	if len(got.Sections) == 0 || got.Sections[0].Heading != "Budgets" || got.Sections[0].Page != "The guide" || got.Sections[0].URI != "docs://guide.md" || !strings.Contains(got.Sections[0].Text, "# no heading") {
		t.Errorf("found %+v", got)
	}
	a.call(&got, "docs_search", map[string]any{"query": "zebra"})
	if len(got.Sections) != 0 {
		t.Errorf("found %+v", got)
	}
}
