package local_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// A listener is told what arrives of each attempt, also of one whose answer is refused,
// and the journal has whole answers alone.
func TestPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := map[int][]string{1: {"too ", "long"}, 2: {"sh", "", "ort"}}
		model := llm.Func(func(_ context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
			text := ""
			for _, piece := range answers[req.Meta.Attempt] {
				text += piece
				stream(llm.Delta{Text: piece})
			}
			return llm.Response{Text: text}, nil
		})
		var mu sync.Mutex
		var told []string
		j := checktest.Memory(t)
		e := local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": model}, Model: "test/one", Pieces: func(p pawl.Piece) {
			mu.Lock()
			defer mu.Unlock()
			text := strconv.Quote(p.Text)
			if p.End {
				text += " end"
			}
			told = append(told, fmt.Sprintf("%s %d %s", p.Key, p.Attempt, text))
		}})
		q := pawl.Messages[string]("Saying it", llm.User("Say it.")).Gate("short", func(s string) error {
			if len(s) > 5 {
				return fmt.Errorf("has %d bytes", len(s))
			}
			return nil
		})
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) { return pawl.Ask(r, "say", q), nil })
		rec := finish(t, e, f)
		if want := []string{`say 1 "too "`, `say 1 "long"`, `say 1 "" end`, `say 2 "sh"`, `say 2 ""`, `say 2 "ort"`, `say 2 "" end`}; !slices.Equal(told, want) {
			t.Errorf("told %q", told)
		}
		if rec.Status != pawl.StatusDone || *rec.Steps[0].Attempts[0].Raw != "too long" {
			t.Errorf("run is %s (%s), attempts %+v", rec.Status, rec.Reason, rec.Steps[0].Attempts)
		}
	})
}

// Models are asked to stream also where nobody listens, and whoever listens is told
// which answers must not be shown, and of each attempt that ends, however it does.
func TestPiecesOfAttemptsThatEnd(t *testing.T) {
	type pass struct {
		Word string `json:"word" pawl:"sensitive"`
	}
	synctest.Test(t, func(t *testing.T) {
		streams := 0
		model := llm.Func(func(_ context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
			streams++
			stream(llm.Delta{Text: `{"word":`})
			switch req.Meta.Attempt {
			case 1:
				return llm.Response{}, &llm.Error{Kind: llm.Network, Message: "cut off", Partial: `{"word":`}
			case 2:
				panic("broken")
			}
			stream(llm.Delta{Text: `"sesame"}`})
			return llm.Response{Text: `{"word":"sesame"}`}, nil
		})
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (pass, error) {
			return pawl.Ask(r, "pass", pawl.Messages[pass]("Choosing a word", llm.User("Choose.")).Tries(3)), nil
		})
		var told []pawl.Piece
		for _, listen := range []func(pawl.Piece){nil, func(p pawl.Piece) { told = append(told, p) }} {
			e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": model}, Model: "test/one", Pieces: listen})
			id, err := e.Start(t.Context(), f, []byte(`{}`), nil)
			if err != nil {
				t.Fatal(err)
			}
			for range e.Events(t.Context(), id, 0) {
			}
			_ = e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "tester"}) // after the panic
			for range e.Events(t.Context(), id, 0) {
			}
			if rec, err := e.Get(t.Context(), id); err != nil || rec.Status != pawl.StatusDone {
				t.Fatalf("the run is %s: %v", rec.Status, err)
			}
		}
		var said []string
		for _, p := range told {
			if !p.Sensitive {
				t.Errorf("%+v is not said to be sensitive", p)
			}
			said = append(said, fmt.Sprintf("%d %s %v", p.Attempt, p.Text, p.End))
		}
		want := []string{`1 {"word": false`, "1  true", `2 {"word": false`, "2  true", `3 {"word": false`, `3 "sesame"} false`, "3  true"}
		if !slices.Equal(said, want) || streams != 6 {
			t.Errorf("told\n%s", strings.Join(said, "\n"))
		}
	})
}
