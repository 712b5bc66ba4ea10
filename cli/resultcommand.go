package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/internal/view"
)

func (a *app) resultCommand() *cobra.Command {
	var output string
	var wanted bool
	c := &cobra.Command{
		Use:   "result RUN",
		Short: "Print the result of a run that is done",
		Long: "Print the result of a run that is done, as `run` printed it; with --json its output\n" +
			"as JSON. Nothing is executed: of a run that has no result the exit code says how it\n" +
			"stands, as with `run`. RUN is an id, the beginning of one, or last.",
		Example: a.example("result", "last") + "\n" + a.example("result", "3f2a", "-o", "result.md") + "\n" + a.example("result", "3f2a", "--json"),
		Args:    oneRun,
		RunE:    func(c *cobra.Command, args []string) error { return a.result(c.Context(), args[0], output, wanted) },
	}
	outputFlag(c.Flags(), &output)
	approvalFlag(c.Flags(), &wanted)
	return c
}

func (a *app) result(ctx context.Context, name, output string, wanted bool) error {
	if err := form.CheckOutput(output); err != nil {
		return err
	}
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	rec, err := a.record(ctx, s, name)
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	if rec.Status != pawl.StatusDone {
		return a.noResult(rec)
	}
	switch {
	case output != "":
		wrote, err := a.writeOutput(output, rec)
		if err != nil {
			return &ending{bare: true, err: pawl.AsError(err, pawl.ErrStorage), next: a.again("result", string(rec.ID))}
		}
		if !a.quiet {
			a.say("%s", wrote)
		}
	case a.json:
		if err := a.printJSON(rec.Output); err != nil {
			return err
		}
	default:
		a.printResult(rec)
	}
	return a.approved(rec, delivery{wanted: wanted})
}

// noResult says how a run stands that is not done, and what goes on with it.
func (a *app) noResult(rec pawl.RunRecord) error {
	if rec.Status.AtRest() {
		return a.report(rec, nil, delivery{kept: true})
	}
	next := a.command("watch", string(rec.ID))
	if rec.Status == pawl.StatusQueued || rec.Imported {
		next = a.goOnCommand(rec)
	}
	return &ending{bare: true, next: next, err: &pawl.Error{Kind: pawl.ErrStopped, Run: rec.ID,
		Message: fmt.Sprintf("run %s %s; it has no result yet", rec.ID, view.Standing(rec.Status))}}
}
