package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/drawing"
	"github.com/pawlrun/pawl/internal/shape"
	"github.com/pawlrun/pawl/internal/view"
)

// describing is how a flow is to be described.
type describing struct {
	write             string // the folder for its prompts; empty: none
	run               string // whose steps are counted in the picture; empty: none
	svg, mermaid, dot bool
}

func (a *app) describeCommand() *cobra.Command {
	var o describing
	c := &cobra.Command{
		Use:   "describe FLOW",
		Short: "Describe a flow: its input, output and prompts, and a picture of its steps",
		Long: "Describe a flow that need never have run: its input, its output and its prompts, and\n" +
			"what it may do, as a picture. That is read from the code that the flow carries and from\n" +
			"top to bottom: [ code ], ( models ) and < people > each have a lane, and loops, choices,\n" +
			"maps and patterns are frames. --run counts a run's steps in it.\n" +
			"\n" +
			"--svg, --mermaid and --dot print that picture alone, for a browser, for Markdown, and\n" +
			"for Graphviz. With --write-prompts the prompts are written to files, to be changed and\n" +
			"given to `run --prompts`.",
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
		c.Example = a.example("describe", name) + "\n" + a.example("describe", name, "--run", "last") + "\n" +
			a.example("describe", name, "--svg") + " > " + name + ".svg\n" + a.example("describe", name, "--write-prompts", "prompts")
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.run, "run", "", "count the steps of `RUN` in the picture")
	flags.BoolVar(&o.svg, "svg", false, "print the picture alone, as SVG")
	flags.BoolVar(&o.mermaid, "mermaid", false, "print it for Mermaid")
	flags.BoolVar(&o.dot, "dot", false, "print it for Graphviz")
	flags.StringVar(&o.write, "write-prompts", "", "write each prompt to `DIR`/FLOW/NAME.md instead")
	c.RunE = func(c *cobra.Command, args []string) error {
		f := a.flow(args[0])
		switch {
		case f == nil:
			return a.unknownFlow(args[0])
		case o.write != "" && (o.run != "" || o.draws() > 0):
			return badInput("--write-prompts writes prompts and draws nothing; leave it or the others out")
		case o.draws() > 1:
			return badInput("one picture at a time: --svg, --mermaid or --dot")
		case o.write != "":
			return a.writePrompts(f.Describe(), o.write)
		}
		s, err := a.shape(c.Context(), f, o.run)
		switch {
		case err != nil:
			return err
		case o.draws() > 0:
			return a.draw(f, s, o)
		}
		return a.describe(f, s)
	}
	return c
}

// draws counts the forms of pictures that are asked for.
func (o describing) draws() (n int) {
	for _, one := range []bool{o.svg, o.mermaid, o.dot} {
		if one {
			n++
		}
	}
	return n
}

// shape returns what a flow may do, with a run counted in it if one is named; nil: its code
// is not known, and no run is named.
func (a *app) shape(ctx context.Context, f pawl.Flow, run string) (*shape.Shape, error) {
	if run == "" {
		return view.Shape(f, a.flows, nil), nil
	}
	s, err := a.openToRead(ctx)
	if err != nil {
		return nil, err
	}
	rec, err := a.runOf(ctx, s, f, run)
	if err := closing(ctx, s, err); err != nil {
		return nil, err
	}
	return view.Shape(f, a.flows, &rec), nil
}

// runOf returns the run that a person means, which must be one of a flow.
func (a *app) runOf(ctx context.Context, s *store, f pawl.Flow, name string) (pawl.RunRecord, error) {
	found, err := a.find(ctx, s, name)
	if err != nil {
		return pawl.RunRecord{}, err
	}
	if found.Flow != f.Name() {
		return pawl.RunRecord{}, badInput("--run %s: run %s is of flow %s", name, found.ID, found.Flow)
	}
	return s.view.Run(ctx, found.ID)
}

// draw prints a picture alone.
func (a *app) draw(f pawl.Flow, s *shape.Shape, o describing) error {
	if s == nil {
		return badInput("flow %s does not carry its code (pawl.Sources): --run RUN draws what happened in a run", f.Name())
	}
	text := ""
	switch {
	case o.svg:
		text = drawing.SVG(s)
	case o.mermaid:
		text = drawing.Mermaid(s)
	case o.dot:
		text = drawing.Dot(s)
	}
	if a.stdout.Terminal {
		text = term.Clean(text)
	}
	_, err := io.WriteString(a.out, text)
	return err
}

func (a *app) describe(f pawl.Flow, s *shape.Shape) error {
	if a.json {
		d := a.view().Describe(f)
		d.Shape = s
		return a.printJSON(d)
	}
	p := &page.Page{Out: a.out, Width: a.width(), Ink: a.ink(a.stdout)}
	p.Flow(f.Describe(), a.runExample(f))
	if s != nil {
		fmt.Fprintln(a.out, "\nSteps:")
		p.Shape(s)
	}
	return nil
}
