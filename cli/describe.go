package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/schema"
)

func (a *app) describeCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "describe FLOW",
		Short: "Describe a flow: its input, output and prompts",
		Long: "Describe a flow that need never have run: its input, its output and its prompts.\n" +
			"With --write-prompts the prompts are written to files, to be changed and given\n" +
			"to `run --prompts`.",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return badInput("which flow? %s", a.flowList())
			case len(args) > 1:
				return badInput("unexpected argument %q; wants one flow", args[1])
			}
			return nil
		},
	}
	if len(a.flows) > 0 {
		name := a.flows[0].Name()
		c.Example = a.example("describe", name) + "\n" + a.example("describe", name, "--write-prompts", "prompts")
	}
	c.Flags().StringVar(&dir, "write-prompts", "", "write each prompt to `DIR`/FLOW/NAME.md instead")
	c.RunE = func(_ *cobra.Command, args []string) error {
		f := a.flow(args[0])
		switch {
		case f == nil:
			return a.unknownFlow(args[0])
		case dir != "":
			return a.writePrompts(f.Describe(), dir)
		}
		return a.describe(f)
	}
	return c
}

// flowDescription is a flow as `describe --json` shows it.
type flowDescription struct {
	Name        string              `json:"name"`
	Purpose     string              `json:"purpose"`
	Input       json.RawMessage     `json:"input"`  // JSON Schema
	Output      json.RawMessage     `json:"output"` // JSON Schema
	Prompts     []promptDescription `json:"prompts"`
	Example     json.RawMessage     `json:"example"` // an input that works; null: none is given
	Fingerprint string              `json:"fingerprint"`
}

type promptDescription struct {
	Name    string          `json:"name"`
	Purpose string          `json:"purpose"`
	Model   string          `json:"model"`  // empty: the run's
	Text    string          `json:"text"`   // the file as it is
	Answer  json.RawMessage `json:"answer"` // JSON Schema; null: text
}

func (a *app) describe(f pawl.Flow) error {
	info := f.Describe()
	if !a.json {
		a.describeText(f, info)
		return nil
	}
	d := flowDescription{info.Name, info.Purpose, info.Input.JSON(), info.Output.JSON(), []promptDescription{}, info.Example, info.Fingerprint}
	for _, p := range info.Prompts {
		described := promptDescription{Name: p.Name, Purpose: p.Purpose, Model: p.Model, Text: p.Text}
		if p.Answer != nil {
			described.Answer = p.Answer.JSON()
		}
		d.Prompts = append(d.Prompts, described)
	}
	return a.printJSON(d)
}

func (a *app) describeText(f pawl.Flow, info pawl.FlowInfo) {
	fmt.Fprintln(a.out, term.Hang(info.Name+": "+term.Plain(info.Purpose), 0, a.width()))

	var input [][]string
	for _, in := range form.Flags(pflag.NewFlagSet("", pflag.ContinueOnError), info.Input, func(string) bool { return false }) {
		input = append(input, []string{in.Name, shape(in.Node), term.Plain(in.Usage())})
	}
	a.section("Input", input)

	output := [][]string{{"", shape(info.Output.Root()), term.Plain(info.Output.Root().Description)}}
	if fields := info.Output.Fields(); len(fields) > 0 {
		output = nodeRows(fields)
	}
	a.section("Output", output)

	if len(info.Prompts) > 0 {
		fmt.Fprintln(a.out, "\nPrompts:")
	}
	for _, p := range info.Prompts {
		model := ""
		if p.Model != "" {
			model = ", asks " + p.Model
		}
		answer := "text"
		if p.Answer != nil {
			answer = shape(p.Answer.Root())
		}
		asked := term.Plain(p.Name) + ": " + term.Plain(p.Purpose+model+", answers "+answerWord(p.Answer, answer))
		fmt.Fprintln(a.out, "  "+term.Hang(asked, 2, a.width()))
		if p.Answer != nil {
			a.rows("    ", nodeRows(p.Answer.Fields()))
		}
	}
	fmt.Fprintf(a.out, "\nExample:\n%s\n", a.runExample(f))
}

// answerWord names an answer whose fields are listed below.
func answerWord(s *schema.Schema, whole string) string {
	if s != nil && len(s.Fields()) > 0 {
		return "an object with"
	}
	return whole
}

func nodeRows(fields []schema.Field) [][]string {
	var rows [][]string
	for _, f := range fields {
		facts := form.Bounds(f.Node)
		if f.Node.Sensitive {
			facts = append(facts, "never shown")
		}
		text := f.Node.Description
		if len(facts) > 0 {
			text += " (" + strings.Join(facts, "; ") + ")"
		}
		rows = append(rows, []string{f.Name, shape(f.Node), term.Plain(text)})
	}
	return rows
}

func (a *app) section(title string, rows [][]string) {
	fmt.Fprintf(a.out, "\n%s:\n", title)
	a.rows("  ", rows)
}

// rows prints lines of columns. They are not cut but go on in the next line: a
// description is what one came for.
func (a *app) rows(indent string, rows [][]string) {
	wide := [2]int{}
	for _, r := range rows {
		// What is longer than this stands out of its column.
		wide[0], wide[1] = max(wide[0], term.Cells(r[0])), max(wide[1], min(term.Cells(r[1]), 24))
	}
	for _, r := range rows {
		about, at := term.Pad(r[1], wide[1])+"  ", len(indent)+wide[0]+2
		if beside := at + term.Cells(about); beside+term.LeastRoom <= a.width() || a.width() == 0 {
			about += term.Hang(r[2], beside, a.width())
		} else {
			about = term.Hang(strings.TrimSuffix(r[1]+": "+r[2], ": "), at, a.width())
		}
		fmt.Fprintln(a.out, strings.TrimRight(indent+strings.TrimLeft(term.Pad(r[0], wide[0])+"  "+about, " "), " "))
	}
}

// shape says in words what a value looks like.
func shape(n *schema.Node) string {
	s := n.Type
	switch {
	case n.Enum != nil:
		s = strings.Join(n.Enum, "|")
	case n.Format == "date-time":
		s = "time"
	case n.Type == "string":
		s = "text"
	case n.Type == "boolean":
		s = "true|false"
	case n.Items != nil:
		s = "list of " + shape(n.Items)
	case n.Values != nil:
		s = "map of " + shape(n.Values)
	case len(n.Fields) > 0:
		var all []string
		for _, f := range n.Fields {
			all = append(all, f.Name)
		}
		s = "{" + strings.Join(all, ", ") + "}"
	}
	if n.Nullable {
		s += " or null"
	}
	return s
}
