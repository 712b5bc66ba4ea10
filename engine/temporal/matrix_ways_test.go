package temporal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	command "github.com/pawlrun/pawl/cli/temporal"
	"github.com/pawlrun/pawl/client"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/mcpserver"
	"github.com/pawlrun/pawl/llm"
	api "github.com/pawlrun/pawl/server"
)

// decide takes a decision to a run.
type decide func(ctx context.Context, id pawl.RunID, d pawl.Decision) error

// ways are how a decision reaches a run: from the process that executes it, and from another.
var ways = []struct {
	name string
	open func(t *testing.T, p played) decide
}{
	{"worker", func(_ *testing.T, p played) decide { return p.works.Decide }},
	{"elsewhere", func(_ *testing.T, p played) decide { return p.steers.Decide }},
	{"HTTP", overHTTP},
	{"MCP", overMCP},
	{"command", byCommand},
}

// overHTTP decides as a client of a server does.
func overHTTP(t *testing.T, p played) decide {
	s := api.New(&api.Options{Engine: p.steers, Journal: p.steers.Journal(), Flows: p.o.Flows, Rate: -1,
		Authenticate: func(secret string) (api.Actor, bool) {
			return api.Actor{Name: "anna", Role: api.RoleOperator}, secret == "secret"
		}})
	h := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); h.Close() })
	c := client.New(h.URL, "secret")
	return func(ctx context.Context, id pawl.RunID, d pawl.Decision) error {
		_, err := c.Decide(ctx, id, client.Decision{Key: d.Key, What: d.What, Digest: d.Digest, Value: d.Value})
		return err
	}
}

// overMCP decides as an agent that may, at whose side nobody can be asked.
func overMCP(t *testing.T, p played) decide {
	s := mcpserver.New(t.Context(), &mcpserver.Options{Engine: p.steers, Journal: p.steers.Journal(), Flows: p.o.Flows, AllowDecisions: true})
	here, there := mcp.NewInMemoryTransports()
	served, err := s.SDK().Connect(t.Context(), there, nil)
	if err != nil {
		t.Fatal(err)
	}
	agent, err := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "1"}, nil).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { agent.Close(); served.Wait(); s.Close() })
	return func(ctx context.Context, id pawl.RunID, d pawl.Decision) error {
		args := map[string]any{"run": id, "step": d.Key, "what": d.What, "digest": d.Digest}
		if d.Value != nil {
			args["value"] = d.Value
		}
		res, err := agent.CallTool(ctx, &mcp.CallToolParams{Name: "inbox_decide", Arguments: args})
		if err != nil {
			return err
		}
		var said struct {
			Outcome string `json:"outcome"`
		}
		raw, err := json.Marshal(res.StructuredContent)
		if err == nil {
			err = json.Unmarshal(raw, &said)
		}
		if err != nil || res.IsError || said.Outcome != "decided" {
			return fmt.Errorf("inbox_decide: %s, %v", raw, err)
		}
		return nil
	}
}

// asCommand has this program be the command line.
const asCommand = "PAWL_TEMPORAL_COMMAND"

// byCommand decides by the command line, in a process of its own for each decision. It follows the
// run to its rest, and its exit code says which that is.
func byCommand(t *testing.T, p played) decide {
	data := t.TempDir()
	return func(ctx context.Context, id pawl.RunID, d pawl.Decision) error {
		args := []string{"--data", data, string(d.What), string(id), string(d.Key), "--seen", d.Digest}
		if d.Value != nil {
			args = append(args, "--value", string(d.Value))
		}
		c := exec.CommandContext(ctx, os.Args[0], args...)
		c.Env = append(os.Environ(), asCommand+"=1",
			"TEMPORAL_ADDRESS="+p.o.Client.HostPort, "TEMPORAL_NAMESPACE="+p.o.Client.Namespace,
			"PAWL_TEMPORAL_QUEUE="+p.o.Queue, "PAWL_TEMPORAL_BUILD="+p.o.Build)
		var said bytes.Buffer
		c.Stdout, c.Stderr = &said, &said
		if err := c.Run(); !strings.Contains(said.String(), fmt.Sprintf("%s of %s was taken by", d.What, d.Key)) {
			return fmt.Errorf("%q: %w\n%s", args, err, said.String())
		}
		return nil
	}
}

// commandLine is the command line on the flows of all cells. It executes none of them.
func commandLine() {
	var flows []pawl.Flow
	for _, p := range enginetest.Places {
		for _, b := range enginetest.Blockings {
			flows = append(flows, enginetest.Cell{Place: p, Blocking: b}.Flow("A"))
		}
	}
	cli.Program{Flows: flows, Open: command.Open, Providers: []llm.Provider{{
		Name: "test", New: func(func(string) string) llm.Model { return enginetest.NewOffice() },
	}}}.Main()
}
