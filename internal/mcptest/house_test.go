package mcptest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/mcpserver"
	"github.com/pawlrun/pawl/server"
)

// tools is the folder of the npm packages; without it, tests that need them are skipped.
func tools(t *testing.T) string {
	t.Helper()
	return set(t, "PAWL_MCP_TOOLS")
}

func set(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Skip(name + " is not set: make mcp sets up what others have made of the protocol, and runs this")
	}
	return value
}

// node is a command of the Node that is pinned with the packages.
func node(t *testing.T, pkg string, args ...string) *exec.Cmd {
	t.Helper()
	modules := filepath.Join(tools(t), "node_modules")
	return exec.CommandContext(t.Context(), filepath.Join(modules, "node", "bin", "node"), append([]string{filepath.Join(modules, filepath.FromSlash(pkg))}, args...)...)
}

type said struct{ Text string }

const operator = "operate-me"

// fixtures is a server with Pawl's tools and those of the suite, behind the checks that stand
// before it in the command. It returns where it is.
func fixtures(t *testing.T) string {
	t.Helper()
	flow := pawl.New("echo", "Answers what it is told.", func(_ *pawl.Run, in said) (said, error) { return in, nil })
	j := checktest.Memory(t)
	engine := local.New(&local.Options{Journal: j, Flows: []pawl.Flow{flow}})
	m := mcpserver.New(t.Context(), &mcpserver.Options{Engine: engine, Journal: j, Flows: []pawl.Flow{flow}, Library: func(o *mcp.ServerOptions) {
		o.Capabilities = nil // what is there, with logging
		o.CompletionHandler = func(context.Context, *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
			return &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{Values: []string{}}}, nil
		}
		o.SubscribeHandler = func(context.Context, *mcp.SubscribeRequest) error { return nil }
		o.UnsubscribeHandler = func(context.Context, *mcp.UnsubscribeRequest) error { return nil }
	}})
	addTools(m.SDK())
	addAsking(m.SDK())
	addResources(m.SDK())
	addPrompts(m.SDK())
	s := server.New(&server.Options{Engine: engine, Journal: j, Authenticate: func(secret string) (server.Actor, bool) {
		return server.Actor{Name: "suite", Role: server.RoleOperator}, secret == operator
	}})
	s.Handle("/mcp", server.RoleViewer, m.Handler(func(r *http.Request) mcpserver.Actor {
		a := server.ActorOf(r.Context())
		return mcpserver.Actor{Name: a.Name, Start: a.Role == server.RoleStarter, Operate: a.Role == server.RoleOperator}
	}))
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		m.Close()
		s.Close()
		web.Close()
		engine.Close(context.WithoutCancel(t.Context()))
	})
	return web.URL
}

// front adds a token to requests for a server, and is otherwise not to be seen: the suite has
// no way to send one. It returns where it is. Requests are read whole before they are passed on:
// else the proxy now and then tears an answer that comes at once.
func front(t *testing.T, to, token string) string {
	t.Helper()
	at, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(&httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(at)
		r.Out.Host = r.In.Host
		r.Out.Header.Set("Authorization", "Bearer "+token)
		if body, err := io.ReadAll(r.In.Body); err == nil && r.In.Body != http.NoBody {
			r.Out.Body, r.Out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
	}})
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
	})
	return web.URL
}

// built is a folder with the command; empty: no test has wanted it.
var built string

var build = sync.OnceValue(func() (err error) {
	if built, err = os.MkdirTemp("", "pawl-mcptest"); err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-o", filepath.Join(built, "pawl"), "github.com/pawlrun/pawl/cmd/pawl")
	cmd.Stderr = os.Stderr
	return cmd.Run()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(code)
}

// pawlCommand is the command on a data directory.
func pawlCommand(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(built, "pawl"), args...)
	cmd.Env = environment(dir)
	return cmd
}

func environment(dir string) []string {
	return append(os.Environ(), "PAWL_DATA="+dir, "PAWL_MODEL=offline", "USER=tester")
}

// serve begins `pawl serve`, and returns where it is and a token for it.
func serve(t *testing.T, dir string, args ...string) (base, token string) {
	t.Helper()
	cmd := pawlCommand(t, dir, append([]string{"serve", "--addr", "127.0.0.1:0", "--json"}, args...)...)
	var log strings.Builder
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if t.Failed() {
			t.Logf("serve says:\n%s", log.String())
		}
	})
	var at struct{ Addr, Token string }
	lines := bufio.NewReader(out)
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &at)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	go lines.WriteTo(new(strings.Builder)) // runs that begin and rest
	return "http://" + at.Addr, at.Token
}
