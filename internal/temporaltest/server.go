// Package temporaltest starts real Temporal servers, for tests. `make test-temporal`
// (scripts/temporal.sh) builds them and says where they are; elsewhere the tests are skipped.
//
// Old is 1.29.1, as its command's development server, which keeps all in a file and outlives
// its own death. Newest keeps all in memory.
package temporaltest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// Server is a Temporal server in a process of its own, on the loopback interface.
type Server struct {
	Name      string // its version
	Address   string // host:port
	Namespace string

	args  []string // of its command
	cmd   *exec.Cmd
	stdin io.Closer
}

// Start starts the old server for one test. settings are of its dynamic configuration, as
// limit.historyCount.suggestContinueAsNew=50.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s := newOld(t, t.TempDir(), settings)
	t.Cleanup(s.Kill)
	return s
}

// Each runs a test against the servers that all tests of a package share, see Main. Ids of
// workflows and names of task queues must be the test's own.
func Each(t *testing.T, test func(t *testing.T, s *Server)) {
	t.Helper()
	t.Run("old", func(t *testing.T) { test(t, Old(t)) })
	t.Run("newest", func(t *testing.T) { test(t, Newest(t)) })
}

var shared struct {
	sync.Mutex
	dir         string
	old, newest *Server
}

// Main runs a package's tests, and ends the servers that they shared.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is Main for who exits.
func Run(m interface{ Run() int }) int {
	code := m.Run()
	for _, s := range []*Server{shared.old, shared.newest} {
		if s != nil {
			s.Kill()
		}
	}
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir)
	}
	return code
}

// Old returns the old server that the package's tests share.
func Old(t testing.TB) *Server {
	t.Helper()
	program(t, "PAWL_TEMPORAL_OLD")
	shared.Lock()
	defer shared.Unlock()
	if shared.old == nil {
		dir, err := os.MkdirTemp("", "temporaltest")
		if err != nil {
			t.Fatal(err)
		}
		shared.dir, shared.old = dir, newOld(t, dir, nil)
	}
	return shared.old
}

// Newest returns the newest server that the package's tests share.
func Newest(t testing.TB) *Server {
	t.Helper()
	path := program(t, "PAWL_TEMPORAL_NEWEST")
	shared.Lock()
	defer shared.Unlock()
	if shared.newest == nil {
		s := &Server{Name: "1.32.1", args: []string{path}}
		s.begin(t)
		shared.newest = s
	}
	return shared.newest
}

// program returns the path of a server's program, which a variable names, or skips the test.
func program(t testing.TB, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skip("needs Temporal servers: make test-temporal")
	}
	return path
}

func newOld(t testing.TB, dir string, settings []string) *Server {
	t.Helper()
	s := &Server{Name: "1.29.1", Address: freeAddress(t), Namespace: "default"}
	_, port, _ := net.SplitHostPort(s.Address)
	s.args = []string{program(t, "PAWL_TEMPORAL_OLD"), "server", "start-dev", "--ip", "127.0.0.1", "--port", port, "--headless",
		"--log-level", "error", "--db-filename", filepath.Join(dir, "temporal.db"), "--sqlite-pragma", "journal_mode=WAL"}
	for _, v := range settings {
		s.args = append(s.args, "--dynamic-config-value", v)
	}
	s.begin(t)
	return s
}

// Restart starts the server again, of which Start has kept the file.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Kill()
	s.begin(t)
}

// Kill ends the server as SIGKILL does.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = s.stdin.Close()
	s.cmd = nil
}

// begin starts the server's process and waits until it answers.
func (s *Server) begin(t testing.TB) {
	t.Helper()
	cmd := exec.Command(s.args[0], s.args[1:]...)
	cmd.SysProcAttr = ends()
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // the newest ends with it
	if err != nil {
		t.Fatal(err)
	}
	var out io.ReadCloser
	if s.Address == "" {
		if out, err = cmd.StdoutPipe(); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.cmd, s.stdin = cmd, stdin
	if out != nil {
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(line, &s.Address, &s.Namespace); err != nil {
			t.Fatalf("the server says %q: %v", line, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		c, err := client.DialContext(ctx, client.Options{HostPort: s.Address, Namespace: s.Namespace, Logger: quiet{}})
		if err == nil {
			// A namespace that is new is not known everywhere at once.
			_, err = c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{})
			c.Close()
		}
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("Temporal %s does not answer: %v", s.Name, err)
		}
	}
}

// freeAddress returns an address on which nothing listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
