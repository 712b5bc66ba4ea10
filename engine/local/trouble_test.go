package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// TestSlowFlowCodeIsLogged: flow code that holds the token for long is named
// with its stack, and its run goes on.
func TestSlowFlowCodeIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": &script{}}, Model: "test/one",
			Logger: slog.New(slog.NewTextHandler(&log, nil))})
		f := pawl.New("slow", "Is slow.", func(r *pawl.Run, in topic) (int, error) {
			time.Sleep(11 * time.Second)
			return 1, nil
		})
		rec := finish(t, e, f)
		if rec.Status != pawl.StatusDone || !strings.Contains(log.String(), "TestSlowFlowCodeIsLogged") || !strings.Contains(log.String(), string(rec.ID)) {
			t.Errorf("%s, log: %.300s", rec.Status, log.String())
		}
	})
}

// TestJournalFailureEndsTheRun: a run whose journal fails stops, whoever follows
// it hears why, and it goes on once the journal works again.
func TestJournalFailureEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mem := checktest.Memory(t)
		m := &script{latency: time.Second}
		e := newEngine(&crashing{Journal: mem, left: 3}, m, abc)
		id := start(t, e, abc)
		var last error
		for _, err := range e.Events(t.Context(), id, 0) {
			last = err
		}
		if !errors.Is(last, errCrash) {
			t.Fatalf("followers hear %v", last)
		}
		if rec, err := e.Get(t.Context(), id); err != nil || rec.Status != pawl.StatusQueued {
			t.Errorf("status %s, %v", rec.Status, err)
		}
		e = newEngine(mem, m, abc)
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("status %s", rec.Status)
		}
	})
}

// TestTakenRunCannotAppend: a holder that lost its run writes nothing more.
func TestTakenRunCannotAppend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		slow, quick := &script{latency: time.Hour}, &script{latency: time.Second}
		first := newEngine(j, slow, abc)
		id := start(t, first, abc)
		synctest.Wait()
		second := newEngine(j, quick, abc)
		if err := second.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "me"}); !errors.Is(err, pawl.ErrConflict) {
			t.Fatalf("a held run was resumed: %v", err)
		}
		if err := second.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "me", Take: true}); err != nil {
			t.Fatal(err)
		}
		rec := follow(t, second, id)
		if rec.Status != pawl.StatusDone || rec.Steps[0].Attempts[0].Outcome != pawl.OutcomeUnknown {
			t.Fatalf("%s %+v", rec.Status, rec.Steps[0].Attempts)
		}
		time.Sleep(2 * time.Hour) // the first holder's call ends, and its append is refused
		synctest.Wait()
		if again := follow(t, second, id); again.UpdatedAt != rec.UpdatedAt {
			t.Errorf("the first holder wrote at %v, after the end at %v", again.UpdatedAt, rec.UpdatedAt)
		}
	})
}

func TestStartRefusesAndLeavesNothing(t *testing.T) {
	j := checktest.Memory(t)
	e := newEngine(j, &script{})
	for name, tt := range map[string]struct {
		input string
		o     *pawl.StartOptions
		want  string
	}{
		"unknown field":    {`{"topik":"x"}`, nil, "topik"},
		"wrong type":       {`{"topic":7}`, nil, "topic"},
		"broken JSON":      {`{"topic":`, nil, "JSON"},
		"unknown provider": {`{}`, &pawl.StartOptions{Model: "nobody/x"}, `no provider "nobody"`},
	} {
		if _, err := e.Start(t.Context(), abc, json.RawMessage(tt.input), tt.o); !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), tt.want) {
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

func TestHandle(t *testing.T) {
	e := newEngine(checktest.Memory(t), &script{replies: map[string][]any{"b": {&llm.Error{Kind: llm.Refused, Message: "no"}}}})
	h, err := pawl.Start(t.Context(), e, abc, topic{Topic: "x"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Result(t.Context())
	var pe *pawl.Error
	if !errors.As(err, &pe) || pe.Kind != "refused" || pe.Step != "b" || pe.Run != h.ID() {
		t.Fatalf("error %#v", err)
	}
	resume(t, e, h.ID())
	if out, err := h.Result(t.Context()); err != nil || out != "answer of aanswer of banswer of c" {
		t.Errorf("%q, %v", out, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Result(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled wait returns %v", err)
	}
}

// TestOversizedResult: what the journal cannot keep fails its step and no more.
func TestOversizedResult(t *testing.T) {
	huge := strings.Repeat("\x01", journal.MaxValueBytes/6+1) // six bytes each in JSON
	m := &script{replies: map[string][]any{"b": {huge}}}
	e := newEngine(checktest.Memory(t), m, abc)
	rec := finish(t, e, abc)
	if rec.Status != pawl.StatusFailed || rec.Error.Step != "b" || !strings.Contains(rec.Error.Message, "the journal holds at most") {
		t.Fatalf("%s %+v", rec.Status, rec.Error)
	}
	resume(t, e, rec.ID)
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}
