package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/internal/view"
)

// deciding is a decision as the command line says it.
type deciding struct {
	pawl.Decision
	name   string // of the run
	values form.ValueFlags
	only   bool // --record-only
	all    bool // --all
	out    delivery
}

// decideCommands are the commands that lift a blocker.
func (a *app) decideCommands() []*cobra.Command {
	const which = " RUN is an id, the beginning of one,\n" +
		"or last; KEY may be left out if only one blocker is to be lifted so. `inbox` and\n" +
		"`show` print the whole command. "
	const many = "\nMany are decided at once with --flow, --question, --status, --runs or --all: it is\n" +
		"shown how many and which, and asked once (--yes in scripts). Each is decided as it was\n" +
		"shown, or refused by name; the exit code is 1 if one was. With --json each is a line."
	const then = "The run then goes on here, as with `resume`,\n" +
		"unless another process executes it. With --record-only the decision is only\n" +
		"stored, one for each blocker, for whoever goes on with the run."
	approve := a.decideCommand(pawl.DecideApprove, "Approve what a run proposes, as it is or with edits",
		"Approve what a run proposes, as it is or with edits."+which+then+many,
		a.example("approve", "last")+"\n"+
			a.example("approve", "3f2a", "publish", "--set", "title=Tides", "-m", "shorter title")+"\n"+
			a.example("approve", "3f2a", "publish", "--edit")+"\n"+
			a.example("approve", "--flow", "blog", "--question", "publish"))
	reject := a.decideCommand(pawl.DecideReject, "Reject what a run proposes",
		"Reject what a run proposes; the flow says what follows from it."+which+then+many,
		a.example("reject", "last", "-m", "too long")+"\n"+
			a.example("reject", "3f2a", "publish", "--reason", "revise", "-m", "needs an example"))
	answer := a.decideCommand(pawl.DecideAnswer, "Answer what a run asks",
		"Answer what a run asks."+which+then+many,
		a.example("answer", "last", "--value", "next Monday")+"\n"+
			a.example("answer", "3f2a", "budget", "--value", `{"amount": 120}`)+"\n"+
			a.example("answer", "3f2a", "--file", "answer.json"))
	supply := a.decideCommand(pawl.DecideSupply, "Give a step that cannot finish its result by hand",
		"Give a step that cannot finish its result by hand. It is checked like any other\nresult, and the step then counts as done."+which+then,
		a.example("supply", "last", "outline", "--file", "outline.json")+"\n"+
			a.example("supply", "3f2a", "outline", "--edit"))
	retry := a.decideCommand(pawl.DecideRetry, "Ask anew what a run has an answer to another question for",
		"Try a step again that stands still. Where it has a result that does not fit, since\nthe flow asks about something else now, that result is void and the step is asked\nanew; a do is done once more, with a new idempotency\nkey."+which+then+many,
		a.example("retry", "last", "draft")+"\n"+a.example("retry", "3f2a", "items[2]/rate")+"\n"+a.example("retry", "3f2a", "--all")+"\n"+a.example("retry", "--flow", "blog", "--status", "failed"))
	goOn := a.decideCommand(pawl.DecideContinue, "Let a run go on past a breakpoint, or with what is recorded",
		"Let a run go on past a breakpoint. Where a step has a result that does not fit, since\nthe flow asks about something else now, that result counts all\nthe same."+which+then+many,
		a.example("continue", "last")+"\n"+a.example("continue", "3f2a", "draft"))
	skip := a.decideCommand(pawl.DecideSkip, "Let a flow go on with the failure of a step",
		"Let a flow go on with the failure at which a step stands still: the flow takes\nfailures as values there, and this one is the step's result from then on."+which+then+many,
		a.example("skip", "last")+"\n"+a.example("skip", "3f2a", "items[2]/rate", "-m", "not worth waiting")+"\n"+a.example("skip", "3f2a", "--all"))
	return []*cobra.Command{approve, reject, answer, supply, retry, skip, goOn}
}

func (a *app) decideCommand(what pawl.DecisionKind, short, long, example string) *cobra.Command {
	d := &deciding{}
	d.What = what
	sel := &selection{}
	c := &cobra.Command{Use: string(what) + " RUN [KEY]", Short: short, Long: long, Example: example, Args: sel.args(runAndKey)}
	flags := c.Flags()
	flags.SortFlags = false
	switch what {
	case pawl.DecideApprove:
		d.values.Add(flags, "approve")
	case pawl.DecideAnswer, pawl.DecideSupply:
		d.values.Add(flags, "give")
	case pawl.DecideRetry:
		flags.BoolVar(&d.all, "all", false, "try all steps again that stand still: of RUN, or without it of all runs")
	case pawl.DecideSkip:
		flags.BoolVar(&d.all, "all", false, "skip all steps that stand still and can be skipped: of RUN, or without it of all runs")
	case pawl.DecideReject:
		flags.StringVar(&d.Reason, "reason", "", "one of the `REASONS` that the flow knows; with several, one must be given")
	}
	flags.StringVarP(&d.Comment, "comment", "m", "", "say why, in a `TEXT` that is kept with the decision")
	flags.StringVar(&d.Digest, "seen", "", "decide only on what was shown with this `DIGEST`")
	flags.BoolVar(&d.only, "record-only", false, "store the decision and execute nothing")
	a.goOnFlags(flags, &d.out)
	if what != pawl.DecideSupply { // whose value is of one step
		sel.flags(flags, string(what))
	}
	c.ValidArgsFunction = a.completeBlocked(what)
	c.RunE = func(c *cobra.Command, args []string) error {
		sel.all = sel.all || d.all && len(args) == 0
		if sel.isGiven() {
			if err := a.checkSelection(sel, args); err != nil {
				return err
			}
			return a.decideMany(c.Context(), d, sel)
		}
		d.name = args[0]
		if len(args) > 1 {
			d.Key = pawl.Key(args[1])
		}
		if d.all {
			return a.decideAll(c.Context(), d)
		}
		return a.decide(c.Context(), d)
	}
	return c
}

// runAndKey checks that one run is named, and one step at most.
func runAndKey(c *cobra.Command, args []string) error {
	if len(args) > 2 {
		return badInput("unexpected argument %q; wants a run and the key of a step", args[2])
	}
	return oneRun(c, args[:min(len(args), 1)])
}

func (a *app) decide(ctx context.Context, d *deciding) error {
	if err := errors.Join(d.values.Check(), form.CheckOutput(d.out.output)); err != nil {
		return err
	}
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	d.Who = a.who()
	b, err := a.openBlocker(ctx, s, d.name, d.Decision)
	if err != nil {
		return closing(ctx, s, err)
	}
	d.Key = b.Key
	if d.Digest == "" {
		d.Digest = b.Digest
	}
	var kept draft
	if d.values.Edit {
		kept, err = a.editGiven(b, d)
	} else {
		d.Value, err = d.values.Given(wanted(b), &form.Reader{Stdin: a.stdin})
	}
	if err == nil && !d.values.Edit && len(d.Value) == 0 && (d.What == pawl.DecideAnswer || d.What == pawl.DecideSupply) {
		err = a.noValue(b, d.What)
	}
	if err == nil && d.only {
		err = b.Check(d.Value)
	}
	if err != nil {
		return closing(ctx, s, a.kept(err, b, d, kept))
	}
	if d.only {
		err = s.record(ctx, b.Run.ID, d.Decision)
		if err = closing(ctx, s, a.kept(err, b, d, kept)); err != nil {
			return err
		}
		return a.sayRecorded(b, d)
	}
	signals, stop := a.catchSignals()
	defer stop()
	if err := a.settle(ctx, s, b.Run.ID, d.Decision, signals); err != nil {
		return closing(ctx, s, a.kept(err, b, d, kept))
	}
	kept.remove()
	return a.afterDecision(ctx, s, b, d, signals)
}

// editGiven has a person edit the value of a decision. What was left as it was is what
// was proposed, if they say so: closing an editor is no approval.
func (a *app) editGiven(b *view.Blocker, d *deciding) (draft, error) {
	text, err := d.values.EditFrom()
	if err != nil {
		return draft{}, err
	}
	kept, err := a.editValue(editingOf(b), d.values.File(), text)
	if kept.edited != nil {
		d.Value = kept.edited.Value
	}
	if err == errUnchanged && d.What == pawl.DecideApprove {
		if a.asks() {
			return kept, a.confirm(fmt.Sprintf("nothing was changed; approve step %s as it was proposed", b.Key))
		}
		return kept, &ending{err: errUnchanged, next: a.command("approve", string(b.Run.ID), string(b.Key), "--seen", replay.Seen(b.Digest))}
	}
	return kept, err
}

// noValue refuses a decision that needs a value and has none.
func (a *app) noValue(b *view.Blocker, what pawl.DecisionKind) error {
	wants := "JSON"
	switch n := b.Root(); {
	case n == nil:
	case n.Type == "string" && n.Enum == nil:
		wants = "a text"
	default:
		wants = form.Article(n.Type) + " such as " + term.Quote(form.Sample(n, "a"))
	}
	return &pawl.Error{Kind: pawl.ErrInput, Run: b.Run.ID,
		Message: fmt.Sprintf("%s of step %q needs a value: give --value, --file, --set or --edit; wants %s", what, b.Key, wants)}
}

// kept adds to an error the run, and where what was edited is kept, and how to go on with it.
func (a *app) kept(err error, b *view.Blocker, d *deciding, kept draft) error {
	var end *ending
	if err == nil || errors.As(err, &end) {
		return err
	}
	e := *pawl.AsError(err, pawl.ErrInternal)
	if e.Run = b.Run.ID; kept.file == "" {
		return &e
	}
	e.Message = kept.located(e.Message)
	e.Hint = "what you edited is kept in " + kept.file + "; go on with it there"
	words := []string{string(d.What), string(b.Run.ID), string(b.Key), "--seen", replay.Seen(b.Digest), "--edit", "--file", kept.file}
	if e.Kind != pawl.ErrInput { // somebody was faster: there is nothing left to decide
		e.Hint = "what you edited is kept in " + kept.file
		words = []string{"show", string(b.Run.ID)}
	}
	return &ending{err: &e, next: a.command(words...)}
}

// record stores a decision for whoever executes the run next.
func (s *store) record(ctx context.Context, id pawl.RunID, d pawl.Decision) error {
	e, ok := s.engine.(interface {
		Record(context.Context, pawl.RunID, pawl.Decision) error
	})
	if !ok {
		return unable("store a decision without carrying it out (--record-only)")
	}
	return s.view.Error(ctx, id, e.Record(ctx, id, d))
}

// settle makes a decision and waits until it is durable. A signal ends the waiting,
// and the command: a process that stands still may be to carry the decision out.
func (a *app) settle(ctx context.Context, s *store, id pawl.RunID, d pawl.Decision, signals <-chan os.Signal) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.listenBefore(s, id)
	done := make(chan error, 1)
	d.Trace = a.traceparent()
	go func() { done <- s.engine.Decide(ctx, id, d) }()
	select {
	case err := <-done:
		return s.view.Error(ctx, id, err)
	case sig := <-signals:
		cancel()
		what := "the decision was taken; the run goes on with resume"
		if err := <-done; err != nil {
			what = "nobody has carried the decision out yet; whoever executes the run may still do so"
		}
		return &ending{
			bare: true,
			err:  &pawl.Error{Kind: pawl.ErrInterrupt, Run: id, Message: fmt.Sprintf("run %s: %s", id, what)},
			code: signalExit(sig), next: a.command("show", string(id)),
		}
	}
}

// recordedDecision is a decision that was stored, as --json prints it.
type recordedDecision struct {
	Run  pawl.RunID `json:"run"`  // the run that it is about
	Flow string     `json:"flow"` // the run's flow
	pawl.Decision
}

// sayRecorded prints a decision that was stored.
func (a *app) sayRecorded(b *view.Blocker, d *deciding) error {
	d.At, d.Waits = pawl.At(a.now()), slices.Contains([]pawl.DecisionKind{pawl.DecideApprove, pawl.DecideReject, pawl.DecideAnswer, pawl.DecideSupply}, d.What)
	if len(d.Value) == 0 {
		d.Value = json.RawMessage("null")
	}
	if a.json {
		return a.printJSON(recordedDecision{b.Run.ID, b.Run.Flow, a.view().Decision(b, d.Decision)})
	}
	fmt.Fprintln(a.out, b.Run.ID)
	if !a.quiet {
		a.say("recorded: %s of %s by %s; it counts when the run goes on: %s", d.What, b.Key, d.Who, a.resumeCommand(b.Run.ID))
	}
	return nil
}

// afterDecision follows the run on, which this process may execute now.
func (a *app) afterDecision(ctx context.Context, s *store, b *view.Blocker, d *deciding, signals <-chan os.Signal) error {
	by, err := s.view.Claimant(ctx, b.Run)
	if err != nil {
		return closing(ctx, s, err)
	}
	rec := b.Run
	if by == thisProcess() {
		if !a.quiet && !a.hasTree() { // its first line says so
			a.say("run %s %s goes on with %s", rec.ID, rec.Flow, rec.Model)
		}
	} else if !a.quiet {
		a.say("%s of %s was taken by %s, which executes run %s", d.What, b.Key, cmp.Or(by, "another process"), rec.ID)
	}
	return a.followOn(ctx, s, rec, by, d.out, signals)
}

// followOn follows a run since a record of it, as its executor if this process has
// claimed it, and otherwise as a guest. It closes the store.
func (a *app) followOn(ctx context.Context, s *store, rec pawl.RunRecord, by string, out delivery, signals <-chan os.Signal) error {
	f, err := a.following(ctx, s, rec, rec.LastSeq, signals)
	if err != nil {
		return closing(ctx, s, err)
	}
	if by == thisProcess() {
		f.hear(s.heard)
		return a.execute(ctx, s, f, out)
	}
	f.guest = &guest{to: a.err}
	defer f.hearOthers(ctx)()
	out.kept = !a.json && out.output == ""
	return a.followGuest(ctx, s, f, out)
}

// thisProcess is this process as claims name it.
func thisProcess() string { return fmt.Sprintf("process %d", os.Getpid()) }
