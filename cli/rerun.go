package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/schema"
)

// rerunning is a run that is to be started with another one as its base.
type rerunning struct {
	runOptions
	name   string // of the base
	edited draft  // the result that a person made of the step's
	set    []string
	at     string
	values form.ValueFlags // of a fork: the result of the step
	free   bool            // no limit, also where the base has some
}

// rerunCommand is `rerun`.
func (a *app) rerunCommand() *cobra.Command {
	var o rerunning
	c := &cobra.Command{
		Use:   "rerun RUN",
		Short: "Run again, for the price of what has changed",
		Long: "Start a new run of the same flow and input that takes over what RUN has come to: a\n" +
			"step that asks the same costs nothing, what has changed since (a prompt, a model, a\n" +
			"part of the input, the program) is executed, and so is what follows from it. RUN\n" +
			"stays as it is. RUN is an id, the beginning of one, or last.",
		Example: a.example("rerun", "last", "--plan") + "\n" +
			a.example("rerun", "3f2a", "--prompts", "prompts") + "\n" +
			a.example("rerun", "3f2a", "--set", "topic=Tides") + "\n" +
			a.example("rerun", "3f2a", "--from", "draft"),
		Args: oneRun,
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.plan, "plan", false, "say what would be taken over and what executed, and do nothing")
	flags.StringArrayVar(&o.set, "set", nil, "change a part of the input, as in `PATH=VALUE`: topic=Tides, sections[2].words=120; may be repeated")
	flags.StringVar(&o.file, "input", "", "read another input as JSON from `FILE`; - is standard input")
	flags.StringVar(&o.at, "from", "", "execute the step `KEY` anew; what was before it stays as it was")
	a.rerunFlags(c, &o, "what another model has answered is asked anew, but not before --from")
	c.RunE = func(c *cobra.Command, args []string) error {
		o.name = args[0]
		return a.rerun(c.Context(), o)
	}
	return c
}

// forkCommand is `fork`.
func (a *app) forkCommand() *cobra.Command {
	var o rerunning
	c := &cobra.Command{
		Use:   "fork RUN --at KEY",
		Short: "Go another way from the middle of a run",
		Long: "Start a new run that has all that RUN had come to before the step KEY: its results,\n" +
			"and what people had decided. The step has the result that is given, which is checked\n" +
			"like any other, or is executed anew; what does not follow from it costs nothing, and\n" +
			"people are asked again. RUN stays as it is. RUN is an id, the beginning of one, or last.",
		Example: a.example("fork", "last", "--at", "outline", "--set", "title=Tides") + "\n" +
			a.example("fork", "3f2a", "--at", "outline", "--edit") + "\n" +
			a.example("fork", "3f2a", "--at", "draft", "--file", "draft.md"),
		Args: oneRun,
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.at, "at", "", "the step `KEY` from which on it goes another way")
	o.values.Add(flags, "have as the step's result")
	flags.BoolVar(&o.plan, "plan", false, "say what would be taken over and what executed, and do nothing")
	a.rerunFlags(c, &o, "from KEY on; what was before it stays")
	c.RunE = func(c *cobra.Command, args []string) error {
		if o.at == "" {
			return badInput("fork where? give --at with the key of a step; %s lists them", a.command("show", args[0]))
		}
		o.name = args[0]
		return a.rerun(c.Context(), o)
	}
	return c
}

// rerunFlags are the flags of both. anew says what becomes of answers of other models.
func (a *app) rerunFlags(c *cobra.Command, o *rerunning, anew string) {
	flags := c.Flags()
	flags.StringVar(&o.model, "model", "", "ask `MODEL`, as in "+oneOf(a.knownModels())+", in every step: "+anew)
	fallbackFlag(flags, &o.others)
	flags.StringVar(&o.prompts, "prompts", "", "ask with the prompts in `DIR`, as FLOW/NAME.md there, instead of those that RUN has asked with; the flow's own are what describe FLOW --write-prompts DIR writes")
	outputFlag(flags, &o.output)
	flags.BoolVar(&o.detach, "detach", false, "queue the run for a worker, and print its id")
	budgetFlags(flags, &o.budget)
	flags.BoolVar(&o.free, "no-budget", false, "have no limit; without it and without a limit those of RUN hold")
	a.callFlags(flags)
	a.tokensFlag(flags)
	a.stateFlag(flags)
}

// rerun starts the run, or says what it would do.
func (a *app) rerun(ctx context.Context, o rerunning) error {
	if err := a.checkRun(o.runOptions); err != nil {
		return err
	}
	if err := o.values.Check(); err != nil {
		return err
	}
	if o.free && given(o.budget) != nil {
		return badInput("give either --no-budget or limits, not both")
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	f, input, base, err := a.basedOn(ctx, s, &o)
	if err != nil {
		return closing(ctx, s, a.keptEdit(&o, err))
	}
	start := o.start(a)
	start.Base, start.Checked = base, false
	if o.free {
		start.Budget = &pawl.Budget{}
	}
	if o.plan {
		if err := a.planRerun(ctx, s, f, input, start); err != nil {
			return a.keptEdit(&o, o.refusedValue(err))
		}
		a.sayKept(&o)
		return nil
	}
	o.begun = func(err error) error {
		if err == nil {
			o.edited.remove()
		}
		return a.keptEdit(&o, o.refusedValue(err))
	}
	if o.detach {
		return a.detachOn(ctx, s, f, input, start, o.runOptions)
	}
	return a.startOn(ctx, s, f, input, start, o.runOptions)
}

// basedOn finds the base, and makes of it and of what was given the input of the new run.
// The values are those of the base itself, not as they may be shown.
func (a *app) basedOn(ctx context.Context, s *store, o *rerunning) (f pawl.Flow, input json.RawMessage, base *pawl.Base, err error) {
	found, err := a.find(ctx, s, o.name)
	if err != nil {
		return nil, nil, nil, err
	}
	if f = a.flow(found.Flow); f == nil {
		return nil, nil, nil, badInput("run %s is of flow %q, which this program does not have; %s", found.ID, found.Flow, a.flowList())
	}
	if f, err = a.withPrompts(f, o.prompts); err != nil {
		return nil, nil, nil, err
	}
	rec, err := s.engine.Get(ctx, found.ID)
	if err != nil {
		return nil, nil, nil, err
	}
	base = &pawl.Base{Run: rec.ID, At: pawl.Key(o.at)}
	if b := rec.Budget; b != nil && given(o.budget) == nil && !o.free && !a.quiet {
		a.say("limited to %s, as run %s is; --no-budget has no limit", page.Limits(b.Limit), rec.ID)
	}
	files := &form.Reader{Stdin: a.stdin}
	if o.file != "" {
		text, err := files.Read(o.file, "--input")
		if err != nil {
			return nil, nil, nil, badInput("--input: %v", err)
		}
		if t := strings.TrimSpace(text); t == "" || t == "null" {
			return nil, nil, nil, badInput("--input %s: there is no input in it; without --input the run has that of run %s", form.FileName(o.file), rec.ID)
		}
		input = json.RawMessage(text)
	}
	if len(o.set) > 0 {
		if input == nil {
			input = rec.Input
		}
		if input, err = form.Set(f.Describe().Input.Root(), input, o.set); err != nil {
			return nil, nil, nil, err
		}
	}
	for _, step := range rec.Steps {
		if step.Key == base.At {
			base.Result, err = a.resultOf(f, rec.ID, step, o, files)
		}
	}
	return f, input, base, err
}

// resultOf returns what a step of the base is to have come to; nothing: it was not said.
func (a *app) resultOf(f pawl.Flow, run pawl.RunID, step pawl.StepRecord, o *rerunning, files *form.Reader) (json.RawMessage, error) {
	answer := answerOf(f, step)
	w := form.Wanted{Key: step.Key, Proposal: step.Output}
	if answer != nil {
		w.Shape = answer.Root()
	}
	if !o.values.Edit {
		return o.values.Given(w, files)
	}
	text, err := o.values.EditFrom()
	if err != nil {
		return nil, err
	}
	notes := fmt.Sprintf("Step %s of a run that goes on from run %s: %s", step.Key, run, term.Plain(step.Purpose))
	o.edited, err = a.editValue(editing{run: run, wanted: w, notes: notes, schema: answer, sensitive: step.Sensitive}, o.values.File(), text)
	if err != nil {
		return nil, err
	}
	return o.edited.edited.Value, nil
}

// keptEdit adds to an error where what was edited is kept.
func (a *app) keptEdit(o *rerunning, err error) error {
	if err == nil || o.edited.file == "" {
		return err
	}
	e := *pawl.AsError(err, pawl.ErrInternal)
	e.Message = o.edited.located(e.Message)
	e.Hint = "what you edited is kept in " + o.edited.file + "; go on with it there"
	return &ending{err: &e, next: a.again("fork", o.name, "--at", o.at, "--edit", "--file", o.edited.file)}
}

// sayKept says where what was edited is kept, after a plan, and what begins the run.
func (a *app) sayKept(o *rerunning) {
	if o.edited.file != "" && !a.quiet {
		a.say("what you edited is kept in %s; have it run: %s", o.edited.file, a.againWithout("plan", "fork", o.name, "--at", o.at, "--edit", "--file", o.edited.file))
	}
}

// refusedValue names the flag in an error about the result that was given for the step.
func (o *rerunning) refusedValue(err error) error {
	var why *pawl.Error
	flag := o.values.Name()
	if flag == "" || o.values.Edit || !errors.As(err, &why) || why.Kind != pawl.ErrInput || why.Step == "" || why.Step != pawl.Key(o.at) {
		return err
	}
	e := *why
	e.Message = flag + ": " + e.Message
	return &e
}

// answerOf is the schema of a step's result, as far as a prompt of that name says it.
func answerOf(f pawl.Flow, step pawl.StepRecord) *schema.Schema {
	for _, p := range f.Describe().Prompts {
		if p.Name == step.Name && p.Answer != nil {
			return p.Answer
		}
	}
	return nil
}

// planRerun prints what is expected of each step.
func (a *app) planRerun(ctx context.Context, s *store, f pawl.Flow, input json.RawMessage, start *pawl.StartOptions) error {
	steps, err := a.planned(ctx, s, f, input, start)
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(steps)
	}
	n := map[pawl.Expectation]int{}
	wide := 0
	for _, p := range steps {
		n[p.Expect]++
		wide = max(wide, term.Cells(string(p.Key)))
	}
	for _, p := range steps {
		took := ""
		if p.Took != nil {
			took = "took " + page.Usage(*p.Took, page.Bill{})
		}
		if p.InDoubt {
			took = "may have been done in the base: it is done again"
		}
		line := fmt.Sprintf("%-7s  %s  %s", p.Expect, term.Pad(string(p.Key), wide), took)
		fmt.Fprintln(a.out, strings.TrimRight(line, " "))
	}
	removed := ""
	if n := n[pawl.ExpectRemoved]; n > 0 {
		removed = fmt.Sprintf("; the flow does not ask for %d any more", n)
	}
	if !a.quiet {
		a.say("of %d steps %d are taken over, %d executed, and %d follow from those%s", len(steps), n[pawl.ExpectReuse]+n[pawl.ExpectSet], n[pawl.ExpectRun], n[pawl.ExpectUnknown], removed)
	}
	return nil
}
