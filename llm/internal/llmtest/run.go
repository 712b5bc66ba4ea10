package llmtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// deadline is short because the far side never answers: nothing races with it.
const deadline = 30 * time.Millisecond

// Names are what the model's hints call the settings that a person makes.
type Names struct {
	APIKey  string
	BaseURL string

	// Declined is the kind of error of a model that declines. Empty is llm.Refused; a wire
	// that knows no refusals has another.
	Declined llm.ErrorKind
}

// Run holds a model against all scenarios. setup makes a fresh server and a model
// that uses it and Key.
func Run(t *testing.T, names Names, setup func(t *testing.T) (Server, llm.Model)) {
	for _, streaming := range []bool{false, true} {
		mode := "plain"
		if streaming {
			mode = "stream"
		}
		t.Run(mode, func(t *testing.T) {
			for _, s := range slices.Concat(statusScenarios(names), vendorScenarios(names), answerScenarios(names)) {
				t.Run(s.name, func(t *testing.T) {
					srv, model := setup(t)
					s.run(t, srv, model, streaming)
				})
			}
			t.Run("success", func(t *testing.T) {
				srv, model := setup(t)
				succeed(t, srv, model, streaming)
			})
			t.Run("structured", func(t *testing.T) {
				srv, model := setup(t)
				structured(t, names, srv, model, streaming)
			})
			t.Run("thoughts", func(t *testing.T) {
				srv, model := setup(t)
				withoutThoughts(t, srv, model, streaming)
			})
			t.Run("late thoughts", func(t *testing.T) {
				srv, model := setup(t)
				lateThoughts(t, srv, model, streaming)
			})
			t.Run("canceled before", func(t *testing.T) {
				srv, model := setup(t)
				canceledBefore(t, srv, model, streaming)
			})
		})
	}
	t.Run("hang after the first words", func(t *testing.T) {
		srv, model := setup(t)
		hangInStream(t, srv, model)
	})
	t.Run("many at once", func(t *testing.T) {
		srv, model := setup(t)
		manyAtOnce(t, srv, model)
	})
	t.Run("not sent", func(t *testing.T) { refusedRequests(t, setup) })
}

// RunInBatches holds a model whose answers come of batches against the scenarios that there
// are in one: an item has a status and a body, and neither headers nor a connection. Where
// statuses are given, items have none, and those that follow from the vendor's own errors
// are to be had.
func RunInBatches(t *testing.T, names Names, statuses []int, setup func(t *testing.T) (Server, llm.Model)) {
	for _, s := range slices.Concat(statusScenarios(names), vendorScenarios(names), answerScenarios(names)) {
		e := s.play
		if s.stop != stopNot || e.Break != BreakNot || e.Header != nil || e.Body != "" && !json.Valid([]byte(e.Body)) || e.Body == "" && e.ContentType != "" {
			continue
		}
		if statuses != nil && e.Status != 0 && (e.Body+e.Code+e.Type != "" || !slices.Contains(statuses, e.Status)) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			srv, model := setup(t)
			s.run(t, srv, model, false)
		})
	}
	t.Run("success", func(t *testing.T) {
		srv, model := setup(t)
		succeed(t, srv, model, false)
	})
	t.Run("structured", func(t *testing.T) {
		srv, model := setup(t)
		structured(t, names, srv, model, false)
	})
	t.Run("thoughts", func(t *testing.T) {
		srv, model := setup(t)
		withoutThoughts(t, srv, model, false)
	})
	t.Run("many at once", func(t *testing.T) {
		srv, model := setup(t)
		manyAtOnce(t, srv, model)
	})
}

// listener returns a stream callback if it is wanted, and what it heard.
func listener(streaming bool) (func(llm.Delta), *strings.Builder) {
	var heard strings.Builder
	if !streaming {
		return nil, &heard
	}
	return func(d llm.Delta) { heard.WriteString(d.Text) }, &heard
}

func question() llm.Request {
	return llm.Request{Model: "gpt-5.4-mini", Messages: []llm.Message{llm.User("Say some words...")}}
}

func (s scenario) run(t *testing.T, srv Server, model llm.Model, streaming bool) {
	srv.Play(s.play)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan struct{})
	switch s.stop {
	case stopDeadline:
		ctx, cancel = context.WithTimeout(ctx, deadline)
		defer cancel()
		close(done)
	case stopCancel:
		go func() {
			defer close(done)
			srv.WaitInFlight(1)
			cancel()
		}()
	default:
		close(done)
	}
	stream, _ := listener(streaming)
	resp, err := model.Generate(ctx, question(), stream)
	<-done
	if err == nil {
		t.Fatalf("got answer %+v, wants an error of kind %q", resp, s.want.kind)
	}
	s.want.check(t, err, streaming)
	if n := srv.Calls(); n != 1 && s.stop != stopDeadline || n > 1 {
		t.Errorf("%d requests for one attempt", n)
	}
	if v := srv.Violations(); len(v) > 0 {
		t.Errorf("violations: %q", v)
	}
}

func (w want) check(t *testing.T, err error, streaming bool) {
	t.Helper()
	var e *llm.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is a %T (%v), wants an *llm.Error", err, err)
	}
	if e.Kind != w.kind {
		t.Errorf("kind %q, wants %q: %v", e.Kind, w.kind, e)
	}
	if e.Status != w.status {
		t.Errorf("status %d, wants %d", e.Status, w.status)
	}
	if w.code != "" && e.Code != w.code {
		t.Errorf("code %q, wants %q", e.Code, w.code)
	}
	if e.Message == "" || !strings.Contains(e.Message, w.message) || strings.ContainsAny(e.Message, "\n\r<") {
		t.Errorf("message %q, wants one readable line with %q", e.Message, w.message)
	}
	if !strings.Contains(e.Hint, w.hint) {
		t.Errorf("hint %q, wants %q in it", e.Hint, w.hint)
	}
	if most := max(w.after, w.afterAtMost); e.RetryAfter < w.after || e.RetryAfter > most {
		t.Errorf("retry after %v, wants %v to %v", e.RetryAfter, w.after, most)
	}
	partial := w.partial
	if streaming && w.streamPartial != "" {
		partial = w.streamPartial
	}
	if e.Partial != partial {
		t.Errorf("partial %q, wants %q", e.Partial, partial)
	}
	if (e.Usage != nil) != w.usage {
		t.Errorf("usage %+v, wants one: %v", e.Usage, w.usage)
	}
	if w.unanswered && e.Answered {
		t.Error("a model is said to have answered")
	}
	if w.usage && e.Model == "" {
		t.Error("an answer came, and the error does not say of which model")
	}
	noKey(t, e)
}

// noKey looks for the key, or half of it, in everything that an error carries.
func noKey(t *testing.T, e *llm.Error) {
	t.Helper()
	all := fmt.Sprintf("%#v %v %+v", *e, e.Err, e.Err)
	for _, part := range []string{Key, Key[:8], Key[len(Key)-8:]} {
		if strings.Contains(all, part) {
			t.Errorf("%q of the API key is in the error: %s", part, all)
		}
	}
}

func succeed(t *testing.T, srv Server, model llm.Model, streaming bool) {
	const text = "An answer with “quotes”, <angles> & several words,\nin two lines."
	srv.Play(Exchange{Text: text})
	stream, heard := listener(streaming)
	resp, err := model.Generate(t.Context(), question(), stream)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Text != text || resp.Model == "" || resp.ID == "" || resp.Usage == nil || resp.Usage.OutputTokens == 0 {
		t.Errorf("answer %+v, wants the text %q with model, id and usage", resp, text)
	}
	if streaming && heard.String() != text {
		t.Errorf("streamed %q, wants %q", heard, text)
	}
	if n, v := srv.Calls(), srv.Violations(); n != 1 || len(v) > 0 {
		t.Errorf("%d requests, violations %q", n, v)
	}
}

func canceledBefore(t *testing.T, srv Server, model llm.Model, streaming bool) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stream, _ := listener(streaming)
	_, err := model.Generate(ctx, question(), stream)
	want{kind: llm.Canceled}.check(t, err, streaming)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
	if n := srv.Calls(); n != 0 {
		t.Errorf("%d requests after the end", n)
	}
}

// hangInStream cancels from within the callback, at the first words.
func hangInStream(t *testing.T, srv Server, model llm.Model) {
	srv.Play(Exchange{Text: "First", Break: BreakHang})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := model.Generate(ctx, question(), func(llm.Delta) { cancel() })
	want{kind: llm.Canceled, partial: "First"}.check(t, err, true)
}
