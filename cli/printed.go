package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl/cli/internal/term"
)

// carried are the flags that a printed command takes over from the one that prints it,
// if both have them: how the run is gone on with, and where its result goes. What a
// decision says is not among them, nor is how output looks, nor --prompts: a run keeps
// what it was asked with.
var carried = []string{"output", "require-approval", "strict", "on-change", "max-calls", "timeout", "save-state"}

// command is a command line of ours that can be pasted into a shell. It works on the
// same data, and goes on with runs as this command was told to. All command lines that
// are printed are made here. It may be called by several goroutines.
func (a *app) command(words ...string) string {
	a.printing.Lock()
	defer a.printing.Unlock()
	if a.under == nil {
		return a.quoted(words)
	}
	a.makeFor(words)
	if target, _, err := a.under.Root().Find(words); err == nil {
		for _, name := range carried {
			if f := a.under.Flags().Lookup(name); isSame(f, target.Flags().Lookup(name)) {
				words = append(words, flagWords(f, words)...)
			}
		}
	}
	return a.quoted(words)
}

// again is this command line once more, with these words as its arguments: all flags that
// were given, but for those of how output looks and an address that may be a secret.
func (a *app) again(words ...string) string { return a.againWithout("", words...) }

// againWithout is again without one of the flags.
func (a *app) againWithout(without string, words ...string) string {
	a.printing.Lock()
	defer a.printing.Unlock()
	if a.under != nil {
		a.under.Flags().Visit(func(f *pflag.Flag) {
			if !slices.Contains(globalFlags, f.Name) && f.Name != without && !(f.Name == "notify" && a.notifying.isSecret()) {
				words = append(words, flagWords(f, words)...)
			}
		})
	}
	return a.quoted(words)
}

// isSame reports whether two flags of a name are the same thing to two commands: -o of
// `batch` is another file than that of `run`.
func isSame(f, g *pflag.Flag) bool { return f != nil && g != nil && f.Usage == g.Usage }

// flagWords are the words that give a flag its value again; none if it was not given, or
// stands among the words already.
func flagWords(f *pflag.Flag, words []string) []string {
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand
	}
	switch {
	case !f.Changed || slices.Contains(words, name):
		return nil
	case f.Value.Type() == "bool" && f.Value.String() == "true":
		return []string{name}
	case f.Value.Type() == "bool":
		return []string{name + "=" + f.Value.String()}
	}
	values := []string{f.Value.String()}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		values = list.GetSlice()
	}
	var all []string
	for _, v := range values {
		all = append(all, name, v)
	}
	return all
}

// quoted is a command line for a shell. It is called with printing held.
func (a *app) quoted(words []string) string {
	if a.data != "" {
		words = append(slices.Clone(words), "--data", a.data)
	}
	line := term.Quote(a.program) + " " + quoteAll(words)
	a.made = append(a.made[max(0, len(a.made)-mostMade+1):], line)
	return line
}

// mostMade is how many command lines are remembered.
const mostMade = 32

// commandsMade are the command lines that were made last, which stay whole in what is said.
func (a *app) commandsMade() []string {
	a.printing.Lock()
	defer a.printing.Unlock()
	return slices.Clone(a.made)
}

func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = term.Quote(w)
	}
	return strings.Join(quoted, " ")
}

// example is an example line of help.
func (a *app) example(words ...string) string {
	return "  " + term.Quote(a.program) + " " + quoteAll(words)
}
