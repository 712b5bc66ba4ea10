package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

func startRefuses(t *testing.T, open store) {
	e := open(&Script{})
	for name, tt := range ordered(map[string]struct {
		input string
		o     *pawl.StartOptions
		want  string
	}{
		"unknown field":    {`{"topik":"x"}`, nil, "topik"},
		"wrong type":       {`{"topic":7}`, nil, "topic"},
		"broken JSON":      {`{"topic":`, nil, "JSON"},
		"unknown provider": {`{}`, &pawl.StartOptions{Model: "nobody/x"}, `no provider "nobody"`},
	}) {
		if _, err := e.Start(t.Context(), ABC, json.RawMessage(tt.input), tt.o); !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := e.List(t.Context(), pawl.RunFilter{}); err != nil || len(list) != 0 {
		t.Errorf("left behind %v, %v", list, err)
	}
	if _, err := e.Get(t.Context(), "nosuchrun"); !errors.Is(err, pawl.ErrNotFound) {
		t.Errorf("unknown run: %v", err)
	}
	for _, err := range e.Events(t.Context(), "nosuchrun", 0) {
		if !errors.Is(err, pawl.ErrNotFound) {
			t.Errorf("events of an unknown run: %v", err)
		}
	}
}

func startAgain(t *testing.T, open store) {
	m := &Script{}
	e := open(m)
	o := &pawl.StartOptions{ID: pawl.RunIDOf("a", "b")}
	for range 3 {
		id, err := e.Start(t.Context(), ABC, json.RawMessage(`{"topic": "x"}`), o)
		if err != nil || id != o.ID {
			t.Fatal(id, err)
		}
		Follow(t, e, id)
	}
	if len(m.Requests) != 3 {
		t.Errorf("%d calls, want those of one run", len(m.Requests))
	}
	if _, err := e.Start(t.Context(), ABC, json.RawMessage(`{"topic": "y"}`), o); !errors.Is(err, pawl.ErrConflict) {
		t.Errorf("another input: %v", err)
	}
	if _, err := e.Start(t.Context(), ABC, json.RawMessage(`{}`), &pawl.StartOptions{ID: "Not an id"}); !errors.Is(err, pawl.ErrInput) {
		t.Errorf("bad id: %v", err)
	}
}

func handle(t *testing.T, open store) {
	e := open(&Script{Replies: map[string][]any{"b": {&llm.Error{Kind: llm.Refused, Message: "no"}}}})
	h, err := pawl.Start(t.Context(), e, ABC, Topic{Topic: "x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Result(t.Context())
	var pe *pawl.Error
	if !errors.As(err, &pe) || pe.Kind != "refused" || pe.Step != "b" || pe.Run != h.ID() {
		t.Fatalf("error %#v", err)
	}
	Resume(t, e, h.ID())
	if out, err := h.Result(t.Context()); err != nil || out != "answer of aanswer of banswer of c" {
		t.Errorf("%q, %v", out, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Result(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled wait returns %v", err)
	}
}

// waitingResult: the error of a run that waits for people names what is asked.
func waitingResult(t *testing.T, open store) {
	f := pawl.New("ask", "Asks twice.", func(r *pawl.Run, in Topic) (int, error) {
		pawl.Parallel(r, "both",
			pawl.Go("x", func(r *pawl.Run) error {
				pawl.Input[string](r, "name", "Who is it?")
				return nil
			}),
			pawl.Go("y", func(r *pawl.Run) error { pawl.Input[string](r, "name", "And who?"); return nil }))
		return 1, nil
	})
	h, err := pawl.Start(t.Context(), open(&Script{}), f, Topic{Topic: "x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Result(t.Context())
	want := "run " + string(h.ID()) + ` of ask, step "both/x/name": waits for a person: Who is it? (and 1 more)`
	if !errors.Is(err, pawl.ErrWaiting) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// waits: whoever waits for a run gets its record once it is at rest, and the
// error of their own context if that ends before.
func waits(t *testing.T, open store) {
	e := open(&Script{Latency: 2 * time.Second})
	id := Start(t, e, ABC)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	if _, err := e.Wait(ctx, id); !errors.Is(err, pawl.ErrStopped) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no longer waited for: %v", err)
	}
	if rec, err := e.Wait(t.Context(), id); err != nil || rec.Status != pawl.StatusDone || Keys(rec) != "a:done b:done c:done" {
		t.Errorf("%s %v, %v", rec.Status, Keys(rec), err)
	}
	if _, err := e.Wait(t.Context(), "000000000000"); !errors.Is(err, pawl.ErrNotFound) {
		t.Errorf("a run that there is not: %v", err)
	}
}

// followFromBeyond: following from an event that there is not ends with the
// run.
func followFromBeyond(t *testing.T, open store) {
	e := open(&Script{})
	rec := Finish(t, e, ABC)
	for ev, err := range e.Events(t.Context(), rec.ID, rec.LastSeq+100) {
		t.Errorf("got %v, %v", ev, err)
	}
}
