package temporal

import (
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// TestPendingIsNotTakenAgain: a command that the run has, and has not carried out yet, is
// waited for when it comes again under its id, and not carried out twice.
func TestPendingIsNotTakenAgain(t *testing.T) {
	_, guide, err := journal.Command{Directive: &pawl.Directive{What: pawl.DirectGuide, Text: "In short.", Who: "anna"}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	c := command{ID: "guide", Directive: guide}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		b := newborn(t)
		done := make(chan error, 1)
		x := &execution{ctx: ctx, opts: newSettings(t.Context(), Options{Models: llm.Catalog{"test": asker(nil)}}), answers: map[string]answer{}, ledger: newLedger(b),
			pending: []*pending{{command: c, done: done}}}
		var err error
		if x.st, err = replay.Fold(b.Events); err != nil {
			return err
		}
		var came []answer
		workflow.Go(ctx, func(ctx workflow.Context) {
			raw, err := x.command(ctx, wired(t, c))
			var a answer
			if err == nil {
				err = unpack(raw, &a)
			}
			if err != nil {
				t.Error(err)
			}
			came = append(came, a)
		})
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			return err
		}
		if len(x.pending) != 1 || !x.pending[0].awaited || len(came) != 0 {
			t.Errorf("%d commands are pending, %d were answered", len(x.pending), len(came))
		}
		done <- nil
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			return err
		}
		if _, known := x.answers["guide"]; !known || len(x.pending) != 0 {
			t.Errorf("answers %+v, %d pending", x.answers, len(x.pending))
		}
		if len(came) != 1 || came[0] != (answer{}) {
			t.Errorf("who sent it is told %+v", came)
		}
		return nil
	})
	if err := env.GetWorkflowError(); err != nil || !env.IsWorkflowCompleted() {
		t.Error(err)
	}
}
