package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// batchOptions are the flags of `batch`.
type batchOptions struct {
	output  string
	limit   int
	model   string
	others  []string // --fallback
	prompts string
	budget  pawl.Budget
	wanted  bool          // --require-approval
	wait    time.Duration // --wait; 0: models are asked at once
}

func (a *app) batchCommand() *cobra.Command {
	var o batchOptions
	c := &cobra.Command{
		Use:   "batch FLOW INPUTS.jsonl",
		Short: "Run a flow once for each line of a file",
		Long: "Run a flow once for each line of a file of JSON objects, and write a line of\n" +
			"results for each, in the same order:\n" +
			"{\"line\",\"run\",\"status\",\"output\",\"error\",\"usage\",\"reason\"}.\n\n" +
			"A batch is known by its results file: the same command goes on where it stopped.\n" +
			"One that is stopped leaves the results so far in it.\n" +
			"Lines that are done stay done and cost nothing, failed ones are tried again at\n" +
			"the failed step, new ones are run. To run all of them again, name another\n" +
			"results file. INPUTS may be - for standard input; without -o results go to\n" +
			"standard output, and the batch is known by its inputs file.\n\n" +
			"With --wait models are asked by the batches that their vendors sell at half the\n" +
			"price and answer within a day: each step of the lines that are under way is one.\n" +
			"Whoever stops it and begins again waits for the batches that were sent, and pays\n" +
			"for none of them twice.",
		Example: a.example("batch", a.someFlow(), "inputs.jsonl", "-o", "results.jsonl") + "\n" +
			a.example("batch", a.someFlow(), "inputs.jsonl", "-o", "results.jsonl", "--limit", "4", "--model", a.freeModel()),
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return badInput("which flow? %s", a.flowList())
			case a.flow(args[0]) == nil:
				return a.unknownFlow(args[0])
			case len(args) == 1:
				return badInput("which inputs? give a file with a JSON object in each line, or - for standard input")
			case len(args) > 2:
				return badInput("unexpected argument %q; wants a flow and a file of inputs", args[2])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return a.batch(c.Context(), args[0], args[1], o, c.Flags().Changed("limit"))
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.output, "output", "o", "", "write the results to `FILE`, whose name ends in .jsonl")
	flags.IntVar(&o.limit, "limit", 16, "execute at most `N` runs at once")
	flags.StringVar(&o.model, "model", "", "ask `MODEL` in every step of lines that are not done")
	fallbackFlag(flags, &o.others)
	promptsFlag(flags, &o.prompts)
	approvalFlag(flags, &o.wanted)
	budgetFlags(flags, &o.budget)
	flags.Var(waitFlag{timeoutFlag{&o.wait}}, "wait", "let answers take `TIME`, 24h at least: send the vendors' batches, which cost half")
	a.callFlags(flags)
	return c
}

// someFlow is a flow's name for examples.
func (a *app) someFlow() string {
	if len(a.flows) == 0 {
		return "FLOW"
	}
	return a.flows[0].Name()
}

// batch checks all that was given before it makes anything.
func (a *app) batch(ctx context.Context, name, inputs string, o batchOptions, limited bool) error {
	if o.limit < 1 {
		return badInput("--limit is %d, wants 1 or more", o.limit)
	}
	if err := a.checkModels(o.model, o.others); err != nil {
		return err
	}
	if ext := filepath.Ext(o.output); o.output != "" && ext != ".jsonl" {
		return badInput("-o %q: wants a name that ends in .jsonl", o.output)
	}
	f, err := a.withPrompts(a.flow(name), o.prompts)
	if err != nil {
		return err
	}
	known, err := batchName(inputs, o.output)
	if err != nil {
		return err
	}
	lines, err := a.batchLines(f, known, inputs)
	if err != nil {
		return err
	}
	if err := a.checkResults(ctx, o.output, inputs, f.Name()); err != nil {
		return err
	}
	results, err := a.newResults(o.output)
	if err != nil {
		return err
	}
	defer results.discard()
	if o.model == "" {
		if err := a.needModel(ctx); err != nil {
			return err
		}
	}
	if err := a.askLater(ctx, &o, known, len(lines), limited); err != nil {
		return err
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	b := &batch{
		app: a, store: s, flow: f, lines: lines, model: o.model, others: o.others, budget: given(o.budget), prompts: o.prompts, limit: o.limit, wanted: o.wanted, results: results,
		again: a.again("batch", name, inputs), batchState: newBatchState(a.now()),
	}
	err = b.execute(ctx)
	a.later.end(b.closed, b.rests)
	return err
}

// batchName is what a batch is known by: the runs of its lines follow from it.
func batchName(inputs, output string) (string, error) {
	path := cmp.Or(output, inputs)
	if path == "-" {
		return path, nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", badInput("%q: %v", path, err)
	}
	if real, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(real, filepath.Base(abs))
	}
	return abs, nil
}

// batch is a batch being executed.
type batch struct {
	app     *app
	store   *store
	flow    pawl.Flow
	lines   []batchLine
	model   string
	others  []string     // that stand in for it
	budget  *pawl.Budget // of each line's run
	prompts string       // where they come from; empty: from the flow
	limit   int
	wanted  bool // results that are approved
	results *results
	again   string
	closed  bool // the store is: all that is known is in it
	rests   bool // all lines have come to rest, too

	batchState
}

// execute runs what is not done and reports the whole. It closes the store.
func (b *batch) execute(ctx context.Context) error {
	a := b.app
	signals, stop := a.catchSignals()
	defer stop()
	if !a.quiet {
		a.say("batch of %s: %s, at most %d at once", b.flow.Name(), term.Count(int64(len(b.lines)), "line"), b.limit)
		a.sayMissing(b.flow, b.prompts)
	}
	if a.warnStandIn(cmp.Or(b.model, a.defaultModel()), b.model != ""); b.model == "" {
		defer a.warnStandIn(a.defaultModel(), false)
	}
	patient, cut := context.WithCancel(ctx)
	defer cut()
	lines, leave := context.WithCancel(ctx)
	defer leave()
	done := make(chan struct{})
	if a.hasTree() && (b.results.file != nil || !a.stdout.Terminal) { // results may stand on the same terminal
		b.bar = term.NewBar(a.stderr, a.err, a.now, b.barLine)
	}
	told := b.tell()
	go func() {
		defer close(done)
		b.run(lines)
	}()
	sig, left := a.wait(stopping{done: done, signals: signals, ask: func(sig os.Signal) {
		if term.ByPerson(sig) {
			b.pause(ctx)
			return
		}
		b.stop()
		go func() {
			b.store.engine.Close(patient) // closed once more with the store
			leave()                       // a worker may take the runs up at once
		}()
	}, cut: func() {
		cut()
		go b.store.engine.Close(patient) // closed once more with the store
	}})
	told()
	b.bar.End()
	if left != nil {
		return b.interrupted(sig)
	}
	err := closing(ctx, b.store, b.failed)
	b.closed = true
	switch {
	case err != nil:
		return &ending{err: pawl.AsError(err, pawl.ErrStorage), more: b.leaveResults(), next: b.again}
	case sig != nil:
		return b.interrupted(sig)
	}
	b.rests = true
	return b.report()
}

func (b *batch) interrupted(sig os.Signal) error {
	message := fmt.Sprintf("%d of %s are done, and all runs are safe", b.doneLines(), term.Count(int64(len(b.lines)), "line"))
	return &ending{err: &pawl.Error{Kind: pawl.ErrInterrupt, Message: message}, code: signalExit(sig), more: b.leaveResults(), next: b.again}
}

// leaveResults leaves the results so far of a batch that ends before its lines do, and
// says so. Where they are being written at this moment, which may take as long as their
// reader does, they are left as they are.
func (b *batch) leaveResults() []remark {
	if !b.writing.TryLock() {
		return nil
	}
	defer b.writing.Unlock()
	switch n, err := b.results.leave(b.lines); {
	case b.results.file == nil:
	case err != nil:
		return []remark{{text: fmt.Sprintf("the results so far are not written: %v", form.Cause(err))}}
	case n > 0:
		return []remark{{text: fmt.Sprintf("%s has the results of %d of %s so far", b.results.file.Path, n, term.Count(int64(len(b.lines)), "line"))}}
	}
	return nil
}
