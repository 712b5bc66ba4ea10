package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/schema"
)

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
		return badInput("--%s needs a value%s", bare.GetFlag().Name, needs(bare.GetFlag()))
	case errors.As(err, &wrong):
		return badInput("--%s is %q, wants %s", wrong.GetFlag().Name, wrong.GetValue(), wants(wrong.GetFlag()))
	}
	return badInput("%v", err)
}

// wants says what a flag takes that is not a text.
func wants(f *pflag.Flag) string {
	if v, ok := f.Value.(interface{ Accepts() string }); ok {
		return v.Accepts()
	}
	if f.Value.Type() == "bool" {
		return "true or false, or nothing"
	}
	return "a whole number"
}

// needs says what a flag takes that stands there without a value.
func needs(f *pflag.Flag) string {
	if in, ok := f.Value.(*form.Field); ok {
		return "; wants " + in.Accepts()
	}
	name, usage := pflag.UnquoteUsage(f)
	return fmt.Sprintf(", as in --%s %s: %s", f.Name, name, usage)
}

// isPath reports whether a flag takes the name of a file or of a directory, which may be any
// bytes.
func isPath(f *pflag.Flag) bool {
	takes, _ := pflag.UnquoteUsage(f)
	return takes == "FILE" || takes == "DIR"
}

// checkTexts refuses a flag of ours that is given an empty text, which comes from a
// variable that is not set and must not fall back to a default that costs, or one that is
// not UTF-8: it would be kept otherwise than it was given.
func checkTexts(c *cobra.Command) error {
	var err error
	c.Flags().Visit(func(f *pflag.Flag) {
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		switch value := f.Value.String(); {
		case err != nil:
		case f.Value.Type() == "string" && value == "":
			err = badInput("%s is empty; give it a value or leave it out", name)
		case !utf8.ValidString(value) && !isPath(f):
			err = badInput("%s is not UTF-8 text", name)
		}
	})
	return err
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

// goOnFlags are the flags of commands after which a run goes on.
func (a *app) goOnFlags(flags *pflag.FlagSet, out *delivery) {
	a.callFlags(flags)
	outputFlag(flags, &out.output)
	approvalFlag(flags, &out.wanted)
	a.tokensFlag(flags)
	a.stateFlag(flags)
}

// changeFlags are the flags that say what counts when a flow's code has changed.
func (a *app) changeFlags(flags *pflag.FlagSet) {
	flags.Var((*onChange)(&a.onChange), "on-change", "where the data of a finished step has changed since, `WHAT` to do: stop, anew (ask again; what was done or decided stops) or keep; default stop")
	flags.BoolVar(&a.strict, "strict", false, "take every change of a finished step's prompt, input or answer type for a change of its data")
}

// onChange is the value of --on-change.
type onChange local.OnChange

var onChanges = []string{string(local.ChangeStops), string(local.ChangeAnew), string(local.ChangeKeeps)}

func (c *onChange) String() string  { return string(*c) }
func (c *onChange) Type() string    { return "choice" }
func (c *onChange) Accepts() string { return "stop, anew or keep" }

func (c *onChange) Set(s string) error {
	if !slices.Contains(onChanges, s) {
		return errors.New("wants " + c.Accepts())
	}
	*c = onChange(s)
	return nil
}
