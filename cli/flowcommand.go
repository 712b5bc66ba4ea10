package cli

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
)

// forEachFlow puts beneath a command, which is the one of that name or beneath it, one for
// each flow. The command itself asks which. A command line that is about something else, or
// names a flow, is not kept waiting for those that it cannot be about: they are made when
// help, or a line that begins with the name, is printed.
func (a *app) forEachFlow(name string, c *cobra.Command, of func(pawl.Flow) *cobra.Command) *cobra.Command {
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return badInput("which flow? %s", a.flowList())
		}
		return a.unknownFlow(args[0])
	}
	now, later := a.flowsMeant(name)
	add := func(flows []pawl.Flow) {
		for _, f := range flows {
			c.AddCommand(of(f))
		}
	}
	add(now)
	a.unmade[name] = func() { add(later) }
	return c
}

// flowsMeant parts the flows into those that the command line may be about, if it is about the
// command of a name, and all others.
func (a *app) flowsMeant(name string) (now, later []pawl.Flow) {
	if !a.mayMean(name) {
		return nil, a.flows
	}
	if len(a.args) > 0 && a.args[0] == name {
		for _, f := range a.flows {
			if slices.Contains(a.args[1:], f.Name()) {
				now = append(now, f)
			} else {
				later = append(later, f)
			}
		}
	}
	if len(now) == 0 {
		return a.flows, nil
	}
	return now, later
}

// makeFor makes the commands that were put off and that a line with these words may be
// about. It is called with printing held.
func (a *app) makeFor(words []string) {
	for name, add := range a.unmade {
		if slices.Contains(words, name) {
			add()
			delete(a.unmade, name)
		}
	}
}

// mayMean reports whether the command line may be about the command of a name: it begins
// with it, or with what may be about any.
func (a *app) mayMean(name string) bool {
	return len(a.args) == 0 || a.args[0] == name || a.args[0] == "help" || strings.HasPrefix(a.args[0], "-") || a.completes()
}

// takeInput makes the fields of a flow's input flags of a command, beside those that own
// adds, whose names stay theirs.
func (a *app) takeInput(c *cobra.Command, f pawl.Flow, own func(*pflag.FlagSet)) []*form.Field {
	reserved := pflag.NewFlagSet("", pflag.ContinueOnError)
	own(reserved)
	fields := form.Flags(c.Flags(), f.Describe().Input, func(name string) bool {
		return reserved.Lookup(name) != nil || slices.Contains(globalFlags, name)
	})
	own(c.Flags())
	c.Flags().SortFlags = false
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return a.strayArgument(args[0], fields)
		}
		return nil
	}
	return fields
}

// strayArgument refuses a word that belongs to no flag.
func (a *app) strayArgument(word string, fields []*form.Field) error {
	flag := "example"
	for i, f := range fields {
		if i == 0 {
			flag = f.Flag
		}
		if at := slices.Index(a.args, word); f.Node.Type == "boolean" && at > 0 && a.args[at-1] == "--"+f.Flag {
			return badInput("unexpected argument %q; say --%s=true or --%s=false", word, f.Flag, f.Flag)
		}
	}
	return badInput("unexpected argument %q; fields of the input are flags, as in --%s", word, flag)
}

// whole is an input that is given as a whole; fields that are given win over it.
type whole struct {
	file    string // --input
	example bool
}

func (w *whole) flags(flags *pflag.FlagSet) {
	flags.StringVar(&w.file, "input", "", "read the input as JSON from `FILE`; - is standard input; flags win over it")
	flags.BoolVar(&w.example, "example", false, "use the flow's example as input; flags win over it")
}

// assemble returns the input that was given, as JSON.
func (a *app) assemble(f pawl.Flow, fields []*form.Field, w whole) (json.RawMessage, error) {
	return (&form.Input{Flow: f, Fields: fields, File: w.file, Example: w.example}).Assemble(&form.Reader{Stdin: a.stdin})
}
