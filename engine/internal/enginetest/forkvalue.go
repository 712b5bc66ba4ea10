package enginetest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// refusesForkValues: a result that the step would not take is refused before there is a
// run, where the flow comes to the step without calling anything.
func refusesForkValues(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"b": {`{"title":"one","sections":["x","y","z"]}`}}}
	flow := func(kind string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			pawl.Ask(r, "a", Text("A"))
			switch kind {
			case "ask":
				pawl.Ask(r, "b", pawl.Messages[Outline]("B", llm.User("B")).Gate("fine", func(o Outline) error {
					if o.Title == "poor" {
						return errors.New("is poor")
					}
					return nil
				}))
			case "input":
				pawl.Input[string](r, "b", "what?")
			}
			return pawl.Ask(r, "c", Text("C")), nil
		})
	}
	e := open(m, flow("ask"))
	was := Finish(t, e, flow("ask"))
	for _, tt := range []struct{ kind, value, want string }{
		{"ask", `{"title":"set","sections":["x"]}`, `the value for step "b" is not accepted: sections: has 1 item, wants 3 to 5`},
		{"ask", `{"title":"poor","sections":["x","y","z"]}`, "is poor"},
		{"input", `{"title":"set","sections":["x","y","z"]}`, `step "b" is recorded as ask, the flow now asks for input`},
		{"none", `{"title":"set","sections":["x","y","z"]}`, `the flow does not ask for step "b" any more`},
	} {
		_, err := e.Start(t.Context(), flow(tt.kind), nil, &pawl.StartOptions{Base: &pawl.Base{Run: was.ID, At: "b", Result: json.RawMessage(tt.value)}})
		var why *pawl.Error
		if !errors.As(err, &why) || why.Kind != pawl.ErrInput || why.Step != "b" || !strings.Contains(why.Message, tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	if all, _ := e.List(t.Context(), pawl.RunFilter{}); len(all) != 1 {
		t.Errorf("%d runs", len(all))
	}
}

// keepsForkValues: where a result is refused later, since the flow came to the step late,
// going on does not pay for the call that it was to replace. It is taken by a flow that it
// fits, and another one can be supplied.
func keepsForkValues(t *testing.T, open store) {
	for _, supplies := range []bool{false, true} {
		m := &Script{}
		bad := true
		f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			a := pawl.Ask(r, "a", Text("A "+in.Topic))
			return a + pawl.Ask(r, "b", Text("B").Gate("fine", func(s string) error {
				if bad && s == "set" {
					return errors.New("is poor")
				}
				return nil
			})), nil
		})
		e := open(m, f)
		was := Finish(t, e, f)
		id, err := e.Start(t.Context(), f, json.RawMessage(`{"topic":"other"}`), &pawl.StartOptions{Who: "eve", Base: &pawl.Base{Run: was.ID, At: "b", Result: json.RawMessage(`"set"`)}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			rec := Follow(t, e, id)
			if rec.Status != pawl.StatusFailed || m.Calls("b") != 1 || !strings.Contains(rec.Error.Message, "is poor") {
				t.Fatalf("%s after %d calls, %+v", rec.Status, m.Calls("b"), rec.Error)
			}
			if d := rec.Decisions; d[0].Who != "eve" || !d[0].Waits {
				t.Errorf("decisions %+v", d)
			}
			Resume(t, e, id)
		}
		Follow(t, e, id)
		want, who := "set", "eve"
		if supplies {
			Decide(t, e, id, pawl.Decision{Key: "b", What: pawl.DecideSupply, Value: json.RawMessage(`"mine"`), Who: "ann"})
			want, who = "mine", "ann"
		} else {
			bad = false
			Resume(t, e, id)
		}
		rec := Follow(t, e, id)
		if rec.Status != pawl.StatusDone || m.Calls("b") != 1 || string(step(rec, "b").Output) != `"`+want+`"` {
			t.Errorf("%s %s after %d calls", rec.Status, step(rec, "b").Output, m.Calls("b"))
		}
		var used []string
		for _, d := range rec.Decisions {
			if d.What == pawl.DecideSupply && !d.Unused && !d.Waits {
				used = append(used, d.Who)
			}
		}
		if len(used) != 1 || used[0] != who {
			t.Errorf("decisions %+v", rec.Decisions)
		}
	}
}
