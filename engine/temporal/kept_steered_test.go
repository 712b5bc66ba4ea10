package temporal

import (
	"context"
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
)

// keptSteered is a run with a budget, guidance, an event and failures as values. This file is never
// changed, not by a line, see kept_flow_test.go.
var keptSteered = pawl.New("kept-steered", "Is steered.", func(r *pawl.Run, _ nothing) (string, error) {
	said := ""
	for _, s := range pawl.TryMap(r, "items", []string{"x", "y", "z"}, func(r *pawl.Run, item string) (string, error) {
		return pawl.Ask(r, "each", enginetest.Prompted("About {{.Topic}}", item)), nil
	}, pawl.Limit(3)) {
		said += s.Value
	}
	address := pawl.Do(r, "register", r.Callback("paid"), func(_ context.Context, address string) (string, error) { return address, nil })
	paid := pawl.Await[enginetest.Payment](r, "paid").Amount
	_, err := pawl.TryDo(r, "ship", len(address), func(context.Context, int) (int, error) { return 0, errors.New("no ship") })
	said += pawl.Call(r, "sub", keptPart, nothing{})
	post := pawl.Approve(r, "ok", enginetest.Post{Title: said, Words: paid}, "Go on?")
	return pawl.Ask(r, "last", enginetest.Prompted("Last about {{.Topic}}", post.Value.Title)) + err.Error(), nil
})

var keptPart = pawl.New("kept-part", "Is called.", func(r *pawl.Run, _ nothing) (string, error) {
	return pawl.Ask(r, "part", enginetest.Text("P")), nil
})
