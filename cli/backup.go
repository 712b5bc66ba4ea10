package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a copy of all runs to a file, while they go on",
		Long: "Write a copy of all runs to a new file, as they stand at one moment. Nobody has to\n" +
			"stop for it. To restore it, put it as " + databaseFile + " into an empty data directory. It holds\n" +
			"all that runs have stored, sensitive values too, and is for this user alone.",
		Example: a.example("backup", "runs.db"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badInput("wants one FILE, got %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(c *cobra.Command, args []string) error { return a.backup(c.Context(), args[0]) },
	}
}

func (a *app) backup(ctx context.Context, file string) error {
	if file == "" {
		return badInput("FILE is empty")
	}
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	if s == nil {
		return &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("there is no run in %s yet", dir)}
	}
	journal, ok := s.journal.(interface {
		Backup(ctx context.Context, path string) error
	})
	if !ok {
		return closing(ctx, s, unable("back up its runs"))
	}
	if err := closing(ctx, s, journal.Backup(ctx, file)); err != nil {
		return err
	}
	if !a.quiet {
		a.say("backed up to %s", term.Quote(file))
	}
	return nil
}
