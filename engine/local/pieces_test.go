package local_test

import (
	"context"
	"fmt"
	"slices"
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
			told = append(told, fmt.Sprintf("%s %d %q", p.Key, p.Attempt, p.Text))
		}})
		q := pawl.Messages[string]("Saying it", llm.User("Say it.")).Gate("short", func(s string) error {
			if len(s) > 5 {
				return fmt.Errorf("has %d bytes", len(s))
			}
			return nil
		})
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) { return pawl.Ask(r, "say", q), nil })
		rec := finish(t, e, f)
		if want := []string{`say 1 "too "`, `say 1 "long"`, `say 2 "sh"`, `say 2 ""`, `say 2 "ort"`}; !slices.Equal(told, want) {
			t.Errorf("told %q", told)
		}
		if rec.Status != pawl.StatusDone || *rec.Steps[0].Attempts[0].Raw != "too long" {
			t.Errorf("run is %s (%s), attempts %+v", rec.Status, rec.Reason, rec.Steps[0].Attempts)
		}
	})
}
