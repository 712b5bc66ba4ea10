package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/server"
)

type letterIn struct {
	Topic  string `json:"topic" pawl:"len=1..200"`
	Secret string `json:"secret,omitempty" pawl:"sensitive"`
}

type draft struct {
	Text  string `json:"text"`
	Words int    `json:"words" pawl:"min=0"`
}

// letter asks in a map, has a person approve what came of it, and answers.
var letter = pawl.New("letter", "Writes a letter.", func(r *pawl.Run, in letterIn) (string, error) {
	parts := pawl.Map(r, "parts", []string{"first", "second"}, func(r *pawl.Run, part string) (draft, error) {
		return pawl.Ask(r, "write", pawl.Messages[draft]("Writing "+part, llm.User("about "+in.Topic+" with "+in.Secret))), nil
	})
	answer := pawl.Approve(r, "send", parts[0], "Send it?", pawl.Reasons("drop", "revise"), pawl.NotBy(r.Who()))
	if !answer.Approved {
		answer = pawl.Approve(r, "send", parts[1], "Send the other one?")
	}
	return answer.Value.Text, nil
}, pawl.Example(letterIn{Topic: "tides"}))

type manyIn struct {
	N    int    `json:"n"`
	Text string `json:"text"`
}

// many does something many times.
var many = pawl.New("many", "Does much.", func(r *pawl.Run, in manyIn) (string, error) {
	for range in.N {
		pawl.Do(r, "keep", in.Text, func(_ context.Context, s string) (string, error) { return s, nil })
	}
	return "done", nil
})

// house is a server over a real engine, on a real socket.
type house struct {
	*httptest.Server
	t       *testing.T
	journal journal.Journal
	engine  *local.Engine
	server  *server.Server
}

// The tokens of the house, by their secrets.
var actors = map[string]server.Actor{
	"view-me":  {Name: "vera", Role: server.RoleViewer},
	"start-me": {Name: "stella", Role: server.RoleStarter},
	"run-me":   {Name: "otto", Role: server.RoleOperator},
	"other-me": {Name: "olga", Role: server.RoleOperator},
}

const (
	vera   = "view-me"
	stella = "start-me"
	otto   = "run-me"
	olga   = "other-me"
)

// open opens a house. With a directory its journal is SQLite's there.
func open(t *testing.T, dir string, change func(*server.Options)) *house {
	t.Helper()
	return openWith(t, dir, models(), nil, change)
}

// openWith is open with models of one's own, and somebody who is told the pieces of answers.
func openWith(t *testing.T, dir string, models llm.Catalog, pieces func(pawl.Piece), change func(*server.Options)) *house {
	t.Helper()
	var j journal.Journal
	if dir == "" {
		j = checktest.Memory(t)
	} else {
		db, err := sqlite.Open(t.Context(), dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		j = db
	}
	h := &house{t: t, journal: j}
	o := &server.Options{Flows: []pawl.Flow{letter, many}, Journal: j, Rate: -1, Ticket: "ticket", Visitor: server.Actor{Name: "paula", Role: server.RoleOperator},
		Authenticate: func(secret string) (server.Actor, bool) { a, ok := actors[secret]; return a, ok }}
	if change != nil {
		change(o)
	}
	h.engine = local.New(&local.Options{Journal: j, Flows: o.Flows, Models: models, Model: "test/one", Program: "test", Pieces: pieces})
	if e, ok := o.Engine.(*faultyEngine); ok {
		e.Engine = h.engine
	} else {
		o.Engine = h.engine
	}
	h.server = server.New(o)
	h.Server = httptest.NewServer(h.server)
	ctx, stop := context.WithCancel(t.Context())
	worked, ready := make(chan error, 1), make(chan struct{})
	go func() { worked <- h.engine.Work(ctx, &local.WorkOptions{Ready: func() { close(ready) }}) }()
	select {
	case <-ready: // before that nobody is known who takes up what is started
	case err := <-worked:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.server.Close()
		h.Server.Close()
		stop()
		h.engine.Close(context.WithoutCancel(ctx))
		if err := <-worked; err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, pawl.ErrStorage) {
			t.Error(err)
		}
	})
	return h
}

func models() llm.Catalog {
	return llm.Catalog{"test": llm.Func(func(_ context.Context, req llm.Request, tell func(llm.Delta)) (llm.Response, error) {
		return llm.Response{Text: `{"text":"Dear sea","words":2}`}, nil
	})}
}

// answer is what a request was answered with.
type answer struct {
	*http.Response
	text []byte
}

// ask sends a request: body is nil, bytes as they are, or a value as JSON. change may
// change it before it is sent.
func (h *house) ask(token, method, path string, body any, change ...func(*http.Request)) answer {
	h.t.Helper()
	var from io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		from = bytes.NewReader(b)
	case string:
		from = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			h.t.Fatal(err)
		}
		from = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.URL+path, from)
	if err != nil {
		h.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if from != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(req)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer{resp, text}
}

// want is ask for an answer with that status, of which it reads the body.
func want[T any](h *house, status int, token, method, path string, body any, change ...func(*http.Request)) (v T) {
	h.t.Helper()
	a := h.ask(token, method, path, body, change...)
	if a.StatusCode != status {
		h.t.Fatalf("%s %s: got %d, want %d: %s", method, path, a.StatusCode, status, a.text)
	}
	if len(a.text) > 0 {
		if err := json.Unmarshal(a.text, &v); err != nil {
			h.t.Fatalf("%s %s: %v: %s", method, path, err, a.text)
		}
	}
	return v
}

// waiting is the address of a server that answers when the run of its path rests.
func (h *house) waiting() string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := h.engine.Wait(r.Context(), pawl.RunID(strings.TrimPrefix(r.URL.Path, "/"))); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	h.t.Cleanup(s.Close)
	return s.URL
}

// start starts a letter and waits until it rests.
func (h *house) start(input string) pawl.RunRecord {
	h.t.Helper()
	rec := want[pawl.RunRecord](h, http.StatusCreated, otto, "POST", "/api/v1/runs", `{"flow":"letter","input":`+input+`}`)
	return h.rest(rec.ID)
}

// rest waits until a run rests.
func (h *house) rest(id pawl.RunID) pawl.RunRecord {
	h.t.Helper()
	rec, err := h.engine.Wait(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return rec
}

// decideOn approves, or whatever it is, the blocker that a run stands at.
func (h *house) decision(rec pawl.RunRecord, what string) map[string]any {
	h.t.Helper()
	if len(rec.Blockers) != 1 {
		h.t.Fatalf("run %s has %d blockers, want 1: %+v", rec.ID, len(rec.Blockers), rec)
	}
	return map[string]any{"key": rec.Blockers[0].Key, "what": what, "digest": rec.Blockers[0].Digest}
}
