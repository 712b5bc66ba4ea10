package cli

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/llm"
)

// runOptions are the flags of `run FLOW` that are not fields of the input.
type runOptions struct {
	whole
	model   string
	others  []string // --fallback
	prompts string
	output  string
	wanted  bool // --require-approval
	detach  bool
	budget  pawl.Budget
	step    bool
	dry     bool
	plan    bool // say what a run with a base would do, and do nothing
	breaks  []string

	begun func(error) error // is told when the run was made, or why not, and returns that; nil: nobody is
}

// begin starts a run.
func (o *runOptions) begin(ctx context.Context, s *store, f pawl.Flow, input json.RawMessage, start *pawl.StartOptions) (pawl.RunID, error) {
	id, err := s.engine.Start(ctx, f, input, start)
	if o.begun != nil {
		err = o.begun(err)
	}
	return id, err
}

func (o *runOptions) flags(flags *pflag.FlagSet, models string) {
	o.whole.flags(flags)
	flags.StringVar(&o.model, "model", "", "ask `MODEL`, as in "+models+", in every step")
	fallbackFlag(flags, &o.others)
	promptsFlag(flags, &o.prompts)
	outputFlag(flags, &o.output)
	approvalFlag(flags, &o.wanted)
	flags.BoolVar(&o.detach, "detach", false, "queue the run for a worker, and print its id")
	budgetFlags(flags, &o.budget)
	flags.BoolVar(&o.step, "step", false, "stop before each step, until a person has the run continue")
	flags.StringArrayVar(&o.breaks, "break", nil, "stop before the step `KEY`; may be given more than once")
	flags.BoolVar(&o.dry, "dry-run", false, "print what would be asked first, and do nothing")
}

// start is what the engine is told of them.
func (o runOptions) start(a *app) *pawl.StartOptions {
	so := &pawl.StartOptions{Who: a.who(), Trace: a.traceparent(), Model: o.model, Fallback: o.others, Checked: true, Budget: given(o.budget), Step: o.step, Queue: o.detach}
	for _, key := range o.breaks {
		so.Break = append(so.Break, pawl.Key(key))
	}
	return so
}

// fallbackFlag is the flag of models that stand in for others.
func fallbackFlag(flags *pflag.FlagSet, to *[]string) {
	flags.StringArrayVar(to, "fallback", nil, "ask `MODEL` where the ones before cannot answer; may be given more than once")
}

func outputFlag(flags *pflag.FlagSet, to *string) {
	flags.StringVarP(to, "output", "o", "", "write the result to `FILE` instead: .md for text, .json for the output as JSON")
}

// runCommand is `run`, with a command for each flow beneath it.
func (a *app) runCommand() *cobra.Command {
	c := a.forEachFlow("run", &cobra.Command{
		Use:   "run FLOW",
		Short: "Run a flow",
		Long:  "Run a flow: its result goes to standard output, what happens meanwhile to\nstandard error. The fields of its input are flags; `run FLOW --help` lists them.",
	}, a.runFlowCommand)
	if len(a.flows) > 0 {
		c.Example = a.examples(a.flows[0])
	}
	return c
}

func (a *app) unknownFlow(name string) error {
	return unknown("flow", name, a.flowNames(), a.flowList())
}

func (a *app) flowNames() []string {
	var names []string
	for _, f := range a.flows {
		names = append(names, f.Name())
	}
	return names
}

func (a *app) flowList() string {
	if len(a.flows) == 0 {
		return "this program has no flows"
	}
	return "flows are " + strings.Join(a.flowNames(), ", ")
}

// runFlowCommand is `run` for one flow.
func (a *app) runFlowCommand(f pawl.Flow) *cobra.Command {
	info := f.Describe()
	c := &cobra.Command{
		Use:     f.Name(),
		Short:   info.Purpose,
		Long:    info.Purpose + "\n\nA text or JSON may come from a file: --FIELD-file FILE, where - is standard input.",
		Example: a.examples(f),
	}
	var o runOptions
	models := oneOf(a.knownModels())
	fields := a.takeInput(c, f, func(flags *pflag.FlagSet) {
		o.flags(flags, models)
		a.callFlags(flags)
		a.tokensFlag(flags)
		a.stateFlag(flags)
	})
	c.RunE = func(c *cobra.Command, _ []string) error {
		return a.runFlow(c, f, fields, o)
	}
	return c
}

func (a *app) checkRun(o runOptions) error {
	if slices.Contains(o.breaks, "") {
		return badInput("--break is empty; give it the key of a step, as in --break draft")
	}
	if o.dry {
		if err := checkDryRun(o); err != nil {
			return err
		}
	}
	if o.detach {
		return a.checkDetached(o)
	}
	lacks := (*llm.Error)(nil)
	if err := a.checkModels(o.model, o.others); err != nil && !((o.dry || o.plan) && errors.As(err, &lacks) && lacks.Kind == llm.Auth) {
		return err
	}
	return form.CheckOutput(o.output)
}

// runFlow checks all that was given before it makes anything.
func (a *app) runFlow(c *cobra.Command, f pawl.Flow, fields []*form.Field, o runOptions) error {
	ctx := c.Context()
	if err := a.checkRun(o); err != nil {
		return err
	}
	f, err := a.withPrompts(f, o.prompts)
	if err != nil {
		return err
	}
	raw, err := a.assemble(f, fields, o.whole)
	if err != nil {
		return err
	}
	if o.detach {
		return a.detach(ctx, f, raw, o)
	}
	if o.model == "" {
		if err := a.needModel(ctx); err != nil {
			return err
		}
	}
	if o.dry {
		return a.dryRun(ctx, f, raw, o.start(a))
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	return a.startOn(ctx, s, f, raw, o.start(a), o)
}

// startOn starts a run and executes it here.
func (a *app) startOn(ctx context.Context, s *store, f pawl.Flow, raw json.RawMessage, start *pawl.StartOptions, o runOptions) error {
	signals, stop := a.catchSignals()
	defer stop()
	start.ID = pawl.NewRunID()
	heard := a.listen(s, start.ID) // from the first piece on
	id, err := o.begin(ctx, s, f, raw, start)
	if err != nil {
		return closing(ctx, s, err)
	}
	rec, err := a.get(ctx, s, id)
	if err != nil {
		return closing(ctx, s, err)
	}
	if !a.quiet && !a.hasTree() { // its first line says so
		a.say("run %s %s with %s", id, rec.Flow, rec.Model)
	}
	if start.Base == nil { // which has them else
		a.sayMissing(f, o.prompts)
	}
	a.warnStandIn(rec.Model, o.model != "")
	run, err := a.following(ctx, s, rec, 0, signals)
	if err != nil {
		return closing(ctx, s, err)
	}
	run.hear(heard)
	return a.execute(ctx, s, run, delivery{output: o.output, wanted: o.wanted, breaks: start.Break, madeUp: o.model == "" && a.isStandIn(rec.Model)})
}
