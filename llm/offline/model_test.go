package offline

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

const essayPrompt = "Topic: mountain rivers\n\nWrite 200 to 300 words."

type verdict struct {
	Approved bool     `json:"approved"`
	Score    float64  `json:"score" pawl:"min=0,max=1"`
	Issues   []string `json:"issues" jsonschema:"what is wrong; empty when approved"`
	Praise   []string `json:"praise"`
}

func shape[T any](t *testing.T) *schema.Schema {
	t.Helper()
	s, err := schema.For[T]()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func generate(t *testing.T, req llm.Request) string {
	t.Helper()
	r, err := Model{}.Generate(t.Context(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Text
}

// fill asks for a T and checks the answer against its schema.
func fill[T any](t *testing.T, model string, messages ...llm.Message) T {
	t.Helper()
	return gated[T](t, model, nil, messages...)
}

// gated is fill with the names of gates.
func gated[T any](t *testing.T, model string, gates []string, messages ...llm.Message) T {
	t.Helper()
	s := shape[T](t)
	text := generate(t, llm.Request{Model: model, Messages: messages, Schema: s, Meta: llm.Meta{Gates: gates}})
	if _, err := s.Check([]byte(text)); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAnswerDependsOnTheRequestAlone(t *testing.T) {
	req := llm.Request{Messages: []llm.Message{llm.System("Be kind."), llm.User(essayPrompt)}}
	first := generate(t, req)
	req.Meta = llm.Meta{Run: "r1", Key: "draft", Attempt: 4}
	req.MaxTokens = 100_000
	req.SchemaName = "other"
	if generate(t, req) != first {
		t.Error("run, key, attempt and a wide limit changed the text")
	}
	req.Messages[1] = llm.User(essayPrompt + " Be brief.")
	other := generate(t, req)
	if other == first {
		t.Error("another prompt gives the same text")
	}
	if same := sameSentences(first, other); same > 3 {
		t.Errorf("%d sentences are the same for another prompt", same)
	}
	req.Schema = shape[verdict](t)
	for range 20 {
		if a, b := generate(t, req), generate(t, req); a != b {
			t.Fatalf("two answers to one request:\n%s\n%s", a, b)
		}
	}
}

func sameSentences(a, b string) int {
	n := 0
	for s := range strings.SplitSeq(a, ". ") {
		if len(s) > 20 && strings.Contains(b, s) {
			n++
		}
	}
	return n
}

func TestFaults(t *testing.T) {
	s := shape[verdict](t)
	attempt := func(model string, n int, s *schema.Schema) (llm.Response, *llm.Error, string) {
		t.Helper()
		var streamed strings.Builder
		r, err := Model{}.Generate(t.Context(), llm.Request{
			Model: model, Messages: []llm.Message{llm.User(essayPrompt)}, Schema: s, Meta: llm.Meta{Attempt: n},
		}, func(d llm.Delta) { streamed.WriteString(d.Text) })
		var e *llm.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%T is not an *llm.Error", err)
		}
		return r, e, streamed.String()
	}
	good, _, _ := attempt("", 1, s)

	if _, e, text := attempt("?fail=2", 2, s); e == nil || e.Kind != llm.Overloaded || text != "" {
		t.Errorf("fail: %v, streamed %q", e, text)
	}
	if r, e, _ := attempt("?fail=2", 3, s); e != nil || r.Text != good.Text {
		t.Errorf("after failing: %v %q", e, r.Text)
	}
	if _, e, _ := attempt("?refuse=1", 9, s); e == nil || e.Kind != llm.Refused {
		t.Errorf("refuse: %v", e)
	}
	r, e, text := attempt("?malformed=1", 1, s)
	if e != nil || json.Valid([]byte(r.Text)) || r.Text == "" || text != r.Text {
		t.Errorf("malformed: %v %q", e, r.Text)
	}
	if r, e, _ := attempt("?malformed=1", 2, s); e != nil || r.Text != good.Text {
		t.Errorf("after malformed: %v %q", e, r.Text)
	}
	if r, e, _ := attempt("?malformed=1", 1, nil); e != nil || r.Text != "" {
		t.Errorf("malformed plain text: %v %q", e, r.Text)
	}
	_, e, text = attempt("?truncate=1", 1, nil)
	if e == nil || e.Kind != llm.Truncated || e.Partial == "" || e.Partial != text || e.Usage.OutputTokens == 0 {
		t.Errorf("truncate: %+v streamed %q", e, text)
	}
	if _, e, _ := attempt("?nonsense=1", 1, nil); e == nil || e.Kind != llm.Invalid {
		t.Errorf("unknown option: %v", e)
	}
}

func TestReject(t *testing.T) {
	m := llm.User("Topic: tides\nReview the text.")
	if v := fill[verdict](t, "", m); !v.Approved || v.Score != 0.86 || len(v.Issues) != 0 || len(v.Praise) != 3 {
		t.Errorf("approving: %+v", v)
	}
	if v := gated[verdict](t, "", []string{"at least 1 issue unless approved"}, m); len(v.Issues) != 0 {
		t.Errorf("approving, and the gate has no objection: %+v", v)
	}
	if v := gated[verdict](t, "", []string{"exactly 2 issues"}, m); len(v.Issues) != 2 {
		t.Errorf("a gate wants 2 issues: %+v", v)
	}
	if v := fill[verdict](t, "?reject=1", m); v.Approved || v.Score != 0.31 || len(v.Issues) == 0 || v.Issues[0] == "" {
		t.Errorf("rejecting: %+v", v)
	}
}

func TestMaxTokens(t *testing.T) {
	req := llm.Request{Messages: []llm.Message{llm.User(essayPrompt)}}
	whole, err := Model{}.Generate(t.Context(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	if u := whole.Usage; u == nil || u.OutputTokens != tokens(len(strings.Fields(whole.Text))) || u.InputTokens != 11 || whole.Model != "offline" {
		t.Errorf("response %+v, usage %+v", whole, u)
	}
	req.MaxTokens = int(whole.Usage.OutputTokens)
	if text := generate(t, req); text != whole.Text {
		t.Error("a limit that is just enough changed the text")
	}
	for _, limit := range []int{1, 2, 50, req.MaxTokens - 1} {
		req.MaxTokens = limit
		_, err := Model{}.Generate(t.Context(), req, nil)
		var e *llm.Error
		if !errors.As(err, &e) || e.Kind != llm.Truncated {
			t.Fatalf("limit %d: %v", limit, err)
		}
		if !strings.HasPrefix(whole.Text, e.Partial) || len(e.Partial) >= len(whole.Text) || e.Usage.OutputTokens > int64(limit) {
			t.Errorf("limit %d: partial %q, usage %+v", limit, e.Partial, e.Usage)
		}
	}
}

func TestStream(t *testing.T) {
	var pieces []string
	r, err := Model{}.Generate(t.Context(), llm.Request{Messages: []llm.Message{llm.User("话题 🌊 " + essayPrompt)}}, func(d llm.Delta) {
		pieces = append(pieces, d.Text)
	})
	if err != nil || strings.Join(pieces, "") != r.Text || len(pieces) < 3 {
		t.Errorf("%d pieces, %v", len(pieces), err)
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		req := llm.Request{Model: "?latency=300ms&fail=1", Messages: []llm.Message{llm.User("Hello")}}
		start := time.Now()
		_, err := Model{}.Generate(t.Context(), req, nil)
		if took := time.Since(start); took != 300*time.Millisecond || llm.KindOf(err) != llm.Overloaded {
			t.Errorf("took %s: %v", took, err)
		}
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start = time.Now()
		_, err = Model{}.Generate(short, req, nil)
		if took := time.Since(start); took != 100*time.Millisecond || llm.KindOf(err) != llm.Timeout || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("deadline: took %s: %v", took, err)
		}
		stopped, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, stop)
		if _, err = (Model{}).Generate(stopped, req, nil); llm.KindOf(err) != llm.Canceled || !errors.Is(err, context.Canceled) {
			t.Errorf("cancel: %v", err)
		}
		req.Model = ""
		if _, err = (Model{}).Generate(stopped, req, nil); llm.KindOf(err) != llm.Canceled {
			t.Errorf("already canceled: %v", err)
		}
	})
}

func TestCancelWhileStreaming(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got string
	_, err := Model{}.Generate(ctx, llm.Request{Messages: []llm.Message{llm.User(essayPrompt)}}, func(d llm.Delta) {
		got += d.Text
		cancel()
	})
	var e *llm.Error
	if !errors.As(err, &e) || e.Kind != llm.Canceled || e.Partial != got || got == "" {
		t.Errorf("%v, partial of %d bytes", err, len(got))
	}
}

func TestRepairAnswersTheOriginalRequest(t *testing.T) {
	ask := []llm.Message{llm.System("You write."), llm.User(essayPrompt)}
	first := generate(t, llm.Request{Messages: ask})
	repair := append(ask, llm.Assistant("ok"), llm.User("Your answer was not accepted: it has 1 words. Answer again."))
	if got := generate(t, llm.Request{Messages: repair}); got != first {
		t.Errorf("a repair gives another text:\n%s", got)
	}
	// A number the complaint wants is heeded.
	repair[3] = llm.User("Your answer was not accepted: has 250 words, wants 30 to 40 words.")
	if n := len(strings.Fields(generate(t, llm.Request{Messages: repair}))); n < 30 || n > 40 {
		t.Errorf("%d words after a complaint that wants 30 to 40", n)
	}
	// What is no complaint is a new request.
	repair[3] = llm.User("Topic: glass\n\nWrite 50 to 60 words.")
	if text := generate(t, llm.Request{Messages: repair}); len(strings.Fields(text)) > 60 || !strings.Contains(text, "glass") {
		t.Errorf("a new request gives: %s", text)
	}
}

// An item that says which of several things it is about is about the next one.
func TestNumberedItems(t *testing.T) {
	type mark struct {
		Candidate int `json:"candidate" jsonschema:"its number, from 1" pawl:"min=1,max=100"`
		Points    int `json:"points" jsonschema:"how many points, a number from 1 to 9" pawl:"min=1,max=9"`
	}
	type marks struct {
		Marks []mark `json:"marks" pawl:"items=4"`
	}
	for i, m := range fill[marks](t, "", llm.User("Judge these four.")).Marks {
		if m.Candidate != i+1 || m.Points != 5 {
			t.Errorf("mark %d is %+v", i, m)
		}
	}
}
