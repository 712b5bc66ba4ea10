package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
)

// commands are all commands by group: what each does, how it is called, its flags.
func (r *referenceWriter) commands() string {
	var b strings.Builder
	root := r.app.root()
	fmt.Fprintf(&b, "\n## Flags of every command\n\n```text\n%s```\n", strings.TrimRight(root.PersistentFlags().FlagUsages(), "\n")+"\n")
	for _, g := range helpGroups {
		fmt.Fprintf(&b, "\n## %s\n", strings.TrimSuffix(g.title, ":"))
		for _, c := range root.Commands() {
			if c.GroupID == g.id && c.IsAvailableCommand() {
				r.command(&b, c)
			}
		}
	}
	return b.String() + "\n"
}

func (r *referenceWriter) command(b *strings.Builder, c *cobra.Command) {
	if c.HasAvailableSubCommands() && !strings.Contains(c.Use, "FLOW") {
		for _, sub := range c.Commands() {
			r.command(b, sub)
		}
		return
	}
	name := strings.TrimPrefix(c.CommandPath(), "pawl ")
	long := c.Long
	if long == "" {
		long = c.Short + "."
	}
	c.LocalFlags() // as if it was parsed: it knows those of every command, too
	use := c.UseLine()
	if c.HasAvailableSubCommands() {
		use = "pawl " + name + " FLOW [flags]"
		of := c.Commands()[0] // a flow, whose flags but those of its input are those of all
		c = of
	}
	fmt.Fprintf(b, "\n### %s\n\n%s\n\n```text\n%s\n", name, plainMarkdown(long), use)
	if flags := ownFlags(c); flags != "" {
		fmt.Fprintf(b, "\n%s\n", flags)
	}
	fmt.Fprintf(b, "```\n")
}

// ownFlags are the flags of a command alone, but help and those of a flow's input.
func ownFlags(c *cobra.Command) string {
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	own.SortFlags = false
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if _, input := f.Value.(*form.Field); !input && f.Name != "help" && c.Root().PersistentFlags().Lookup(f.Name) == nil {
			own.AddFlag(f)
		}
	})
	return strings.TrimRight(own.FlagUsages(), "\n")
}

// plainMarkdown is a help text with what Markdown would take for its own marks escaped.
func plainMarkdown(s string) string {
	return strings.NewReplacer("<", "&lt;", "[-", `\[-`, "*", `\*`).Replace(strings.TrimSpace(s))
}

// environment are the variables that are read.
func (r *referenceWriter) environment() string {
	var b strings.Builder
	b.WriteString("| variable | meaning |\n|---|---|\n")
	for _, row := range r.app.environmentRows() {
		names := strings.Split(row.name, ", ")
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(names, "`, `"), cell(row.text))
	}
	return b.String()
}

// topic is a topic of help as it is printed.
func (r *referenceWriter) topic(name string) string {
	for _, c := range r.app.topics() {
		if c.Name() == name {
			return "```text\n" + strings.TrimSpace(c.Long) + "\n```\n"
		}
	}
	r.t.Errorf("there is no topic %q", name)
	return ""
}

// kinds are the kinds of errors and what each means to others.
func (r *referenceWriter) kinds() string {
	var b strings.Builder
	b.WriteString("| kind | meaning | exit | HTTP | tried again | a Try form returns it |\n|---|---|---|---|---|---|\n")
	for _, name := range []string{"pawl.ErrorKind", "llm.ErrorKind"} {
		for _, v := range r.source[name].values {
			k := pawl.ErrorKind(v.value)
			fmt.Fprintf(&b, "| `%s` | %s | %d | %d | %s | %s |\n", v.value, cell(v.doc), k.Exit(), k.HTTPStatus(), yes(k.Transient()), yes(k.OfQuestion()))
		}
	}
	return b.String()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
