package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/pawltest"
)

const ticket = `{"number": "17", "customer": "Ada", "text": "Where is my kettle?"}`

// writer is a model that writes one reply, and counts how often.
type writer struct {
	calls atomic.Int32
	hangs chan struct{} // closed with the first call, which then never ends; nil: none hangs
}

func (m *writer) Generate(ctx context.Context, _ llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	m.calls.Add(1)
	if m.hangs != nil {
		close(m.hangs)
		<-ctx.Done()
		return llm.Response{}, &llm.Error{Kind: llm.Canceled, Message: "the server ends"}
	}
	return llm.Response{Text: `{"text": "On its way."}`}, nil
}

// A server is a desk behind a socket, until it is ended.
type server struct {
	*testing.T
	url string
	end func()
}

func serve(t *testing.T, dir string, m llm.Model) server {
	d, err := open(t.Context(), dir, llm.Catalog{"test": m}, "test/writer")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(d.handler())
	ended := false
	end := func() {
		if ended {
			return
		}
		ended = true
		s.Close()
		now, cancel := context.WithCancel(context.Background())
		cancel() // calls in flight are cut
		if err := d.close(now); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(end)
	return server{t, s.URL, end}
}

// do sends a request, checks the status of the answer, and reads it into v.
func (s server) do(method, path, body string, status int, v any) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	var raw json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&raw); err != nil {
		s.Fatal(err)
	}
	if res.StatusCode != status {
		s.Fatalf("%s %s: %d %s, want %d", method, path, res.StatusCode, raw, status)
	}
	if v != nil {
		if err := json.Unmarshal(raw, v); err != nil {
			s.Fatal(err)
		}
	}
}

func (s server) post(body string) string {
	s.Helper()
	var started struct{ ID string }
	s.do("POST", "/runs", body, 200, &started)
	return "/runs/" + started.ID
}

// rest waits until the run is at rest.
func (s server) rest(run string, want pawl.Status) (v View) {
	s.Helper()
	s.do("GET", run+"?wait=1m", "", 200, &v)
	if v.Status != want {
		s.Fatalf("%s is %s (%s), want %s", run, v.Status, v.Reason, want)
	}
	return v
}

func TestApprove(t *testing.T) {
	m := &writer{}
	s := serve(t, t.TempDir(), m)
	run := s.post(ticket)
	if again := s.post(ticket); again != run {
		t.Errorf("the same ticket starts %s and %s", run, again)
	}
	v := s.rest(run, pawl.StatusWaiting)
	if len(v.Asks) != 1 || v.Asks[0].Question != "Send this reply?" || string(v.Asks[0].Proposal) != `{"text":"On its way."}` {
		t.Fatalf("asks %+v", v.Asks)
	}
	s.do("POST", run+"/decisions", `{"key": "send", "what": "approve", "who": "Bob", "digest": "`+v.Asks[0].Digest+`"}`, 200, nil)
	if v = s.rest(run, pawl.StatusDone); string(v.Output) != `{"text":"On its way."}` || len(v.Asks) != 0 {
		t.Errorf("ends as %+v", v)
	}
	if n := m.calls.Load(); n != 1 {
		t.Errorf("asks the model %d times", n)
	}
}

func TestReject(t *testing.T) {
	s := serve(t, t.TempDir(), &writer{})
	run := s.post(ticket)
	s.rest(run, pawl.StatusWaiting)
	s.do("POST", run+"/decisions", `{"key": "send", "what": "reject", "who": "Bob", "reason": "unfriendly"}`, 200, nil)
	s.rest(run, pawl.StatusCanceled)
}

func TestWhatIsRefused(t *testing.T) {
	s := serve(t, t.TempDir(), &writer{})
	run := s.post(ticket)
	s.rest(run, pawl.StatusWaiting)
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/runs", `{"number": "17", "customer": "Ada", "text": "another one"}`, 409, "exists already"},
		{"POST", "/runs", `{"number": "18", "customer": "Ada"}`, 422, "text"},
		{"POST", "/runs", `{`, 422, ""},
		{"GET", "/runs/00000000000a", ``, 404, ""},
		{"POST", run + "/decisions", `{"key": "send", "what": "skip"}`, 422, "approve or reject"},
		{"POST", run + "/decisions", `{"key": "sand", "what": "approve"}`, 409, "sand"},
		{"POST", run + "/decisions", `{"key": "send", "what": "approve", "digest": "0"}`, 409, ""},
		{"POST", run + "/decisions", `{"key": "send", "what": "approve", "who": "ada"}`, 422, "ada"},
		{"POST", run + "/decisions", `{"key": "send", "what": "approve", "who": "Bob", "value": {"text": 7}}`, 422, "text"},
		{"POST", run + "/decisions", `{"key": "send", "what": "reject", "who": "Bob", "reason": "mood"}`, 422, "unfriendly"},
	} {
		var e struct{ Error string }
		s.do(c.method, c.path, c.body, c.status, &e)
		if e.Error == "" || !strings.Contains(e.Error, c.says) {
			t.Errorf("%s %s says %q, want it to hold %q", c.path, c.body, e.Error, c.says)
		}
	}
	s.rest(run, pawl.StatusWaiting)
}

// The server ends while the model is being asked, and again while a person is.
func TestTwoRestarts(t *testing.T) {
	dir := t.TempDir()
	first := &writer{hangs: make(chan struct{})}
	s := serve(t, dir, first)
	run := s.post(ticket)
	<-first.hangs
	s.end()

	second := &writer{}
	s = serve(t, dir, second)
	s.rest(run, pawl.StatusWaiting)
	s.end()

	third := &writer{}
	s = serve(t, dir, third)
	if again := s.post(ticket); again != run {
		t.Errorf("the same ticket starts %s and %s", run, again)
	}
	v := s.rest(run, pawl.StatusWaiting)
	s.do("POST", run+"/decisions", `{"key": "send", "what": "approve", "who": "Bob", "digest": "`+v.Asks[0].Digest+`"}`, 200, nil)
	s.rest(run, pawl.StatusDone)
	if a, b, c := first.calls.Load(), second.calls.Load(), third.calls.Load(); a != 1 || b != 1 || c != 0 {
		t.Errorf("asks the models %d, %d and %d times, want once, once and never", a, b, c)
	}
}

func TestTheFlow(t *testing.T) {
	in := Ticket{Number: "17", Customer: "Ada", Text: "Where is my kettle?"}
	ran := pawltest.Run(t, Flow, in, pawltest.Script{"reply": {Reply{Text: "On its way."}}})
	ran.Waits("send").Edit("send", Reply{Text: "Here it is."}).Done()
	if ran.Out.Text != "Here it is." {
		t.Errorf("sends %q", ran.Out.Text)
	}
}
