package notifier_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/notifier"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/internal/webhook"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/notice"
)

type letterIn struct {
	Topic string `json:"topic"`
	Token string `json:"token,omitempty" pawl:"sensitive"`
}

// letter asks twice, and fails in between if it is about failing.
var letter = pawl.New("letter", "Letter.", func(r *pawl.Run, in letterIn) (string, error) {
	if a := pawl.Approve(r, "send", "Dear "+in.Topic, "Send it, about "+in.Topic+in.Token+"?", pawl.Who("ada")); !a.Approved {
		return "", a.Err()
	}
	if in.Topic == "failing" {
		pawl.Do(r, "post", "x", func(context.Context, string) (string, error) { return "", errors.New("no stamps") })
	}
	pawl.Sleep(r, "rest", time.Hour)
	a := pawl.Approve(r, "print", "Dear "+in.Topic, "Print it?")
	return a.Value, nil
})

// quick ends at once.
var quick = pawl.New("quick", "Quick.", func(_ *pawl.Run, in letterIn) (string, error) { return in.Topic, nil })

// waiting awaits events while it asks something.
var waiting = pawl.New("waiting", "Waiting.", func(r *pawl.Run, in letterIn) (string, error) {
	if in.Topic == "alone" {
		pawl.Await[string](r, "first")
	}
	pawl.Parallel(r, "both",
		pawl.Go("ask", func(r *pawl.Run) error { pawl.Approve(r, "ok", "x", "All right?"); return nil }),
		pawl.Go("await", func(r *pawl.Run) error {
			for range 3 {
				pawl.Await[string](r, "paid")
			}
			return nil
		}))
	return "", nil
})

var flows = []pawl.Flow{letter, quick, waiting}

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// place is a journal with an engine on it. In a bubble its clock begins on 1 January 2000.
type place struct {
	t *testing.T
	j journal.Journal
	e *local.Engine
}

func open(t *testing.T, j journal.Journal) place {
	return place{t, j, local.New(&local.Options{Journal: j, Flows: flows, Program: "press", Model: "test/one",
		Models: llm.Catalog{"test": llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
			return llm.Response{}, errors.New("asked")
		})}})}
}

func memory(t *testing.T) place { return open(t, journal.NewMemory()) }

// run starts a run and returns when it rests.
func (p place) run(f pawl.Flow, topic string) pawl.RunID {
	p.t.Helper()
	input, _ := json.Marshal(letterIn{Topic: topic})
	id, err := p.e.Start(p.t.Context(), f, input, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	synctest.Wait()
	return id
}

func (p place) decide(id pawl.RunID, d pawl.Decision) {
	p.t.Helper()
	d.Who = "ada"
	if err := p.e.Decide(p.t.Context(), id, d); err != nil {
		p.t.Fatal(err)
	}
	synctest.Wait()
}

func (p place) close() {
	if err := errors.Join(p.e.Close(p.t.Context()), p.j.Close()); err != nil {
		p.t.Error(err)
	}
}

func (p place) keeper() notice.Keeper { return p.j.(notice.Keeper) }

// notices are those of a run, as they are shown.
func (p place) notices(id pawl.RunID) []pawl.Notice {
	p.t.Helper()
	rec, err := view.New(p.e, p.j, flows).Run(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return rec.Notices
}

// start starts a notifier that tells a hook.
func (p place) start(h *hook, change func(*notifier.Options)) *notifier.Notifier {
	p.t.Helper()
	target, err := notifier.ParseTarget("http://user:pass-otter@hook.example/path-otter?key=query-otter")
	if err != nil {
		p.t.Fatal(err)
	}
	key, err := webhook.ParseSecret(secret)
	if err != nil {
		p.t.Fatal(err)
	}
	o := notifier.Options{Keeper: p.keeper(), View: view.New(p.e, p.j, flows), Target: target, Secrets: []webhook.Secret{key}, Program: "press", Logger: slog.New(slog.NewTextHandler(&h.log, nil))}
	if h.pipes != nil {
		o.Transport = &http.Transport{DialContext: h.pipes.dial}
	}
	if change != nil {
		change(&o)
	}
	n := notifier.New(o)
	if err := n.Start(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	return n
}

// call is a request that a hook got.
type call struct {
	at   time.Time
	id   string
	body string
	http.Header
}

// hook is a receiver. It checks every call as the reference library does.
type hook struct {
	t      *testing.T
	pipes  *pipes
	answer func(w http.ResponseWriter, n int) // the n-th call, from 1; nil: 204

	mu    sync.Mutex
	calls []call
	log   syncBuffer // what the notifiers log
}

// newHook is a receiver in a bubble, on connections that keep to its clock.
func newHook(t *testing.T, answer func(w http.ResponseWriter, n int)) *hook {
	h := &hook{t: t, pipes: &pipes{open: make(chan net.Conn), closed: make(chan struct{})}, answer: answer}
	s := &http.Server{Handler: h}
	go s.Serve(h.pipes)
	t.Cleanup(func() { s.Close() })
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	wh, werr := standard.NewWebhook(secret)
	if err := errors.Join(err, werr); err != nil {
		h.t.Error(err)
		return
	}
	if err := wh.Verify(body, r.Header); err != nil {
		h.t.Errorf("the reference library says: %v", err)
	}
	h.mu.Lock()
	h.calls = append(h.calls, call{time.Now(), r.Header.Get("webhook-id"), string(body), r.Header})
	n := len(h.calls)
	h.mu.Unlock()
	if h.answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.answer(w, n)
}

func (h *hook) got() []call {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]call{}, h.calls...)
}

// says are the types of what it was told, in order.
func (h *hook) says() (all []string) {
	for _, c := range h.got() {
		var m struct{ Type string }
		if err := json.Unmarshal([]byte(c.body), &m); err != nil {
			h.t.Error(err)
		}
		all = append(all, m.Type)
	}
	return all
}

// answers answers calls with these statuses, and those after them with 204.
func answers(statuses ...int) func(w http.ResponseWriter, n int) {
	return func(w http.ResponseWriter, n int) {
		if n > len(statuses) {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.WriteHeader(statuses[n-1])
	}
}

// pipes is a listener without a network.
type pipes struct {
	open   chan net.Conn
	closed chan struct{}
	once   sync.Once

	mu    sync.Mutex
	down  bool // nobody listens
	dials int
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.mu.Lock()
	down := p.down
	p.dials++
	p.mu.Unlock()
	if down {
		return nil, errors.New("connection refused")
	}
	near, far := net.Pipe()
	select {
	case p.open <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) setDown(is bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = is
}

func (p *pipes) dialed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dials
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.open:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// syncBuffer is a buffer for several goroutines.
type syncBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}

// viewOf is the view of a program that has none of the flows.
func viewOf(p place) *view.View { return view.New(p.e, p.j, nil) }
