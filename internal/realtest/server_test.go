package realtest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// process is a server that runs for as long as its standard input is open.
type process struct {
	url   string // the base URL of its API
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

// start starts a command, which is given args and then a port to serve at, and returns
// when the server has answered a question.
func start(t *testing.T, command string, port int, args ...string) *process {
	t.Helper()
	args = append([]string{"-c", command, "sh"}, append(args, strconv.Itoa(port))...)
	p := &process{url: fmt.Sprintf("http://127.0.0.1:%d/v1", port), cmd: exec.Command("sh", args...)}
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for !p.answers() {
		select {
		case <-ctx.Done():
			p.stop()
			t.Fatal("the server does not answer after 5 minutes")
		case <-poll.C:
		}
	}
	return p
}

func (p *process) answers() bool {
	body := strings.NewReader(`{"model":"` + model + `","max_tokens":1,"messages":[{"role":"user","content":"Hello"}]}`)
	req, err := http.NewRequest(http.MethodPost, p.url+"/chat/completions", body)
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// stop has the server killed, whatever it is doing.
func (p *process) stop() {
	_ = p.stdin.Close()
	_ = p.cmd.Wait()
}

// servers are what is asked: a server that has a model, and perhaps a gateway before it.
type servers struct {
	model, gateway *process
	port           int // the model server's
}

func startServers(t *testing.T) *servers {
	t.Helper()
	s := &servers{port: freePort(t)}
	s.startModel(t)
	if gateway != "" {
		s.gateway = start(t, gateway, freePort(t), s.model.url)
	}
	return s
}

// startModel starts the server that has the model, again if it was stopped.
func (s *servers) startModel(t *testing.T) {
	t.Helper()
	s.model = start(t, command, s.port)
}

// url is the base URL that is asked.
func (s *servers) url() string {
	if s.gateway != nil {
		return s.gateway.url
	}
	return s.model.url
}

func (s *servers) stop() {
	if s.gateway != nil {
		s.gateway.stop()
	}
	s.model.stop()
}

var (
	once   sync.Once
	shared *servers
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
	once.Do(func() { shared = startServers(t) })
	if shared == nil {
		t.Fatal("the server did not start")
	}
	return shared.url()
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
