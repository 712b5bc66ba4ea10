package mcptest

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// eras are the inspector's words for the revisions.
var eras = map[string]string{"legacy": "2025-11-25", "modern": "2026-07-28"}

// inspected is what the inspector prints of an answer.
type inspected struct {
	Result struct {
		ProtocolVersion string
		ServerInfo      struct{ Name string }
		Tools           []struct{ Name string }
		Resources       []struct{ URI string }
		Prompts         []struct{ Name string }
		Contents        []struct{ Text string }
		IsError         bool
		Structured      struct {
			Flows []struct{ Name string }
			Run   struct{ Status, Who string }
			Error struct{ Kind, Message string }
		} `json:"structuredContent"`
	}
}

// inspect has the inspector ask a server. It wants its exit code to be as it says, and returns
// what it says on standard error, too.
func inspect(t *testing.T, server, args []string, code int) (got inspected, warned string) {
	t.Helper()
	cmd := node(t, "@modelcontextprotocol/inspector/clients/launcher/build/index.js", append(append([]string{"--cli", "--format", "json"}, args...), server...)...)
	cmd.Env = append(cmd.Environ(), "HOME="+t.TempDir())
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if cmd.ProcessState.ExitCode() != code {
		t.Fatalf("%s: exit %d, want %d: %s", strings.Join(args, " "), cmd.ProcessState.ExitCode(), code, told.String())
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, out.String())
	}
	return got, told.String()
}

// The inspector lists and calls over both ways, in both eras, and finds the schemas of tools to
// be such as every client takes.
func TestInspector(t *testing.T) {
	tools(t)
	base, token := serve(t, t.TempDir())
	dir := t.TempDir()
	command := append([]string{"-e", "PAWL_DATA=" + dir, "-e", "PAWL_MODEL=offline", "--"}, pawlCommand(t, dir, "mcp").Args...)
	for name, server := range map[string][]string{"stdio": command, "http": {"--transport", "http", "--server-url", base + "/mcp", "--header", "Authorization: Bearer " + token}} {
		for era, revision := range eras {
			t.Run(name+" "+revision, func(t *testing.T) {
				t.Parallel() // the inspector takes its time to begin
				ask := func(code int, args ...string) inspected {
					t.Helper()
					got, _ := inspect(t, server, append([]string{"--protocol-era", era}, args...), code)
					return got
				}
				if got := ask(0, "--method", "initialize").Result; got.ProtocolVersion != revision || got.ServerInfo.Name != "pawl" {
					t.Errorf("it begins with %+v", got)
				}
				listed, warned := inspect(t, server, []string{"--protocol-era", era, "--method", "tools/list", "--strict"}, 0)
				if n := len(listed.Result.Tools); n != 14 {
					t.Errorf("%d tools are listed", n)
				}
				if paths := regexp.MustCompile(`(?m)^ +Path: (.*)$`).FindAllStringSubmatch(warned, -1); len(paths) != 1 || paths[0][1] != "inputSchema.properties.value" {
					t.Errorf("of the schemas it says %s", warned) // value, which is of any shape
				}
				if got := ask(0, "--method", "prompts/list").Result.Prompts; len(got) != 2 {
					t.Errorf("prompts are %v", got)
				}
				if got := ask(0, "--method", "resources/list").Result.Resources; !slices.ContainsFunc(got, func(r struct{ URI string }) bool { return r.URI == "flow://blog" }) {
					t.Errorf("resources are %v", got)
				}
				if got := ask(0, "--method", "resources/read", "--uri", "flow://blog").Result.Contents; len(got) != 1 || !strings.Contains(got[0].Text, "```mermaid") {
					t.Errorf("the flow's page is %v", got)
				}
				if got := ask(0, "--method", "tools/call", "--tool-name", "flow_list").Result.Structured.Flows; len(got) < 5 {
					t.Errorf("flows are %v", got)
				}
				started := ask(0, "--method", "tools/call", "--tool-name", "run_start", "--tool-arg", "flow=headlines", `input={"text":"Tides come and go."}`, "wait_seconds=45", "idempotency_key="+era)
				if run := started.Result.Structured.Run; run.Status != "done" || run.Who == "" {
					t.Errorf("the run is %+v", run)
				}
				if got := ask(5, "--method", "tools/call", "--tool-name", "flow_get", "--tool-arg", "flow=nothing").Result; !got.IsError || got.Structured.Error.Kind != "not_found" {
					t.Errorf("an unknown flow is answered with %+v", got)
				}
			})
		}
	}
}
