package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/recorded"
	"github.com/pawlrun/pawl/internal/runfile"
)

func (a *app) testCommand() *cobra.Command {
	update := false
	c := &cobra.Command{
		Use:   "test DIR",
		Short: "Check that the flows still do what recorded runs did",
		Long: "Execute the flows of this program against the runs in DIR, and below it, that were\n" +
			"exported to files: against these alone, so that no model is called, nothing is done and\n" +
			"nobody is asked. Each is a line; where a flow does something else than then, it is said\n" +
			"what is otherwise, and the exit code is 1. DIR may be one file.\n" +
			"\n" +
			"With --update those are recorded anew, each with its file as its base: only what has\n" +
			"changed is asked, of the models that are recorded, and a person's decision is taken\n" +
			"over where the same is asked.",
		Example: a.example("test", "testdata") + "\n" + a.example("test", "testdata", "--update"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badInput("wants one DIR with runs that were exported, got %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.test(c.Context(), args[0], update) },
	}
	c.Flags().SortFlags = false
	c.Flags().BoolVar(&update, "update", false, "record the runs anew of which something is otherwise")
	a.callFlags(c.Flags())
	return c
}

// tested is what came of a recorded run.
type tested struct {
	File   string       `json:"file"`   // the file of the recorded run
	Run    pawl.RunID   `json:"run"`    // the run's id
	Flow   string       `json:"flow"`   // its flow
	Result testResult   `json:"result"` // how the test ended
	Misses []testedMiss `json:"misses"` // where the flow does something else
	Error  *oneError    `json:"error"`  // what is wrong with the file; null: nothing

	misses []local.Miss
}

type testedMiss struct {
	Key     pawl.Key       `json:"key"`     // the step
	What    string         `json:"what"`    // what is otherwise
	Changes []testedChange `json:"changes"` // in which parts
}

type testedChange struct {
	What string `json:"what"` // the part
	Was  string `json:"was"`  // as recorded
	Is   string `json:"is"`   // as it is now
}

type testResult string

const (
	testOK      testResult = "ok"      // as recorded
	testMisses  testResult = "misses"  // the flow does something else
	testUpdated testResult = "updated" // it did, and was recorded anew
	testSkipped testResult = "skipped" // the program does not have the flow
	testFailed  testResult = "failed"  // the file, or what was to be recorded, has an error
)

// test checks each file, and ends with what they come to together.
func (a *app) test(ctx context.Context, dir string, update bool) error {
	names, err := recorded.Files(dir)
	if err != nil {
		return badInput("%q: %v", dir, form.Cause(err))
	}
	if len(names) == 0 {
		return badInput("there is no exported run in %q; %s writes one", dir, a.command("export", "last", "-o", "run.json"))
	}
	all, counts := []tested{}, map[testResult]int{}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := a.testFile(ctx, name, update)
		all, counts[t.Result] = append(all, t), counts[t.Result]+1
		if !a.json {
			a.printTested(t)
		}
	}
	if a.json {
		if err := a.printJSON(all); err != nil {
			return err
		}
	}
	if counts[testMisses]+counts[testFailed] == 0 {
		if !a.quiet && !a.json {
			a.say("%s as recorded, %d recorded anew, %d skipped", term.Count(int64(counts[testOK]), "run"), counts[testUpdated], counts[testSkipped])
		}
		return nil
	}
	if counts[testMisses] == 0 {
		return &ending{err: testError(counts, len(names)), code: 1}
	}
	return &ending{err: testError(counts, len(names)), code: 1, next: a.command("test", dir, "--update")}
}

// testError says what is not as recorded.
func testError(counts map[testResult]int, all int) *pawl.Error {
	e := &pawl.Error{Kind: pawl.ErrMismatch}
	if n := counts[testMisses]; n > 0 {
		e.Message = fmt.Sprintf("%d of %d recorded runs: the flow does something else now", n, all)
	}
	if n := counts[testFailed]; n > 0 {
		if e.Message == "" {
			e.Kind = pawl.ErrInput
		} else {
			e.Message += "; "
		}
		e.Message += fmt.Sprintf("%d of %d files cannot be tested or recorded", n, all)
	}
	return e
}

// testFile checks one file.
func (a *app) testFile(ctx context.Context, name string, update bool) tested {
	t := tested{File: name, Result: testFailed, Misses: []testedMiss{}}
	fail := func(err error) tested {
		e := pawl.AsError(err, pawl.ErrInput)
		t.Error = &oneError{e.Kind, e.Message}
		return t
	}
	run, err := recorded.Read(name)
	if err != nil {
		return fail(err)
	}
	t.Run, t.Flow = run.Run(), recorded.Flow(run)
	f := a.flow(t.Flow)
	if f == nil {
		t.Result = testSkipped
		return t
	}
	if t.misses, err = recorded.Check(ctx, f, run); err != nil {
		return fail(err)
	}
	for _, m := range t.misses {
		miss := testedMiss{Key: m.Key, What: m.What, Changes: []testedChange{}}
		for _, c := range m.Changes {
			miss.Changes = append(miss.Changes, testedChange(c))
		}
		t.Misses = append(t.Misses, miss)
	}
	switch {
	case len(t.misses) == 0:
		t.Result = testOK
	case !update:
		t.Result = testMisses
	default:
		if err := a.recordAnew(ctx, name, f, run); err != nil {
			return fail(err)
		}
		t.Result = testUpdated
	}
	return t
}

// recordAnew replaces the file of a run by one that is made anew.
func (a *app) recordAnew(ctx context.Context, name string, f pawl.Flow, run *runfile.File) error {
	prices, err := a.prices()
	if err != nil {
		return err
	}
	limits, err := a.limits()
	if err != nil {
		return err
	}
	again, err := recorded.Record(ctx, f, run, local.Options{Models: a.models(), Prices: prices, Program: a.named, Logger: a.logger(), MaxCalls: limits.max, Timeout: limits.timeout})
	if err != nil {
		return err
	}
	return recorded.Replace(name, again)
}

// printTested prints the line of a run, and what is otherwise below it.
func (a *app) printTested(t tested) {
	if a.quiet && t.Result == testOK {
		return
	}
	about := t.Flow
	switch {
	case t.Error != nil:
		about = t.Error.Message
	case t.Result == testSkipped:
		about = "of flow " + t.Flow + ", which this program does not have"
	}
	a.printHung(fmt.Sprintf("%-7s  %s  %s", t.Result, term.Plain(t.File), term.Plain(about)), 9)
	for _, m := range t.misses {
		for line := range strings.Lines(term.Clean(recorded.Text(m))) {
			line = "  " + strings.TrimRight(line, "\n")
			a.printHung(line, len(line)-len(strings.TrimLeft(line, " +-")))
		}
	}
}

// printHung prints a line, and what of it is too wide for the terminal below it, behind
// that many bytes.
func (a *app) printHung(line string, behind int) {
	fmt.Fprintln(a.out, line[:behind]+term.Hang(line[behind:], behind, a.width()))
}
