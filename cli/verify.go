package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/runfile"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify RUN|FILE",
		Short: "Prove that a run, or the file of one, is what was recorded",
		Long: "Check the whole history of a run, or of the file of one, from its first event to its\n" +
			"last: each hash covers an event and the hash before it. The first event that is wrong is\n" +
			"named, and the exit code is 1. Who has changed a history could have made all hashes\n" +
			"anew: note the last one, which is printed, elsewhere, and compare. RUN is an id, the\n" +
			"beginning of one, or last; what has a dot or a slash in it, and - for standard input,\n" +
			"is a FILE.",
		Example: a.example("verify", "last") + "\n" + a.example("verify", "run.json"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badInput("wants one RUN or FILE, got %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.completeRuns(c, "verify", begun), cobra.ShellCompDirectiveDefault
		},
		RunE: func(c *cobra.Command, args []string) error { return a.verify(c.Context(), args[0]) },
	}
}

func (a *app) verify(ctx context.Context, name string) error {
	var file *runfile.File
	var err error
	if isFileName(name) {
		file, err = a.readRun(name)
	} else {
		file, err = a.verifyRun(ctx, name)
	}
	if err != nil {
		return unproved(err)
	}
	if a.json {
		return a.printJSON(file.Proof())
	}
	if a.quiet {
		fmt.Fprintln(a.out, file.Last().Hash)
		return nil
	}
	fmt.Fprintf(a.out, "run %s: chain whole, %s\n", file.Run(), wholeness(file))
	fmt.Fprintf(a.out, "last event %d has\n%s\n", file.Last().Seq, file.Last().Hash)
	a.sayUnsalted(file)
	a.sayUnproven(file)
	return nil
}

// isFileName reports whether a name is that of a file. Whether there is one does not
// count: what is in a directory does not change what a command means.
func isFileName(name string) bool {
	return name == "-" || strings.ContainsAny(name, `./\`)
}

// unproved is the ending of a verification. That something is not what was recorded is an
// answer, and another exit code than that nothing could be verified.
func unproved(err error) error {
	if known := (*pawl.Error)(nil); errors.As(err, &known) && (errors.Is(err, runfile.ErrChanged) || errors.Is(err, runfile.ErrTampered)) {
		return &ending{err: known, code: 1}
	}
	return err
}

// verifyRun verifies a run of the data directory.
func (a *app) verifyRun(ctx context.Context, name string) (*runfile.File, error) {
	s, err := a.openToRead(ctx)
	if err != nil {
		return nil, err
	}
	found, err := a.find(ctx, s, name)
	var file *runfile.File
	if err == nil {
		file, err = runfile.VerifyRun(ctx, s.journal, found.ID)
	}
	return file, closing(ctx, s, err)
}
