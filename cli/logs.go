package cli

import "github.com/spf13/cobra"

func (a *app) logsCommand() *cobra.Command {
	var follow bool
	c := &cobra.Command{
		Use:   "logs RUN",
		Short: "Print what happened in a run so far",
		Long: "Print what happened in a run so far, a line for each thing, to standard output.\n" +
			"RUN is an id, the beginning of one, or last. With --json each event is a line.",
		Example: a.example("logs", "last") + "\n" + a.example("logs", "3f2a", "--follow"),
		Args:    oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			return a.attend(c.Context(), args[0], a.out, !follow, false)
		},
	}
	c.Flags().BoolVar(&follow, "follow", false, "go on until the run rests, and exit as watch does")
	return c
}
