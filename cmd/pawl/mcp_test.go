package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
)

// agent is a client of the command, as an editor has one.
type agent struct {
	*mcp.ClientSession
	t    *testing.T
	told chan string
}

// person answers the forms that an agent's person is shown.
type person func(*mcp.ElicitParams) *mcp.ElicitResult

func dialAgent(t *testing.T, to mcp.Transport, era string, p person) *agent {
	t.Helper()
	a := &agent{t: t, told: make(chan string, 100)}
	o := &mcp.ClientOptions{Capabilities: &mcp.ClientCapabilities{}, ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
		a.told <- r.Params.Message
	}}
	if p != nil {
		o.ElicitationHandler = func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) { return p(r.Params), nil }
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "editor", Version: "1"}, o).Connect(t.Context(), to, &mcp.ClientSessionOptions{ProtocolVersion: era})
	if err != nil {
		t.Fatal(err)
	}
	a.ClientSession = session
	return a
}

// answer is what tools answer with, as far as it is looked at here.
type answer struct {
	ID       pawl.RunID
	Again    bool
	Outcome  string
	Commands []string
	Run      pawl.RunRecord
	Studio   string
	Flows    []struct{ Name string }
	Text     string
}

func (a *agent) call(tool string, args map[string]any) (got answer) {
	a.t.Helper()
	p := &mcp.CallToolParams{Name: tool, Arguments: args}
	p.SetProgressToken(tool)
	r, err := a.CallTool(a.t.Context(), p)
	if err != nil {
		a.t.Fatalf("%s: %v", tool, err)
	}
	text := r.Content[0].(*mcp.TextContent).Text
	if r.IsError {
		a.t.Fatalf("%s fails: %s", tool, text)
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		a.t.Fatalf("%s: %v: %s", tool, err, text)
	}
	return got
}

func (a *agent) rest(id pawl.RunID) answer {
	a.t.Helper()
	for {
		if got := a.call("run_wait", map[string]any{"run": id, "wait_seconds": 45}); got.Run.Status.AtRest() {
			return got
		}
	}
}

// blog lists the flows, starts a post that a person is to approve, and has that asked.
func (a *agent) blog(asked bool) {
	a.t.Helper()
	if flows := a.call("flow_list", nil).Flows; len(flows) < 5 {
		a.t.Errorf("flows are %v", flows)
	}
	started := a.call("run_start", map[string]any{"flow": "blog", "input": map[string]any{"topic": "Tides", "approve": true}, "idempotency_key": fmt.Sprint("post ", asked)})
	if told := <-a.told; !strings.Contains(told, string(started.ID)) {
		a.t.Errorf("progress is %q", told)
	}
	got := a.rest(started.ID)
	if got.Run.Status != pawl.StatusWaiting || len(got.Run.Blockers) != 1 {
		a.t.Fatalf("the run is %s: %s", got.Run.Status, got.Run.Reason)
	}
	b := got.Run.Blockers[0]
	args := map[string]any{"run": started.ID, "step": b.Key}
	if !asked {
		if got := a.call("inbox_decide", args); got.Outcome != "open" || !strings.Contains(strings.Join(got.Commands, "\n"), "pawl approve "+string(started.ID)) {
			a.t.Errorf("without a person here the answer is %+v", got)
		}
		args["what"], args["digest"] = "approve", b.Digest
	}
	if got := a.call("inbox_decide", args); got.Outcome != "decided" {
		a.t.Fatalf("the outcome is %q", got.Outcome)
	}
	got = a.rest(started.ID)
	if got.Run.Status != pawl.StatusDone || len(got.Run.Output) < 100 {
		a.t.Fatalf("the run is %s: %s", got.Run.Status, got.Run.Reason)
	}
	if text := a.call("run_export", map[string]any{"run": started.ID}).Text; !strings.Contains(text, string(started.ID)) || !strings.Contains(text, "Tides") {
		a.t.Errorf("the document is %q", text)
	}
}

// givesUp gives up on a call after a second, as clients do, and finds its run again.
func (a *agent) givesUp() {
	a.t.Helper()
	args := map[string]any{"flow": "headlines", "input": map[string]any{"text": "Tides come and go."}, "model": "offline?latency=1500ms", "idempotency_key": "slow", "wait_seconds": 45}
	for len(a.told) > 0 {
		<-a.told
	}
	ctx, cancel := context.WithTimeout(a.t.Context(), time.Second)
	defer cancel()
	p := &mcp.CallToolParams{Name: "run_start", Arguments: args}
	p.SetProgressToken("slow")
	if r, err := a.CallTool(ctx, p); err == nil {
		a.t.Errorf("within a second the call answers %+v", r)
	}
	args["wait_seconds"] = 0
	again := a.call("run_start", args)
	if told := <-a.told; !again.Again || !strings.Contains(told, string(again.ID)) {
		a.t.Errorf("the run is %+v, progress was %q", again, told)
	}
	if got := a.rest(again.ID); got.Run.Status != pawl.StatusDone {
		a.t.Errorf("the run is %s: %s", got.Run.Status, got.Run.Reason)
	}
}

// mcpCommand is the command of a client, with a data directory of its own.
// mayOnly checks which of the tools that act the agent's token lets it call: one that it may
// not is refused for its role, whatever it is called with.
func (a *agent) mayOnly(tools ...string) {
	a.t.Helper()
	for tool, args := range map[string]map[string]any{
		"run_start":    {"flow": "nosuch", "input": map[string]any{}},
		"run_control":  {"run": "nosuch", "action": "pause"},
		"inbox_decide": {"run": "nosuch", "step": "x", "decision": "approve", "digest": "x"},
	} {
		r, err := a.CallTool(a.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: args})
		if err != nil || !r.IsError {
			a.t.Fatalf("%s of what there is not: %v, %+v", tool, err, r)
		}
		text := r.Content[0].(*mcp.TextContent).Text
		if refused := strings.Contains(text, "may start runs, and not") || strings.Contains(text, "may look at runs, and not"); refused == slices.Contains(tools, tool) {
			a.t.Errorf("with a token for %v, %s says %s", tools, tool, text)
		}
	}
}

func mcpCommand(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("pawl", args...)
	cmd.Env = append(os.Environ(), "PAWL_DATA="+dir, "PAWL_MODEL=offline", "USER=tester")
	cmd.Stderr = &strings.Builder{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s says:\n%s", strings.Join(args, " "), cmd.Stderr)
		}
	})
	return cmd
}

func approves(t *testing.T) person {
	return func(p *mcp.ElicitParams) *mcp.ElicitResult {
		if !strings.Contains(p.Message, "blog") {
			t.Errorf("the person is shown %q", p.Message)
		}
		return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"decision": "approve", "comment": "good"}}
	}
}

// A client starts the command, and its agent comes from a list of flows to a document, whether
// its person is asked in the client or not. When it closes the input the command ends well, and
// who starts it again finds the runs.
func TestAgentOverStdio(t *testing.T) {
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		for name, p := range map[string]person{"asked": approves(t), "not asked": nil} {
			t.Run(era+" "+name, func(t *testing.T) {
				dir := t.TempDir()
				cmd := mcpCommand(t, dir, "mcp", "--allow-decisions", "--studio", "http://127.0.0.1:7295/")
				a := dialAgent(t, &mcp.CommandTransport{Command: cmd}, era, p)
				a.blog(p != nil)
				a.givesUp()
				other := a.call("run_start", map[string]any{"flow": "headlines", "input": map[string]any{"text": "Tides come and go."}})
				if want := "http://127.0.0.1:7295/runs/" + string(other.ID); other.Studio != want {
					t.Errorf("the studio is at %q, want %q", other.Studio, want)
				}
				if err := a.Close(); err != nil {
					t.Errorf("it ends with %v", err)
				}
				if said := cmd.Stderr.(*strings.Builder).String(); strings.Contains(said, "goroutine ") {
					t.Errorf("it says %s", said)
				}
				again := dialAgent(t, &mcp.CommandTransport{Command: mcpCommand(t, dir, "mcp")}, era, nil)
				defer again.Close()
				if got := again.rest(other.ID); got.Run.Status != pawl.StatusDone {
					t.Errorf("the run is %s: %s", got.Run.Status, got.Run.Reason)
				}
			})
		}
	}
}

// bearer sends requests with a token.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// A server has the same at /mcp, for whoever has a token, and ends while clients are connected.
func TestAgentOverHTTP(t *testing.T) {
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(era, func(t *testing.T) {
			dir := t.TempDir()
			cmd := mcpCommand(t, dir, "serve", "--addr", "127.0.0.1:0", "--json", "--allow-decisions", "--tools", "headlines")
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
			lines := bufio.NewReader(out)
			line, err := lines.ReadBytes('\n')
			var at struct{ Addr, Token string }
			if err == nil {
				err = json.Unmarshal(line, &at)
			}
			if err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			go lines.WriteTo(new(strings.Builder)) // runs that begin and rest
			dial := func(p person) *agent {
				return dialAgent(t, &mcp.StreamableClientTransport{Endpoint: "http://" + at.Addr + "/mcp", HTTPClient: &http.Client{Transport: bearer(at.Token)}}, era, p)
			}
			a := dial(approves(t))
			a.blog(true)
			a.givesUp()
			dial(nil).blog(false)
			if got := a.call("flow_run_headlines", map[string]any{"text": "Tides come and go."}); got.Studio != "http://"+at.Addr+"/runs/"+string(got.ID) {
				t.Errorf("the studio is at %q", got.Studio)
			}
			for role, may := range map[string][]string{"viewer": nil, "starter": {"run_start"}, "operator": {"run_start", "run_control", "inbox_decide"}} {
				made, err := mcpCommand(t, dir, "token", "add", role, "--role", role, "--json").Output()
				var token struct{ Token string }
				if err == nil {
					err = json.Unmarshal(made, &token)
				}
				if err != nil {
					t.Fatal(err)
				}
				dialAgent(t, &mcp.StreamableClientTransport{Endpoint: "http://" + at.Addr + "/mcp", HTTPClient: &http.Client{Transport: bearer(token.Token)}}, era, nil).mayOnly(may...)
			}
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 130 {
				t.Errorf("it ends with %v", err)
			}
		})
	}
}
