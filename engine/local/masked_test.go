package local_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/llm"
)

// TestSensitiveOverABase: what a sensitive step takes over, what is set for it and what
// does not pass any more is shown neither by events nor by the record.
func TestSensitiveOverABase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type secret struct {
			SSN string `json:"ssn" pawl:"sensitive"`
		}
		flow := func(bad bool) pawl.Flow {
			return pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
				pawl.Ask(r, "a", pawl.Messages[secret]("A", llm.User("A")).Gate("g", func(s secret) error {
					if bad && s.SSN != "555-55" {
						return fmt.Errorf("%s is no number", s.SSN)
					}
					return nil
				}))
				if !bad {
					pawl.Input[secret](r, "in", "what?")
				}
				return "", nil
			})
		}
		m := &script{Replies: map[string][]any{"a": {`{"ssn":"123-45"}`, `{"ssn":"555-55"}`}}}
		j := checktest.Memory(t)
		e := newEngine(j, m, flow(false))
		defer e.Close(t.Context())
		hides := func(id pawl.RunID) {
			t.Helper()
			events, err := j.Read(t.Context(), id, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			rec, err := e.Get(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := json.Marshal(mask.Of(flow(false)).Record(rec))
			shown := []string{string(raw)}
			all := mask.Of(flow(false))
			for _, ev := range events {
				shown = append(shown, string(ev.Type)+" "+string(all.Event(ev).Body))
			}
			for _, s := range shown {
				for _, n := range []string{"123-45", "678-90", "999-99"} {
					if i := strings.Index(s, n); i >= 0 {
						t.Errorf("shows %s", s[max(0, i-200):i+len(n)])
					}
				}
			}
		}
		id := start(t, e, flow(false))
		follow(t, e, id)
		decide(t, e, id, pawl.Decision{Key: "in", What: pawl.DecideAnswer, Value: json.RawMessage(`{"ssn":"678-90"}`)})
		was := follow(t, e, id)
		hides(was.ID)
		rec := enginetest.On(t, e, flow(false), pawl.Base{Run: was.ID})
		if keys(rec) != "a:reused in:reused" {
			t.Fatal(keys(rec))
		}
		hides(rec.ID)
		queued, err := e.Start(t.Context(), flow(false), nil, &pawl.StartOptions{Queue: true, Base: &pawl.Base{Run: was.ID, At: "a", Result: json.RawMessage(`{"ssn":"999-99"}`)}})
		if err != nil {
			t.Fatal(err)
		}
		hides(queued)
		rec = enginetest.On(t, e, flow(true), pawl.Base{Run: was.ID})
		if keys(rec) != "a:done" {
			t.Fatal(keys(rec))
		}
		hides(rec.ID)
	})
}
