package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

func mapInOrder(t *testing.T, open store) {
	m, arrived, all := &Script{}, 0, make(chan struct{})
	var mu sync.Mutex
	together := llm.Func(func(ctx context.Context, req llm.Request, out func(llm.Delta)) (llm.Response, error) {
		mu.Lock()
		if arrived++; arrived == 4 {
			close(all)
		}
		mu.Unlock()
		select {
		case <-all: // none is answered before all are asked
		case <-ctx.Done():
			return llm.Response{}, ctx.Err()
		}
		return m.Generate(ctx, req, out)
	})
	f := pawl.New("fan", "Fans out.", func(r *pawl.Run, in Topic) ([]string, error) {
		var order []string
		out := pawl.Map(r, "items", []int{0, 1, 2, 3}, func(r *pawl.Run, i int) (string, error) {
			s := pawl.Ask(r, "write", Text("Writing"))
			order = append(order, s)
			return s, nil
		})
		if len(order) != 4 {
			return nil, fmt.Errorf("order %v", order)
		}
		return out, nil
	})
	e := open(together)
	rec := Finish(t, e, f)
	if want := "items:done items[0]/write:done items[1]/write:done items[2]/write:done items[3]/write:done"; Keys(rec) != want {
		t.Errorf("steps %s", Keys(rec))
	}
	if want := `["answer of items[0]/write","answer of items[1]/write","answer of items[2]/write","answer of items[3]/write"]`; string(rec.Output) != want {
		t.Errorf("output %s", rec.Output)
	}
}

func tryForms(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{
		"a":                {&llm.Error{Kind: llm.Refused, Message: "no"}},
		"items[1]/inner/x": {&llm.Error{Kind: llm.Refused, Message: "never"}},
	}}
	f := pawl.New("try", "Tries.", func(r *pawl.Run, in Topic) (string, error) {
		_, err := pawl.TryAsk(r, "a", Text("A"))
		var pe *pawl.Error
		if !errors.As(err, &pe) || pe.Step != "a" {
			return "", fmt.Errorf("error %v", err)
		}
		res := pawl.TryMap(r, "items", []int{0, 1, 2}, func(r *pawl.Run, i int) (string, error) {
			if i == 2 {
				return "", errors.New("own error")
			}
			got := ""
			pawl.Parallel(r, "inner", pawl.Go("x", func(r *pawl.Run) error { return nil }), pawl.Go("y", func(r *pawl.Run) error { return nil }))
			pawl.Map(r, "deep", []int{1}, func(r *pawl.Run, _ int) (int, error) {
				if i == 1 {
					got = pawl.Ask(r, "z", pawl.Messages[string]("Z", llm.User("z")).Gate("never", func(string) error { return errors.New("never good") }))
				}
				return 0, nil
			})
			return "ok" + got, nil
		})
		return fmt.Sprintf("%v|%v %v|%v", res[0].Value, res[1].Value, res[1].Err, res[2].Err), nil
	})
	rec := Finish(t, open(m), f)
	if rec.Status != pawl.StatusDone {
		t.Fatalf("status %s %+v", rec.Status, rec.Error)
	}
	if got := string(rec.Output); !strings.HasPrefix(got, `"ok|`) || !strings.Contains(got, "no answer passed its gates in 3 attempts; the last: never good|own error") {
		t.Errorf("output %s", got)
	}
}

// siblingsRunOn: a failed branch stands still, the others finish,
// and then the run rests.
func siblingsRunOn(t *testing.T, open store) {
	m := &Script{Latency: time.Second, Replies: map[string][]any{"items[0]/one": {&llm.Error{Kind: llm.Invalid, Message: "bad"}}}}
	f := pawl.New("fan", "Fans out.", func(r *pawl.Run, in Topic) (int, error) {
		pawl.Map(r, "items", []int{0, 1}, func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "one", Text("1")) + pawl.Ask(r, "two", Text("2")), nil
		})
		return 1, nil
	})
	e := open(m, f)
	rec := Finish(t, e, f)
	if want := "items:failed items[0]/one:failed items[1]/one:done items[1]/two:done"; rec.Status != pawl.StatusFailed || Keys(rec) != want {
		t.Fatalf("%s: %s", rec.Status, Keys(rec))
	}
	Resume(t, e, rec.ID)
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusDone || m.Calls("items[1]/one") != 1 {
		t.Errorf("%s: %s", rec.Status, Keys(rec))
	}
}

// deferredSteps: a deferred step of a branch that ends does
// nothing, and the branch's failure is the true one.
func deferredSteps(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"m[0]/a": {&llm.Error{Kind: llm.Refused, Message: "the true one"}}}}
	f := pawl.New("defers", "Defers.", func(r *pawl.Run, in Topic) (string, error) {
		res := pawl.TryMap(r, "m", []int{0}, func(r *pawl.Run, _ int) (string, error) {
			defer pawl.Do(r, "cleanup", 1, nothing)
			return pawl.Ask(r, "a", Text("A")), nil
		})
		return res[0].Err.Error(), nil
	})
	rec := Finish(t, open(m), f)
	if !strings.Contains(string(rec.Output), "the true one") || strings.Contains(Keys(rec), "cleanup") {
		t.Errorf("%s: %s, steps %s", rec.Status, rec.Output, Keys(rec))
	}
}

// rejectionInABranch: a branch that rejects ends the run as canceled,
// whatever its siblings would have done.
func rejectionInABranch(t *testing.T, open store) {
	m := &Script{Latency: time.Second}
	f := pawl.New("no", "Says no.", func(r *pawl.Run, in Topic) (int, error) {
		pawl.Parallel(r, "p",
			pawl.Go("x", func(r *pawl.Run) error { return pawl.ErrRejected }),
			pawl.Go("y", func(r *pawl.Run) error { pawl.Ask(r, "a", Text("A")); panic("after all") }))
		return 1, nil
	})
	rec := Finish(t, open(m), f)
	if rec.Status != pawl.StatusCanceled {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}

func rejectedFlow(t *testing.T, open store) {
	f := pawl.New("no", "Says no.", func(r *pawl.Run, in Topic) (int, error) { return 0, pawl.ErrRejected })
	rec := Finish(t, open(&Script{}), f)
	if rec.Status != pawl.StatusCanceled || rec.Error == nil {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}
