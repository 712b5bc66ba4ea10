package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
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
	Name        string              `json:"name"`        // the flow's name
	Purpose     string              `json:"purpose"`     // what it is for, in a line
	Input       json.RawMessage     `json:"input"`       // JSON Schema
	Output      json.RawMessage     `json:"output"`      // JSON Schema
	Prompts     []promptDescription `json:"prompts"`     // those that the flow lists
	Example     json.RawMessage     `json:"example"`     // an input that works; null: none is given
	Fingerprint string              `json:"fingerprint"` // digest of its prompts and schemas
	pawl.Doc
}

type promptDescription struct {
	Name     string          `json:"name"`     // the prompt's name
	Purpose  string          `json:"purpose"`  // what it is for, in a line
	Model    string          `json:"model"`    // empty: the run's
	Fallback []string        `json:"fallback"` // the models that stand in for it
	Text     string          `json:"text"`     // the file as it is
	Answer   json.RawMessage `json:"answer"`   // what is to be answered, as JSON Schema; null: text
	Visible  string          `json:"visible"`  // what a reader sees of it; may be empty
	Why      string          `json:"why"`      // why that matters; may be empty
}

func (a *app) describe(f pawl.Flow) error {
	info := f.Describe()
	if !a.json {
		(&page.Page{Out: a.out, Width: a.width()}).Flow(info, a.runExample(f))
		return nil
	}
	d := flowDescription{info.Name, info.Purpose, info.Input.JSON(), info.Output.JSON(), []promptDescription{}, info.Example, info.Fingerprint, info.Doc}
	for _, p := range info.Prompts {
		described := promptDescription{Name: p.Name, Purpose: p.Purpose, Model: p.Model, Fallback: append([]string{}, p.Fallback...), Text: p.Text, Visible: p.Visible, Why: p.Why}
		if p.Answer != nil {
			described.Answer = p.Answer.JSON()
		}
		d.Prompts = append(d.Prompts, described)
	}
	return a.printJSON(d)
}
