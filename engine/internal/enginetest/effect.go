package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

// Label is a text that is written as a number, which nobody can read back.
type Label struct{ Text string }

func (l Label) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%d", len(l.Text)), nil }

// Ring can contain itself.
type Ring struct {
	Next *Ring `json:"next"`
}

// Loose is a type of which only the value tells whether it can be recorded.
type Loose struct {
	Any any `json:"any"`
}

// effect makes a flow of one Do, which counts how often its code has run.
func effect[Out any](count *int, out Out) pawl.Flow {
	return pawl.New("effect", "Has an effect.", func(r *pawl.Run, in Topic) (int, error) {
		pawl.Do(r, "charge", 1, func(context.Context, int) (Out, error) { *count++; return out, nil })
		return 1, nil
	})
}

// unspeakableDo: what a type tells is found before the code runs.
func unspeakableDo(t *testing.T, open store) {
	count := 0
	for says, f := range ordered(map[string]pawl.Flow{
		"func() has no form in JSON":                     effect(&count, func() {}),
		"field C: chan int has no form in JSON":          effect(&count, struct{ C []struct{ C chan int } }{}),
		"field Z: complex128 has no form in JSON":        effect(&count, struct{ Z complex128 }{}),
		"field M: map[float64]int has no form in JSON":   effect(&count, struct{ M map[float64]int }{}),
		"field Err: error cannot be read back from JSON": effect(&count, struct{ Err error }{}),
	}) {
		rec := Finish(t, open(&Script{}), f)
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrFlow || !strings.Contains(strings.ReplaceAll(rec.Error.Message, "C[].C", "C"), says) || count != 0 {
			t.Errorf("%s: %s %+v, its code ran %d times", says, rec.Status, rec.Error, count)
		}
	}
}

// unspeakableValue: what only the value tells fails the step, which says that its
// code has run; a person gives the result, and it does not run again.
func unspeakableValue(t *testing.T, open store) {
	ring := &Ring{}
	ring.Next = ring
	for _, c := range []struct {
		flow   func(*int) pawl.Flow
		says   string
		supply string
	}{
		{func(n *int) pawl.Flow { return effect(n, Loose{Any: make(chan int)}) }, "unsupported type: chan int", `{"any":1}`},
		{func(n *int) pawl.Flow { return effect(n, Loose{Any: func() (int, error) { return 0, nil }}) }, "unsupported type: func", `{"any":1}`},
		{func(n *int) pawl.Flow { return effect(n, ring) }, "encountered a cycle", `{"next":null}`},
	} {
		count := 0
		e := open(&Script{})
		rec := Finish(t, e, c.flow(&count))
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrStep || count != 1 || rec.Error.Step != "charge" ||
			!strings.Contains(rec.Error.Message, "its code has run, but its result cannot be recorded: ") || !strings.Contains(rec.Error.Message, c.says) || !strings.Contains(rec.Error.Hint, "supply") {
			t.Errorf("%s: %s %+v, its code ran %d times", c.says, rec.Status, rec.Error, count)
			continue
		}
		Decide(t, e, rec.ID, pawl.Decision{Key: "charge", What: pawl.DecideSupply, Value: []byte(c.supply)})
		if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusDone || count != 1 {
			t.Errorf("%s: supplied, %s %+v, its code ran %d times", c.says, rec.Status, rec.Error, count)
		}
	}
	count := 0
	rec := Finish(t, open(&Script{}), effect(&count, Label{"seven"}))
	if rec.Status != pawl.StatusFailed || count != 1 || rec.Error.Step != "charge" || !strings.Contains(rec.Error.Message, "its result cannot be recorded: what is written of it does not fit its type: ") {
		t.Errorf("a text that is written as a number: %s %+v, its code ran %d times", rec.Status, rec.Error, count)
	}
}
