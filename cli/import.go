package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/runfile"
)

func (a *app) importCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Take in a run that was exported elsewhere",
		Long: "Verify the file of a run and take the run in: it can be shown, verified, exported and\n" +
			"removed like others, and be what a rerun or a fork takes over from. It keeps its id and\n" +
			"stands as it stood; it is never resumed or decided here. What is there already is left\n" +
			"as it is. FILE may be - for standard input.",
		Example: a.example("import", "run.json"),
		Args:    oneFile,
		RunE:    func(c *cobra.Command, args []string) error { return a.importRun(c.Context(), args[0]) },
	}
}

func oneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return badInput("wants one FILE, got %d", len(args))
	}
	return nil
}

func (a *app) importRun(ctx context.Context, name string) error {
	file, err := a.readRun(name)
	if err != nil {
		return err
	}
	if _, err := file.Imported(); err != nil { // before anything is made
		return inFile(name, err)
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	taken, stored, err := file.Import(ctx, s.journal)
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(taken)
	}
	if a.quiet {
		fmt.Fprintln(a.out, taken.Run)
		return nil
	}
	done := "imported run"
	if taken.There {
		done = "there already: run"
	}
	a.say("%s %s of %s, %s: %s", done, taken.Run, taken.Flow, taken.Status, wholeness(stored))
	if lacks := taken.Lacks; lacks > 0 {
		a.say("the file has %s more; to have them, remove the run and import again: %s", term.Count(int64(lacks), "payload"), a.command("rm", string(taken.Run)))
	}
	a.sayUnsalted(stored)
	fmt.Fprintln(a.out, taken.Run)
	return nil
}

// readRun reads and verifies the file of a run. Errors name it.
func (a *app) readRun(name string) (*runfile.File, error) {
	if name == "-" {
		file, err := runfile.Read(a.stdin)
		return file, inFile(name, err)
	}
	from, err := os.Open(name)
	if err != nil {
		return nil, badInput("read %q: %v", name, form.Cause(err))
	}
	defer from.Close()
	file, err := runfile.Read(from)
	return file, inFile(name, err)
}

// inFile says of which file an error is.
func inFile(name string, err error) error {
	if err == nil {
		return nil
	}
	message := form.Cause(err).Error()
	if known := (*pawl.Error)(nil); errors.As(err, &known) {
		message = known.Message
	}
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("%s: %s", form.FileName(name), message), Err: err}
}
