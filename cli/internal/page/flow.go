package page

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/schema"
	"github.com/spf13/pflag"
)

// Flow prints what a flow takes, makes and asks. example is a command that runs it.
func (p *Page) Flow(info pawl.FlowInfo, example string) {
	fmt.Fprintln(p.Out, term.Hang(info.Name+": "+term.Plain(info.Purpose), 0, p.Width))

	for _, line := range []struct{ name, text string }{
		{"Level", info.Doc.Level}, {"Pattern", info.Doc.Pattern}, {"Visible", info.Doc.Visible}, {"Why", info.Doc.Why},
	} {
		if line.text != "" {
			fmt.Fprintln(p.Out, term.Hang(line.name+": "+term.Plain(line.text), 0, p.Width))
		}
	}

	var input [][]string
	for _, in := range form.Flags(pflag.NewFlagSet("", pflag.ContinueOnError), info.Input, func(string) bool { return false }) {
		input = append(input, []string{in.Name, inWords(in.Node), term.Plain(in.Usage())})
	}
	p.section("Input", input)

	output := [][]string{{"", inWords(info.Output.Root()), term.Plain(info.Output.Root().Description)}}
	if fields := info.Output.Fields(); len(fields) > 0 {
		output = nodeRows(fields)
	}
	p.section("Output", output)

	if len(info.Prompts) > 0 {
		fmt.Fprintln(p.Out, "\nPrompts:")
	}
	for _, pr := range info.Prompts {
		model := ""
		if pr.Model != "" {
			model = ", asks " + pr.Model
		}
		if len(pr.Fallback) > 0 {
			model += ", falls back on " + strings.Join(pr.Fallback, ", ")
		}
		answer := "text"
		if pr.Answer != nil {
			answer = inWords(pr.Answer.Root())
		}
		asked := term.Plain(pr.Name) + ": " + term.Plain(pr.Purpose+model+", answers "+answerWord(pr.Answer, answer))
		fmt.Fprintln(p.Out, "  "+term.Hang(asked, 2, p.Width))
		for _, text := range []string{pr.Visible, pr.Why} {
			if text != "" {
				fmt.Fprintln(p.Out, "    "+term.Hang(term.Plain(text), 4, p.Width))
			}
		}
		if pr.Answer != nil {
			p.rows("    ", nodeRows(pr.Answer.Fields()))
		}
	}
	fmt.Fprintf(p.Out, "\nExample:\n%s\n", example)
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
		rows = append(rows, []string{f.Name, inWords(f.Node), term.Plain(text)})
	}
	return rows
}

func (p *Page) section(title string, rows [][]string) {
	fmt.Fprintf(p.Out, "\n%s:\n", title)
	p.rows("  ", rows)
}

// rows prints lines of columns. They are not cut but go on in the next line: a
// description is what one came for.
func (p *Page) rows(indent string, rows [][]string) {
	wide := [2]int{}
	for _, r := range rows {
		// What is longer than this stands out of its column.
		wide[0], wide[1] = max(wide[0], term.Cells(r[0])), max(wide[1], min(term.Cells(r[1]), 24))
	}
	for _, r := range rows {
		about, at := term.Pad(r[1], wide[1])+"  ", len(indent)+wide[0]+2
		if beside := at + term.Cells(about); beside+term.LeastRoom <= p.Width || p.Width == 0 {
			about += term.Hang(r[2], beside, p.Width)
		} else {
			about = term.Hang(strings.TrimSuffix(r[1]+": "+r[2], ": "), at, p.Width)
		}
		fmt.Fprintln(p.Out, strings.TrimRight(indent+strings.TrimLeft(term.Pad(r[0], wide[0])+"  "+about, " "), " "))
	}
}

// inWords says what a value looks like.
func inWords(n *schema.Node) string {
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
		s = "list of " + inWords(n.Items)
	case n.Values != nil:
		s = "map of " + inWords(n.Values)
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
