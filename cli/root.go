package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl/schema"
)

// globalFlags are the flags of every command; help is cobra's.
var globalFlags = []string{"data", "json", "quiet", "help"}

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
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(c, args[0])
			}
			return c.Help()
		},
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

	root.AddCommand(a.runCommand(), a.resumeCommandTree(), a.showCommand(), a.runsCommand(), a.flowsCommand(), a.versionCommand())
	root.AddCommand(topics()...)
	root.SetHelpCommand(helpCommand())
	root.InitDefaultHelpCmd()
	return root
}

func unknownCommand(c *cobra.Command, name string) error {
	var names []string
	for _, sub := range c.Root().Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	meant := ""
	if n := schema.Nearest(name, names); n != "" {
		meant = fmt.Sprintf("did you mean %q? ", n)
	}
	return badInput("unknown command %q; %scommands are %s", name, meant, strings.Join(names, ", "))
}

// flagError puts what pflag says into our words, with the nearest name.
func (a *app) flagError(c *cobra.Command, err error) error {
	// A misspelled command makes its flags unknown; it is what is to be named.
	if words := c.Flags().Args(); len(words) > 0 && c.HasSubCommands() {
		return c.RunE(c, words)
	}
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return badInput("unknown flag -%s; %s", unknown.GetSpecifiedName(), flagList(c))
	case errors.As(err, &unknown):
		meant := ""
		if n := schema.Nearest(unknown.GetSpecifiedName(), flagNames(c)); n != "" {
			meant = "did you mean --" + n + "? "
		}
		return badInput("unknown flag --%s; %s%s", unknown.GetSpecifiedName(), meant, flagList(c))
	case errors.As(err, &bare):
		return badInput("--%s needs a value; wants %s", bare.GetFlag().Name, wants(bare.GetFlag()))
	case errors.As(err, &wrong):
		return badInput("--%s is %q, wants %s", wrong.GetFlag().Name, wrong.GetValue(), wants(wrong.GetFlag()))
	}
	return badInput("%v", err)
}

// wants says what a flag takes.
func wants(f *pflag.Flag) string {
	if in, ok := f.Value.(*field); ok {
		return in.accepts()
	}
	switch f.Value.Type() {
	case "bool":
		return "true or false, or nothing"
	case "int":
		return "a whole number"
	}
	_, usage := pflag.UnquoteUsage(f)
	return "what it needs to " + usage
}

func flagNames(c *cobra.Command) []string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}

func flagList(c *cobra.Command) string {
	names := flagNames(c)
	// The help flag is added to the rest only when help is asked for.
	if !slices.Contains(names, "help") {
		names = append(names, "help")
	}
	return "flags are --" + strings.Join(names, ", --")
}
