package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
)

// removal is which runs `rm` is to remove.
type removal struct {
	names    []string // of runs; none: a selection
	before   time.Time
	statuses []pawl.Status
	flow     string
	foreign  bool // those of other programs, too
	yes      bool
}

func (a *app) rmCommand() *cobra.Command {
	var r removal
	c := &cobra.Command{
		Use:   "rm RUN...",
		Short: "Remove runs for good, with all that is stored of them",
		Long: "Remove runs for good: input, prompts, answers, decisions and result. Nothing of them\n" +
			"can be read afterwards in the data directory. What is removed is listed and asked\n" +
			"about first. Each RUN is an id, or at least 4 characters of one.\n" +
			"\n" +
			"Without RUN, --before and --status say which; of those that --before names, the ones\n" +
			"that are done or canceled, unless --status says otherwise. Runs that other programs\n" +
			"have started in the same data directory want --all-programs. A run that a process\n" +
			"executes, one that is the base of a run which has not ended, and one that is not as it\n" +
			"was shown any more, is left alone, and said to be.",
		Example: a.example("rm", "3f2a") + "\n" + a.example("rm", "--before", "30d", "--yes") + "\n" + a.example("rm", "--status", "failed,canceled", "--flow", "blog"),
		Args:    cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			r.names = args
			return a.rm(c.Context(), r)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.Var(sinceFlag{&r.before, a.now, a.zone}, "before", "runs in which nothing has happened since `TIME`: an age as in 12h or 30d, a date, or a time")
	flags.Var((*statusesFlag)(&r.statuses), "status", "runs that stand at `STATUS`, or at one of several with commas between")
	flags.StringVar(&r.flow, "flow", "", "of these only runs of this `FLOW`")
	flags.BoolVar(&r.foreign, "all-programs", false, "also runs that other programs have started in the same data directory")
	flags.BoolVar(&r.yes, "yes", false, "do not ask first")
	return c
}

// check refuses what does not say clearly enough which runs are meant.
func (r removal) check() error {
	selects := !r.before.IsZero() || len(r.statuses) > 0
	switch {
	case len(r.names) > 0 && (selects || r.flow != "" || r.foreign):
		return badInput("give either runs or --before, --status, --flow and --all-programs, not both")
	case len(r.names) == 0 && !selects:
		return badInput("say which runs: their ids, --before or --status")
	case slices.ContainsFunc(r.statuses, executing):
		return badInput("a run that is executed cannot be removed; cancel it first")
	}
	for _, name := range r.names {
		if name == view.Last || isSlip(name) {
			return badInput("run %q: to remove it wants its id, or at least %d characters of that", name, leastPrefix)
		}
	}
	return nil
}

func (a *app) rm(ctx context.Context, r removal) error {
	if err := r.check(); err != nil {
		return err
	}
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	var list []toRemove
	var done journal.Removed
	if s != nil || len(r.names) > 0 || r.flow != "" {
		var needed []error
		if list, needed, err = a.toRemove(ctx, s, r); err == nil && s != nil {
			done, err = a.remove(ctx, s, r, list, len(needed) > 0)
			done.Kept = append(needed, done.Kept...)
		}
	}
	err = closing(ctx, s, err)
	if err != nil && len(done.Runs)+len(done.Kept) == 0 {
		return err
	}
	return cmp.Or(err, a.reportRemoved(r, list, done))
}

// reportRemoved says which of the runs went, and which were kept. Of runs that were named
// one that is kept is an error; a selection takes those that can go.
func (a *app) reportRemoved(r removal, list []toRemove, done journal.Removed) error {
	switch {
	case a.json:
		summaries := []pawl.RunSummary{}
		for _, l := range list {
			if slices.Contains(done.Runs, l.ID) {
				summaries = append(summaries, l.RunSummary)
			}
		}
		if err := a.printJSON(summaries); err != nil {
			return err
		}
	case a.quiet:
		for _, id := range done.Runs {
			fmt.Fprintln(a.out, id)
		}
	case len(list) == 0 && len(done.Kept) == 0:
		a.say("there is no run like that; nothing was removed")
	case len(r.names) > 0 && len(done.Runs) == 0: // why says the error
	default:
		a.say("removed %s", term.Count(int64(len(done.Runs)), "run"))
	}
	var refused error
	kept := done.Kept
	if len(r.names) > 0 && len(kept) > 0 {
		refused, kept = kept[0], kept[1:]
	}
	for _, err := range kept {
		a.say("kept: %s", pawl.AsError(err, pawl.ErrConflict).Message)
	}
	return refused
}

// toRemove is a run as it is shown before it is asked whether it may go.
type toRemove struct {
	pawl.RunSummary
	seq pawl.Seq // of its last event
}

// toRemove are the runs that are meant. How far each has come is read before how it
// stands: what happens in between is a change of what was shown.
// needed are those that stay, since runs that have not ended take over what they have.
func (a *app) toRemove(ctx context.Context, s *store, r removal) (list []toRemove, needed []error, err error) {
	var rows []journal.Row
	if s != nil {
		if rows, err = s.journal.Runs(ctx, pawl.RunFilter{Flow: r.flow}); err != nil {
			return nil, nil, err
		}
	}
	if r.flow != "" && len(rows) == 0 && a.flow(r.flow) == nil {
		return nil, nil, a.unknownFlow(r.flow)
	}
	seqs := make(map[pawl.RunID]pawl.Seq, len(rows))
	for _, row := range rows {
		seqs[row.ID] = row.LastSeq
	}
	if s == nil && len(r.names) == 0 {
		return nil, nil, nil
	}
	listed, err := a.meant(ctx, s, r)
	for _, l := range listed {
		if seq, known := seqs[l.ID]; known { // else it is only just made
			list = append(list, toRemove{l.RunSummary, seq})
		}
	}
	list, needed = a.withoutBases(list, rows)
	return list, needed, err
}

// withoutBases leaves out the runs that others have as their base which have not ended and
// stay, and says which these are.
func (a *app) withoutBases(list []toRemove, rows []journal.Row) (left []toRemove, needed []error) {
	goes := map[pawl.RunID]bool{}
	for _, l := range list {
		goes[l.ID] = true
	}
	for again := true; again; { // a run that stays needs its own base
		again = false
		for _, row := range rows {
			err := a.view().MayRemoveBase(row)
			if err == nil || !goes[row.Base] || goes[row.ID] {
				continue
			}
			delete(goes, row.Base)
			again = true
			needed = append(needed, err)
		}
	}
	for _, l := range list {
		if goes[l.ID] {
			left = append(left, l)
		}
	}
	return left, needed
}

// meant are the runs that are named or selected.
func (a *app) meant(ctx context.Context, s *store, r removal) ([]view.Listed, error) {
	if len(r.names) > 0 {
		var list []view.Listed
		for _, name := range r.names {
			run, err := a.find(ctx, s, name)
			if err != nil {
				return nil, err
			}
			if err := s.view.MayRemove(run); err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(list, func(l view.Listed) bool { return l.ID == run.ID }) {
				list = append(list, view.Listed{RunSummary: run})
			}
		}
		return list, nil
	}
	selection := view.Selection{RunFilter: pawl.RunFilter{Flow: r.flow, Statuses: r.statuses}, Bare: true}
	if len(r.statuses) == 0 {
		selection.Statuses = []pawl.Status{pawl.StatusDone, pawl.StatusCanceled}
	}
	list, _, err := s.view.Select(ctx, selection)
	if !r.before.IsZero() {
		list = slices.DeleteFunc(list, func(l view.Listed) bool { return !l.UpdatedAt.Before(r.before) })
	}
	if err != nil || r.foreign {
		return list, err
	}
	return a.ownRuns(list), nil
}

// ownRuns leaves out the runs of other programs, and says so. A run of which the program
// is not known is of this one if its flow is.
func (a *app) ownRuns(list []view.Listed) []view.Listed {
	all, self := len(list), a.ownProgram()
	own := slices.DeleteFunc(list, func(l view.Listed) bool {
		return l.Program != self && l.Program != "" || l.Program == "" && a.flow(l.Flow) == nil
	})
	if others := all - len(own); others > 0 && !a.quiet && !a.json {
		a.say("left out: %s of other programs; --all-programs takes them, too", term.Count(int64(others), "run"))
	}
	return own
}

// remove lists the runs, asks whether that is meant, and removes those that can go.
// Where some are kept and none is left it asks nothing.
func (a *app) remove(ctx context.Context, s *store, r removal, list []toRemove, some bool) (done journal.Removed, err error) {
	remover, ok := s.journal.(journal.Remover)
	if !ok {
		return done, unable("remove runs")
	}
	if some && len(r.names) > 0 {
		return done, nil // what was named goes as a whole
	}
	if !r.yes && len(list) > 0 {
		what := term.Count(int64(len(list)), "run")
		if len(list) == 1 {
			what = "run " + string(list[0].ID)
		}
		if a.canConfirm() {
			a.listRemoved(list)
		}
		if err := a.confirm("remove " + what + " for good"); err != nil {
			return done, err
		}
	}
	shown := make([]journal.Shown, len(list))
	for i, l := range list {
		shown[i] = journal.Shown{Run: l.ID, Seq: l.seq}
	}
	return remover.Remove(ctx, shown...) // of none, too: it ends what an earlier one has not
}

// mostListed is how many runs are listed before it is asked whether they may go.
const mostListed = 20

func (a *app) listRemoved(list []toRemove) {
	rows := [][]string{{"RUN", "FLOW", "STATUS", "CHANGED"}}
	for _, l := range list[:min(len(list), mostListed)] {
		rows = append(rows, []string{string(l.ID), l.Flow, string(l.Status), term.Ago(a.now().Sub(l.UpdatedAt.Time)) + " ago"})
	}
	for _, line := range term.Table(rows, a.stderr.Columns()) {
		fmt.Fprintln(a.err, line)
	}
	if more := len(list) - mostListed; more > 0 {
		a.say("and %d more", more)
	}
}
