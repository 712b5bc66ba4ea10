package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
)

// reads counts how often histories are read.
type reads struct {
	journal.Journal
	n int
}

func (j *reads) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	j.n++
	return j.Journal.Read(ctx, id, after, limit)
}

// TestRemovedRunAnew: whoever has looked at a run that was removed sees the one that has
// its id now, and goes on with it, whether that has more events, fewer or as many.
func TestRemovedRunAnew(t *testing.T) {
	flow := pawl.New("gate", "Waits.", func(r *pawl.Run, in struct {
		Topic string `json:"topic"`
		Notes int    `json:"notes"`
	}) (string, error) {
		for range in.Notes {
			r.Note("passing")
		}
		return pawl.Input[string](r, "gate", "Go on with "+in.Topic+"?"), nil
	})
	for name, input := range map[string]string{
		"as many": `{"topic":"new","notes":3}`,
		"more":    `{"topic":"new","notes":9}`,
		"fewer":   `{"topic":"new","notes":0}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := checktest.Memory(t)
				counted := &reads{Journal: j}
				server, other := newEngine(counted, nil, flow), newEngine(j, nil, flow)
				const id = pawl.RunID("0123456789ab")
				start := func(input string) {
					t.Helper()
					if _, err := other.Start(t.Context(), flow, json.RawMessage(input), &pawl.StartOptions{ID: id}); err != nil {
						t.Fatal(err)
					}
					if _, err := other.Wait(t.Context(), id); err != nil {
						t.Fatal(err)
					}
				}
				start(`{"topic":"old","notes":3}`)
				for i := range 3 {
					if _, err := server.Get(t.Context(), id); err != nil || counted.n != i+1 {
						t.Fatalf("looked at %d times: %d reads, %v", i+1, counted.n, err)
					}
				}
				if _, err := j.Remove(t.Context(), journal.Shown{Run: id}); err != nil {
					t.Fatal(err)
				}
				if _, err := server.Get(t.Context(), id); !errors.Is(err, pawl.ErrNotFound) {
					t.Errorf("a removed run: %v", err)
				}
				start(`{"topic":"old","notes":3}`)
				if _, err := server.Get(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				if _, err := j.Remove(t.Context(), journal.Shown{Run: id}); err != nil {
					t.Fatal(err)
				}
				start(input)
				rec, err := server.Get(t.Context(), id)
				if err != nil || len(rec.Blockers) != 1 {
					t.Fatalf("%+v, %v", rec, err)
				}
				if string(rec.Input) != input {
					t.Errorf("the input is shown as %s", rec.Input)
				}
				err = server.Decide(t.Context(), id, pawl.Decision{Key: "gate", What: pawl.DecideAnswer, Digest: rec.Blockers[0].Digest, Value: json.RawMessage(`"yes"`)})
				if err != nil {
					t.Fatal(err)
				}
				if rec, err := server.Wait(t.Context(), id); err != nil || rec.Status != pawl.StatusDone || string(rec.Output) != `"yes"` {
					t.Errorf("%s %s %s, %v", rec.Status, rec.Reason, rec.Output, err)
				}
			})
		})
	}
}
