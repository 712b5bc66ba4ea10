package temporal

import (
	"context"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
)

// keptBefore and keptAfter are a flow before and after a change: a step is inserted, one removed, one
// renamed, and one asks otherwise. This file is never changed, not by a line, see kept_flow_test.go.
var (
	keptBefore = pawl.New("kept-changed", "Is changed.", func(r *pawl.Run, _ nothing) (string, error) {
		said := pawl.Ask(r, "first", enginetest.Text("A")) + pawl.Ask(r, "removed", enginetest.Text("R"))
		said += pawl.Ask(r, "old", enginetest.Text("O")) + pawl.Ask(r, "worded", enginetest.Prompted("W {{.Topic}}", "t"))
		pawl.Approve(r, "ok", "it", "Go on?")
		return said + pawl.Ask(r, "last", enginetest.Text("L")), nil
	})
	keptAfter = pawl.New("kept-changed", "Is changed.", func(r *pawl.Run, _ nothing) (string, error) {
		said := pawl.Ask(r, "first", enginetest.Text("A"))
		said += pawl.Do(r, "inserted", "I", func(_ context.Context, s string) (string, error) { return s, nil })
		said += pawl.Ask(r, "new", enginetest.Text("O").Was("old")) + pawl.Ask(r, "worded", enginetest.Prompted("Say it of {{.Topic}}", "t"))
		pawl.Approve(r, "ok", "it", "Go on?")
		return said + pawl.Ask(r, "last", enginetest.Text("L")), nil
	})
)
