package temporal

import (
	"context"
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
)

type nothing struct{}

// keptFlow has one of everything. This file is never changed, not by a line: the
// histories are of this code, and say where in it steps are.
var keptFlow = pawl.New("kept", "Has one of everything.", func(r *pawl.Run, _ nothing) (string, error) {
	said := pawl.Ask(r, "first", enginetest.Text("A"))
	for _, s := range pawl.Map(r, "items", []string{"x", "y", "z"}, func(r *pawl.Run, item string) (string, error) {
		return pawl.Ask(r, "each", enginetest.Prompted("About {{.Topic}}", item)), nil
	}, pawl.Limit(2)) {
		said += s
	}
	n := pawl.Do(r, "count", said, func(_ context.Context, s string) (int, error) { return len(s), nil })
	pawl.Sleep(r, "nap", 1500*time.Millisecond)
	ok := pawl.Approve(r, "ok", said, "Go on?")
	name := pawl.Input[string](r, "name", "Who?", pawl.AnswerAfter(time.Hour, "nobody"))
	r.Note("counted %d", n)
	return fmt.Sprint(n, ok.Approved, name, pawl.Ask(r, "last", enginetest.Text("B"))), nil
})
