package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/schema"
)

// globalFlags are the flags of every command; help is cobra's.
var globalFlags = []string{"data", "json", "quiet", "color", "no-input", "help"}

// root is the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   a.program,
		Short: "Durable LLM workflows: a finished step stays finished",
		Long: "Durable LLM workflows: code decides the order, models do the language,\n" +
			"and a finished step stays finished.",
		Example:           a.firstSteps(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              cobra.ArbitraryArgs,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			a.under = c
			return errors.Join(checkTexts(c), a.checkState())
		},
	}
	showVersion := root.Flags().Bool("version", false, "print the version")
	root.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case len(args) > 0:
			return unknownCommand(c, args[0])
		case *showVersion:
			return a.version()
		}
		return c.Help()
	}
	root.SetContext(context.Background())
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetIn(a.stdin)
	root.SetFlagErrorFunc(a.flagError)
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpTemplate(helpTemplate)

	flags := root.PersistentFlags()
	flags.SortFlags = false
	flags.StringVar(&a.data, "data", "", "keep runs in `DIR` instead of $PAWL_DATA or the user's data directory")
	flags.BoolVar(&a.json, "json", false, "print one JSON document, and errors as JSON")
	flags.BoolVar(&a.quiet, "quiet", false, "print the bare result or ids, and nothing on the way there")
	flags.BoolVar(&a.noInput, "no-input", false, "ask nothing, also on a terminal")
	flags.Var(&a.color, "color", "colour `WHEN`: auto, always or never; `help formatting` says more")

	root.AddCommand(a.runCommand(), a.batchCommand(), a.workerCommand(), a.serveCommand(), a.mcpCommand(), a.tokenCommand(), a.scheduleCommand(), a.resumeCommandTree(), a.rerunCommand(), a.forkCommand(), a.pauseCommand(), a.cancelCommand(), a.guideCommand(), a.raiseCommand(), a.limitCommand(), a.costsCommand(), a.pricesCommand(), a.inboxCommand(), a.showCommand(), a.hookCommand(), a.diffCommand(), a.resultCommand(), a.watchCommand(), a.logsCommand(), a.runsCommand(), a.rmCommand(), a.backupCommand(), a.exportCommand(), a.importCommand(), a.verifyCommand(), a.flowsCommand(), a.describeCommand(), a.testCommand(), a.newCommand(), a.doctorCommand(), a.completionCommand(), a.versionCommand())
	root.AddCommand(a.decideCommands()...)
	a.group(root)
	root.AddCommand(a.topics()...)
	root.SetHelpCommand(helpCommand(a.example("help", "run") + "\n" + a.example("help", "models")))
	root.SetHelpFunc(a.folded(root.HelpFunc()))
	root.InitDefaultHelpCmd()
	if a.completes() {
		a.complete(root)
		_ = root.RegisterFlagCompletionFunc("color", a.completeColor) // the flag is there
	}
	return root
}

func unknownCommand(c *cobra.Command, name string) error {
	commands, _ := commandNames(c)
	all := "commands are " + strings.Join(commands, ", ")
	for _, other := range otherWords[strings.ToLower(name)] {
		if slices.Contains(commands, other) {
			return badInput("unknown command %q; did you mean %q? %s", name, other, all)
		}
	}
	return unknown("command", name, commands, all)
}

// unknown refuses a name of that sort, with the nearest one and all there are.
func unknown(sort, name string, names []string, all string) error {
	meant := ""
	if n := schema.Nearest(name, names); n != "" {
		meant = fmt.Sprintf("did you mean %q? ", n)
	}
	return badInput("unknown %s %q; %s%s", sort, name, meant, all)
}

// commandNames are the names of our commands and of the topics of help.
func commandNames(c *cobra.Command) (commands, topics []string) {
	for _, sub := range c.Root().Commands() {
		switch {
		case sub.IsAvailableCommand():
			commands = append(commands, sub.Name())
		case sub.IsAdditionalHelpTopicCommand():
			topics = append(topics, sub.Name())
		}
	}
	return commands, topics
}
