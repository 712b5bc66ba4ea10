package cli

import (
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
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

{{if .HasParent}}Flows:{{else}}Commands:{{end}}{{range .Commands}}{{if or .IsAvailableCommand (eq .Name "help")}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasHelpSubCommands}}

Topics:{{range .Commands}}{{if .IsAdditionalHelpTopicCommand}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableSubCommands}}

{{.CommandPath}} {{if .HasParent}}FLOW{{else}}COMMAND{{end}} --help says more.{{end}}
`

// helpCommand is `help`, which refuses what there is no help for.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command or topic",
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if err != nil || found == nil || len(rest) > 0 {
				return unknownCommand(c, strings.Join(args, " "))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// topics are texts that `help` shows.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "environment", Short: "The environment variables that are read", Long: `Environment variables:

  PAWL_DATA          the data directory; --data stands above it
  XDG_DATA_HOME      the directory in which pawl/ is made if neither is given
  OPENAI_API_KEY     the key of provider openai; if it is set, openai is the default
  OPENAI_BASE_URL    the address of a compatible server, usually ending in /v1
  OPENAI_ORG_ID      the organization that pays
  OPENAI_PROJECT_ID  the project that pays
  COLUMNS            the width of tables
  USER               who is named in a run's history`},
		{Use: "exit-codes", Short: "What the exit codes mean", Long: `Exit codes:

  0    done
  1    failed; a finished step stays finished, and the last line on standard
       error is the command that goes on
  2    bad usage or input: the last line names the field or file and what it accepts
  3    waits for a person: the last line is the command that goes on
  4    canceled
  130  interrupted; the run is safe, the last line is the command that goes on
  143  terminated; the same

With --json the last line is {"error":{"kind","message","hint","run"}} instead,
with that command as hint.`},
	}
}

// example is an example line of help.
func (a *app) example(words ...string) string {
	s := "  " + shellQuote(a.program)
	for _, w := range words {
		s += " " + shellQuote(w)
	}
	return s
}

// firstSteps are the first things to do with this program.
func (a *app) firstSteps() string {
	if len(a.flows) == 0 {
		return a.example("runs")
	}
	f := a.flows[0]
	return strings.Join([]string{
		a.runExample(f, "--model", "offline"),
		a.example("show", "last"),
		a.example("run", f.Name(), "--help"),
	}, "\n")
}

// examples show how to run a flow.
func (a *app) examples(f pawl.Flow) string {
	return strings.Join([]string{
		a.runExample(f),
		a.example("run", f.Name(), "--input", "input.json", "-o", f.Name()+".md"),
		a.example("run", f.Name(), "--example", "--model", "offline", "--json"),
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
			words = append(words, "--"+kebab(in.Name)+"="+value)
		default:
			words = append(words, "--"+kebab(in.Name), value)
		}
	}
	return a.example(append(words, more...)...)
}
