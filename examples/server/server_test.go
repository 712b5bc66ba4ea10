package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/responsestest"
)

// server is the program as a process.
type server struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string
}

// start returns when the server listens.
func start(t *testing.T, bin, data string, env ...string) *server {
	t.Helper()
	cmd := exec.Command(bin, "-data", data, "-port", "0")
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "SystemRoot=" + os.Getenv("SystemRoot")}, env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, cmd: cmd}
	t.Cleanup(s.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("the server says nothing: ", err)
	}
	s.address, _, _ = strings.Cut(line, " ")
	return s
}

// kill returns when the process is gone.
func (s *server) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// answer is what any of the server's answers may hold.
type answer struct {
	ID       pawl.RunID
	Status   pawl.Status
	WaitsFor []pawl.Blocker `json:"waits_for"`
	Result   string
	Error    *pawl.ErrorRecord
}

// send returns the answer to a request, which must have that status.
func (s *server) send(want int, method, path, body string, header ...string) (a answer) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.address+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.StatusCode != want {
		s.t.Fatalf("%s %s: %s, want %d: %s", method, path, resp.Status, want, text)
	}
	if resp.Header.Get("Content-Type") == "application/json" {
		if err := json.Unmarshal(bytes.Replace(text, []byte(`"result":null`), []byte(`"result":""`), 1), &a); err != nil {
			s.t.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
	return a
}

// wait returns what is to be seen of a run when it is at rest.
func (s *server) wait(id pawl.RunID) answer {
	s.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if a := s.send(http.StatusOK, "GET", "/runs/"+string(id)+"?wait=10s", ""); a.Status.AtRest() {
			return a
		}
	}
	s.t.Fatalf("run %s is not at rest after a minute", id)
	return answer{}
}

func build(t *testing.T) string {
	bin := filepath.Join(t.TempDir(), "server")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

func TestServerGoesOnAfterItWasKilled(t *testing.T) {
	bin, data := build(t), t.TempDir()
	provider := responsestest.New(t)
	defer provider.Close()
	provider.On(func(c responsestest.Call) responsestest.Reply {
		switch {
		case strings.Contains(c.Prompt(), "Why write to Ada?"):
			return responsestest.Text("To thank her.")
		case c.Nth == 1:
			return responsestest.Hang("Dear A")
		}
		return responsestest.Text("Dear Ada, thank you.")
	})
	env := []string{"OPENAI_BASE_URL=" + provider.URL(), "OPENAI_API_KEY=sk-test-1234567890abcdef"}
	key := []string{"Idempotency-Key", "order-7"}

	s := start(t, bin, data, env...)
	id := s.send(http.StatusAccepted, "POST", "/runs", `{"name": "Ada"}`, key...).ID
	provider.WaitCalls(2) // the second one hangs
	if a := s.send(http.StatusOK, "GET", "/runs/"+string(id), ""); a.Status != pawl.StatusRunning {
		t.Errorf("the run is %s, want running", a.Status)
	}
	s.kill()

	s = start(t, bin, data, env...)
	path := "/runs/" + string(id)
	a := s.wait(id)
	if a.Status != pawl.StatusWaiting || len(a.WaitsFor) != 1 || string(a.WaitsFor[0].Proposal) != `"Dear Ada, thank you."` {
		t.Fatalf("after the restart the run is %+v, want a letter that waits to be approved", a)
	}
	if got := s.send(http.StatusAccepted, "POST", "/runs", `{"name": "Ada"}`, key...).ID; got != id {
		t.Errorf("the same key made run %s, want %s", got, id)
	}
	for _, c := range provider.Repeated() {
		if strings.Contains(c.Prompt(), "Why write") {
			t.Error("a finished step was made again")
		}
	}
	if n := len(provider.Calls()); n != 3 {
		t.Errorf("%d calls, want 3: the idea, and the letter twice", n)
	}

	decision := func(digest, more string) string {
		return `{"key": "send", "who": "anna", "digest": "` + digest + `"` + more + `}`
	}
	if e := s.send(http.StatusUnprocessableEntity, "POST", path+"/approve", decision("", "")).Error; e.Kind != pawl.ErrInput {
		t.Errorf("a decision without a digest: %+v", e)
	}
	if e := s.send(http.StatusConflict, "POST", path+"/approve", decision("sha256:0123456789abcdef", "")).Error; e.Kind != pawl.ErrConflict {
		t.Errorf("a decision on something else: %+v", e)
	}
	s.send(http.StatusForbidden, "POST", path+"/approve", decision(a.WaitsFor[0].Digest, ""), "Origin", "https://example.org")
	s.send(http.StatusOK, "POST", path+"/approve", decision(a.WaitsFor[0].Digest, ""))
	if a := s.wait(id); a.Status != pawl.StatusDone || a.Result != "Dear Ada, thank you." {
		t.Errorf("after the approval the run is %+v", a)
	}
}

func TestServerWithoutAKey(t *testing.T) {
	s := start(t, build(t), t.TempDir())
	id := s.send(http.StatusAccepted, "POST", "/runs", `{"name": "Ada"}`, "Idempotency-Key", "k").ID
	for _, c := range []struct {
		status       int
		method, path string
		body         string
	}{
		{http.StatusConflict, "POST", "/runs", `{"name": "Bob"}`}, // the key is another input's
		{http.StatusNotFound, "GET", "/runs/000000000000", ""},
		{http.StatusNotFound, "GET", "/runs/000000000000?wait=1m", ""},
	} {
		if a := s.send(c.status, c.method, c.path, c.body, "Idempotency-Key", "k"); a.Error == nil || a.Error.Message == "" {
			t.Errorf("%s %s: no error is told", c.method, c.path)
		}
	}
	if e := s.send(http.StatusUnprocessableEntity, "POST", "/runs", `{"nam": "Ada"}`).Error; !strings.Contains(e.Message, "nam") {
		t.Errorf("the refusal of a bad input is %q", e.Message)
	}

	path := "/runs/" + string(id)
	a := s.wait(id)
	if len(a.WaitsFor) != 1 {
		t.Fatalf("the run is %+v, want it to wait", a)
	}
	s.send(http.StatusOK, "POST", path+"/approve",
		`{"key": "send", "who": "anna", "reject": true, "comment": "too long", "digest": "`+a.WaitsFor[0].Digest+`"}`)
	a = s.wait(id)
	if a.Status != pawl.StatusCanceled || a.Error == nil || !strings.Contains(a.Error.Message, "rejected by anna: too long") {
		t.Errorf("after the rejection the run is %+v", a)
	}
	if runtime.GOOS == "windows" {
		return // no process can be interrupted there
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("interrupted, the server ends with %v", err)
	}
}
