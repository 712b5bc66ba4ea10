package view_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/llm"
)

// readings counts how often a record is read.
type readings struct {
	pawl.Engine
	n int
}

func (r *readings) Get(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	r.n++
	return r.Engine.Get(ctx, id)
}

// What a run took is read once, wherever it stands, and again when it went on.
func TestUsageIsKept(t *testing.T) {
	hi := pawl.New("hi", "Greets.", func(r *pawl.Run, in struct {
		Wait bool `json:"wait"`
	}) (string, error) {
		if in.Wait {
			pawl.Approve(r, "go", "x", "Go?")
		}
		return pawl.Ask(r, "greet", pawl.Messages[string]("Greeting", llm.User("Say hello."))), nil
	})
	j := checktest.Memory(t)
	e := &readings{Engine: local.New(&local.Options{Journal: j, Model: "test/one", Models: answers(map[string][]string{"greet": {"Hello", "Hello"}})})}
	t.Cleanup(func() { e.Close(context.WithoutCancel(t.Context())) })
	v := view.New(e, j, []pawl.Flow{hi})
	var waits pawl.RunRecord
	for _, input := range []string{`{"wait":false}`, `{"wait":true}`} {
		id, err := e.Start(t.Context(), hi, json.RawMessage(input), nil)
		if err == nil {
			waits, err = e.Wait(t.Context(), id)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range []struct {
		reads int
		calls int64 // of the run that waits at first
	}{{2, 0}, {0, 0}, {1, 1}, {0, 1}} {
		if i == 2 {
			b := waits.Blockers[0]
			err := e.Decide(t.Context(), waits.ID, pawl.Decision{Key: b.Key, What: pawl.DecideApprove, Digest: b.Digest, Who: "olga"})
			if err == nil {
				_, err = e.Wait(t.Context(), waits.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		list, _, err := v.Part(t.Context(), view.Selection{RunFilter: pawl.RunFilter{Limit: 5}})
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		e.n = 0
		if err := v.AddUsage(t.Context(), list); err != nil || e.n != c.reads {
			t.Errorf("round %d: %d records were read, want %d, %v", i, e.n, c.reads, err)
		}
		if waits, done := list[0].Usage, list[1].Usage; waits == nil || done == nil || waits.ModelCalls != c.calls || done.ModelCalls != 1 {
			t.Errorf("round %d: usage is %+v and %+v", i, waits, done)
		}
		list[1].Usage.ModelCalls = 99 // is the caller's
	}
}
