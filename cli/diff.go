package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// comparing is what is to be compared.
type comparing struct {
	a, b      string // runs; b empty: a is compared with its base
	key       string // of the one step; empty: all
	revisions []string
	noPager   bool
}

// diffCommand is `diff`.
func (a *app) diffCommand() *cobra.Command {
	var o comparing
	c := &cobra.Command{
		Use:   "diff RUN [RUN [KEY]]",
		Short: "Show step by step how two runs differ",
		Long: "Show how the second run differs from the first: what it was begun with, each step\n" +
			"(reused, the same result, changed, only in one of them), what people decided, the\n" +
			"output, and what both took. Texts are compared in words, [-removed-] and {+added+},\n" +
			"all else in fields. One RUN alone is compared with its base; with KEY that step is\n" +
			"shown whole, with what was asked. The exit code is 0 whether they differ or not; with\n" +
			"--quiet the keys of the steps that differ are printed. RUN is an id, the beginning of\n" +
			"one, or last.",
		Example: a.example("diff", "last") + "\n" +
			a.example("diff", "3f2a", "9c41") + "\n" +
			a.example("diff", "3f2a", "9c41", "outline") + "\n" +
			a.example("diff", "last", "--revisions", "draft,revise"),
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return oneRun(nil, args)
			case len(args) > 3:
				return badInput("unexpected argument %q; wants two runs and a key at most", args[3])
			}
			return nil
		},
		ValidArgsFunction: a.completeDiff,
		RunE: func(c *cobra.Command, args []string) error {
			words := append(slices.Clone(args), "", "")
			o.a, o.b, o.key = words[0], words[1], words[2]
			return a.diff(c.Context(), o)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().StringArrayVar(&o.revisions, "revisions", nil, "show instead what each revision in one RUN changed: of the steps `KEYS`, with commas between them, their repeats (draft#2) and answers that were turned down")
	noPagerFlag(c.Flags(), &o.noPager)
	return c
}

// diff compares two runs, or the revisions of one.
func (a *app) diff(ctx context.Context, o comparing) error {
	if len(o.revisions) > 0 && o.b != "" {
		return badInput("--revisions is of one run; %q is too much", o.b)
	}
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	var write func(to io.Writer)
	var doc any
	var differ []pawl.Key
	if len(o.revisions) > 0 {
		var r view.Revisions
		r, err = a.revisionsOf(ctx, s, o)
		doc, write = r, func(to io.Writer) { a.showRevisions(to, r) }
		for _, one := range r.Revisions {
			differ = append(differ, one.Key)
		}
	} else {
		var c view.Comparison
		c, err = a.compare(ctx, s, o)
		doc, write = c, func(to io.Writer) { a.showDiff(to, c, o) }
		for _, one := range c.Steps {
			if one.Change != view.StepReused && one.Change != view.StepSame {
				differ = append(differ, one.Key)
			}
		}
	}
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	switch {
	case a.json:
		return a.printJSON(doc)
	case a.quiet:
		for _, key := range slices.Compact(differ) {
			fmt.Fprintln(a.out, term.Plain(string(key)))
		}
		return nil
	}
	return a.paged(o.noPager, write)
}

// compare compares the runs that are meant.
func (a *app) compare(ctx context.Context, s *store, o comparing) (view.Comparison, error) {
	one, err := a.find(ctx, s, o.a)
	if err != nil {
		return view.Comparison{}, err
	}
	was, is := one.ID, pawl.RunID("")
	if o.b == "" {
		rec, err := s.view.Run(ctx, one.ID)
		if err != nil {
			return view.Comparison{}, err
		}
		if rec.Base == nil {
			return view.Comparison{}, badInput("run %s has no base to be compared with; name another run: %s", rec.ID, a.command("diff", "RUN", string(rec.ID)))
		}
		was, is = *rec.Base, rec.ID
	} else {
		other, err := a.find(ctx, s, o.b)
		if err != nil {
			return view.Comparison{}, err
		}
		is = other.ID
	}
	if o.key == "" {
		return s.view.Diff(ctx, was, is)
	}
	c, err := s.view.DiffStep(ctx, was, is, pawl.Key(o.key))
	if isNoStep(err) {
		err = unknownStepOf(c.Steps, pawl.Key(o.key))
	}
	return c, err
}

// isNoStep reports whether an error is that a run does not have a step.
func isNoStep(err error) bool {
	var e *pawl.Error
	return errors.As(err, &e) && errors.Is(err, pawl.ErrNotFound) && e.Step != ""
}

// unknownStepOf is the error of a key that neither of two runs has.
func unknownStepOf(steps []view.StepDiff, key pawl.Key) error {
	if len(steps) == 0 {
		return badInput("unknown step %q; the runs have no steps yet", key)
	}
	var keys []string
	for _, s := range steps {
		keys = append(keys, string(s.Key))
	}
	return unknownKey(key, keys, "steps of both runs")
}

func (a *app) revisionsOf(ctx context.Context, s *store, o comparing) (view.Revisions, error) {
	run, err := a.find(ctx, s, o.a)
	if err != nil {
		return view.Revisions{}, err
	}
	var keys []pawl.Key
	for _, key := range o.revisions {
		keys = append(keys, pawl.Key(key))
	}
	r, err := s.view.Revisions(ctx, run.ID, keys)
	var e *pawl.Error
	if isNoStep(err) && errors.As(err, &e) {
		var rec pawl.RunRecord
		if rec, err = s.view.Run(ctx, run.ID); err == nil {
			err = unknownStep(rec, e.Step)
		}
	}
	return r, err
}

// diffPage is a page of what differs.
func (a *app) diffPage(to io.Writer) *page.Page {
	return &page.Page{Out: to, Width: a.width(), Ink: a.ink(a.stdout), Zone: a.zone, StandIn: a.isStandIn}
}

func (a *app) showDiff(to io.Writer, c view.Comparison, o comparing) {
	var step func(pawl.Key) string
	if o.key == "" {
		step = func(key pawl.Key) string {
			return a.command("diff", string(c.A.Run), string(c.B.Run), string(key))
		}
	}
	p := a.diffPage(to)
	p.Rest = a.command("diff", string(c.A.Run), string(c.B.Run), "--json")
	p.Diff(c, step)
}

func (a *app) showRevisions(to io.Writer, r view.Revisions) {
	with := ""
	if len(r.Alike) > 0 {
		var keys []string
		for _, key := range append(slices.Clone(r.Steps), r.Alike...) {
			keys = append(keys, string(key))
		}
		with = a.command("diff", string(r.Run), "--revisions", strings.Join(keys, ","))
	}
	a.diffPage(to).Revisions(r, with)
}
