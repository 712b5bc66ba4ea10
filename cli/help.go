package cli

import (
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
)

// helpTemplate leads with examples: they are what most people look for.
const helpTemplate = `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}
{{end}}{{if or .Runnable .HasSubCommands}}{{if .HasExample}}
Examples:
{{.Example}}
{{end}}
{{.UsageString}}{{end}}`

const usageTemplate = `Usage:{{if .HasAvailableSubCommands}}
  {{.CommandPath}} {{if .HasParent}}FLOW{{else}}COMMAND{{end}}{{else}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}

{{if .Groups}}{{$all := .Commands}}{{range $i, $group := .Groups}}{{if $i}}

{{end}}{{.Title}}{{range $all}}{{if and (eq .GroupID $group.ID) (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}{{end}}{{else}}Flows:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasHelpSubCommands}}

Topics:{{range .Commands}}{{if .IsAdditionalHelpTopicCommand}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableSubCommands}}

{{.CommandPath}} {{if .HasParent}}FLOW{{else}}COMMAND{{end}} --help says more.{{end}}
`

// helpCommand is `help`, which refuses what there is no help for.
func helpCommand(example string) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND or TOPIC]",
		Short:   "Help about a command or topic",
		Example: example,
		GroupID: restGroup,

		ValidArgsFunction: completeHelp,

		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if err != nil || found == nil || len(rest) > 0 {
				commands, topics := commandNames(c)
				return unknown("command", strings.Join(args, " "), append(commands, topics...),
					"commands are "+strings.Join(commands, ", ")+"; topics are "+strings.Join(topics, ", "))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// completeHelp completes what there is help for.
func completeHelp(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	if of, rest, err := c.Root().Find(args); err == nil && len(rest) == 0 {
		for _, sub := range of.Commands() {
			if (sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand()) && strings.HasPrefix(sub.Name(), begun) {
				list = append(list, cobra.CompletionWithDesc(sub.Name(), sub.Short))
			}
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// firstSteps are the first things to do with this program.
func (a *app) firstSteps() string {
	if len(a.flows) == 0 {
		return a.example("runs")
	}
	f := a.flows[0]
	return strings.Join([]string{
		a.runExample(f, "--model", a.freeModel()),
		a.example("show", "last"),
		a.example("run", f.Name(), "--help"),
	}, "\n")
}

// examples show how to run a flow.
func (a *app) examples(f pawl.Flow) string {
	return strings.Join([]string{
		a.runExample(f),
		a.example("run", f.Name(), "--input", "input.json", "-o", f.Name()+".md"),
		a.example("run", f.Name(), "--example", "--model", a.freeModel(), "--json"),
	}, "\n")
}

// runExample runs a flow with what its input requires, taken from its example.
func (a *app) runExample(f pawl.Flow, more ...string) string {
	info := f.Describe()
	words := []string{"run", f.Name()}
	var values map[string]json.RawMessage
	_ = json.Unmarshal(info.Example, &values) // without an example there are no values
	for _, in := range info.Input.Fields() {
		value := string(values[in.Name])
		var text string
		if json.Unmarshal(values[in.Name], &text) == nil {
			value = text
		}
		switch {
		case !in.Required || value == "":
		case in.Node.Type == "boolean":
			words = append(words, "--"+form.FlagName(in.Name)+"="+value)
		default:
			words = append(words, "--"+form.FlagName(in.Name), value)
		}
	}
	return a.example(append(words, more...)...)
}
