// Package realtest asks a real model server: the adapters' matrix, and flows to their
// end. scripts/real.sh sets one up and runs it (make real); elsewhere its tests are
// skipped.
//
// PAWL_REAL_SERVER is a command that serves a model at the port that is put behind it,
// and ends with its standard input. PAWL_REAL_URL is the base URL of a server that is
// there already, ending in /v1, PAWL_REAL_MODEL the name of its model, and PAWL_REAL_KEY
// its key, if it wants one; nothing is then taken for granted of what it enforces.
package realtest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/openai"
	"github.com/pawlrun/pawl/llm/openaichat"
)

var (
	command = os.Getenv("PAWL_REAL_SERVER")
	given   = os.Getenv("PAWL_REAL_URL")
	model   = os.Getenv("PAWL_REAL_MODEL")
	key     = os.Getenv("PAWL_REAL_KEY")
)

func TestMain(m *testing.M) {
	if model == "" {
		model = "smollm2"
	}
	code := m.Run()
	if shared != nil {
		shared.stop()
	}
	printTable()
	os.Exit(code)
}

// server is a process that serves a model.
type server struct {
	url   string
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

var (
	once   sync.Once
	shared *server
)

// address returns the base URL of the server that all tests share.
func address(t *testing.T) string {
	t.Helper()
	if given != "" {
		return given
	}
	if command == "" {
		t.Skip("no real server: run make real, or set PAWL_REAL_URL")
	}
	once.Do(func() { shared = start(t, freePort(t)) })
	if shared == nil {
		t.Fatal("the server did not start")
	}
	return shared.url
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start starts a server, and returns when it has loaded its model.
func start(t *testing.T, port int) *server {
	t.Helper()
	s := &server{url: fmt.Sprintf("http://127.0.0.1:%d/v1", port), cmd: exec.Command("sh", "-c", command+" "+strconv.Itoa(port))}
	var err error
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for !s.ready() {
		select {
		case <-ctx.Done():
			s.stop()
			t.Fatal("the server is not ready after a minute")
		case <-poll.C:
		}
	}
	return s
}

func (s *server) ready() bool {
	body := strings.NewReader(`{"model":"x","max_tokens":1,"messages":[{"role":"user","content":"Hello"}]}`)
	res, err := http.Post(s.url+"/chat/completions", "application/json", body)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// stop kills the server, whatever it is doing.
func (s *server) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = s.stdin.Close()
}

// wires are the adapters by the name of their provider.
func wires(url string) llm.Catalog {
	return llm.Catalog{
		"openai-chat": openaichat.New(&openaichat.Options{BaseURL: url, APIKey: key}),
		"openai":      openai.New(&openai.Options{BaseURL: url, APIKey: cmp.Or(key, "none")}),
	}
}

// row is a line of the table: what was asked, what the server does, what Pawl makes of
// it.
type row struct{ wire, asked, server, pawl string }

var table struct {
	sync.Mutex
	rows []row
}

func record(wire, asked, server, pawl string) {
	table.Lock()
	defer table.Unlock()
	table.rows = append(table.rows, row{wire, asked, server, pawl})
}

func printTable() {
	if len(table.rows) == 0 {
		return
	}
	fmt.Printf("\n%s\n\n", os.Getenv("PAWL_REAL_NAME"))
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WIRE\tASKED\tSERVER\tPAWL")
	for _, r := range table.rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.wire, r.asked, r.server, r.pawl)
	}
	w.Flush()
}
