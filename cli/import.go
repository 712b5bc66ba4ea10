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
	"github.com/pawlrun/pawl/journal"
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

// taken is what `import --json` says.
type taken struct {
	Run      pawl.RunID  `json:"run"`      // the run's id
	Flow     string      `json:"flow"`     // its flow
	Status   pawl.Status `json:"status"`   // where it stands
	Events   int         `json:"events"`   // how many it has
	Withheld int         `json:"withheld"` // how many of them have no body, of the run as it is here
	There    bool        `json:"there"`    // it was here already, and was left as it is
	Lacks    int         `json:"lacks"`    // how many bodies are withheld here that the file has
}

func (a *app) importRun(ctx context.Context, name string) error {
	file, err := a.readRun(name)
	if err != nil {
		return err
	}
	run, err := file.Imported()
	if err != nil {
		return inFile(name, err)
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	j, ok := s.journal.(journal.Importer)
	if !ok {
		return closing(ctx, s, unable("import runs"))
	}
	there, err := j.Import(ctx, run)
	stored := file
	if err == nil && there {
		stored = &runfile.File{}
		stored.Events, err = s.journal.Read(ctx, run.ID, 0, 0)
	}
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	lacks := stored.Lacks(file)
	if a.json {
		return a.printJSON(taken{run.ID, run.Flow, run.Summary.Status, len(run.Events), stored.Withheld(), there, lacks})
	}
	if a.quiet {
		fmt.Fprintln(a.out, run.ID)
		return nil
	}
	done := "imported run"
	if there {
		done = "there already: run"
	}
	a.say("%s %s of %s, %s: %s", done, run.ID, run.Flow, run.Summary.Status, wholeness(stored))
	if lacks > 0 {
		a.say("the file has %s more; to have them, remove the run and import again: %s", term.Count(int64(lacks), "payload"), a.command("rm", string(run.ID)))
	}
	a.sayUnsalted(stored)
	fmt.Fprintln(a.out, run.ID)
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
