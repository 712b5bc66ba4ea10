package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/internal/view"
)

// target is one of many things that a command does: a decision on a blocker as it was
// shown, or the end of a run.
type target struct {
	run      pawl.RunRecord // as it may be shown; afterwards as it stands then
	blocker  pawl.Blocker   // of a decision
	decision pawl.Decision
	by       string // who executes the run then
	err      error  // why it is not done; nil: it is, or may be
}

// name says which one it is.
func (t *target) name() string {
	if t.decision.Key == "" {
		return string(t.run.ID)
	}
	return string(t.run.ID) + " " + string(t.decision.Key)
}

// findTargets returns what a decision is about that is to be made many times, each as it
// stands now: that is what is shown, and decided. One that cannot be decided so has an
// error.
func (a *app) findTargets(ctx context.Context, s *store, d *deciding, sel *selection) ([]*target, error) {
	files := &form.Reader{Stdin: a.stdin}
	found, err := a.findBlockers(ctx, s, d, sel, files)
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		t.decision = d.Decision
		t.decision.Who, t.decision.Key, t.decision.Digest = a.who(), t.blocker.Key, t.blocker.Digest
		b, err := a.checkTarget(ctx, s, t)
		if t.err = err; err != nil {
			continue
		}
		t.run, t.blocker, t.decision.Key, t.decision.Digest = b.Run, b.Blocker, b.Key, b.Digest
		if t.decision.Value, err = d.values.Given(wanted(b), files); err != nil {
			return nil, err
		}
		if len(t.decision.Value) == 0 && (d.What == pawl.DecideAnswer || d.What == pawl.DecideSupply) {
			return nil, a.noValue(b, d.What)
		}
		t.err = b.Check(t.decision.Value)
	}
	return found, nil
}

// checkTarget returns the blocker of a target if it may be decided so now.
func (a *app) checkTarget(ctx context.Context, s *store, t *target) (*view.Blocker, error) {
	if t.decision.Key == "" && t.blocker.Kind != "" { // the flow itself stands still
		return &view.Blocker{Blocker: t.blocker, Run: t.run}, nil
	}
	b, err := s.view.Blocker(ctx, t.run.ID, t.decision)
	var r *view.Refusal
	if errors.As(err, &r) {
		return nil, r.Err
	}
	return b, err
}

// findBlockers returns the blockers that a selection is about.
func (a *app) findBlockers(ctx context.Context, s *store, d *deciding, sel *selection, files *form.Reader) ([]*target, error) {
	if sel.runs != "" {
		return a.namedBlockers(ctx, s, d, sel, files)
	}
	items, err := s.view.Inbox(ctx, pawl.RunFilter{Flow: sel.flow, Program: a.ownProgram()})
	if err != nil {
		return nil, err
	}
	var found []*target
	records := map[pawl.RunID]pawl.RunRecord{}
	for _, i := range items {
		if !takes(i.Blocker, d.What) || !sel.picks(i.Key) {
			continue
		}
		rec, known := records[i.Run]
		if !known {
			if rec, err = a.get(ctx, s, i.Run); err != nil {
				return nil, err
			}
			records[i.Run] = rec
		}
		if sel.stands(rec.Status) {
			found = append(found, &target{run: rec, blocker: i.Blocker})
		}
	}
	return found, nil
}

// namedBlockers returns the blockers in the runs that a file names. Where a run has
// none, or several of which none is named, its decision is refused later.
func (a *app) namedBlockers(ctx context.Context, s *store, d *deciding, sel *selection, files *form.Reader) ([]*target, error) {
	runs, err := a.namedRuns(ctx, s, sel, files)
	if err != nil {
		return nil, err
	}
	var found []*target
	for _, one := range runs {
		t := &target{run: one.rec, blocker: pawl.Blocker{Key: one.key}}
		var may []pawl.Blocker
		for _, b := range one.rec.Blockers {
			if takes(b, d.What) && sel.picks(b.Key) && (one.key == "" || b.Key == one.key) {
				may = append(may, b)
			}
		}
		switch {
		case len(may) == 0 && sel.question != "" && one.key == "":
			continue // it asks something else
		case len(may) == 1:
			t.blocker = may[0]
		}
		found = append(found, t)
	}
	return found, nil
}

type namedRecord struct {
	rec pawl.RunRecord
	key pawl.Key
}

// namedRuns returns the runs that a file names. One that there is not is an error: then
// the file is another than was meant.
func (a *app) namedRuns(ctx context.Context, s *store, sel *selection, files *form.Reader) ([]namedRecord, error) {
	lines, err := sel.named(files)
	if err != nil {
		return nil, err
	}
	var all []namedRecord
	for _, one := range lines {
		run, err := a.findSurely(ctx, s, one.run)
		if err != nil {
			return nil, badInput("--runs %s: line %d: %v", form.FileName(sel.runs), one.line, pawl.AsError(err, pawl.ErrInput).Message)
		}
		rec, err := a.get(ctx, s, run.ID)
		if err != nil {
			return nil, err
		}
		if sel.stands(rec.Status) {
			all = append(all, namedRecord{rec, one.key})
		}
	}
	return all, nil
}

// findRuns returns the runs that a selection is about and that have not ended, the
// newest first.
func (a *app) findRuns(ctx context.Context, s *store, st steering, sel *selection) ([]*target, error) {
	var records []namedRecord
	if sel.runs != "" {
		var err error
		if records, err = a.namedRuns(ctx, s, sel, &form.Reader{Stdin: a.stdin}); err != nil {
			return nil, err
		}
	} else {
		runs, err := s.view.Summaries(ctx, pawl.RunFilter{Flow: sel.flow, Program: a.ownProgram()})
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			if r.Status == pawl.StatusDone || r.Status == pawl.StatusCanceled || !sel.stands(r.Status) {
				continue
			}
			rec, err := a.get(ctx, s, r.ID)
			if err != nil {
				return nil, err
			}
			records = append(records, namedRecord{rec: rec})
		}
	}
	var found []*target
	for _, one := range records {
		asks := slices.ContainsFunc(one.rec.Blockers, func(b pawl.Blocker) bool { return sel.picks(b.Key) })
		switch t := (&target{run: one.rec, decision: pawl.Decision{What: pawl.DecideCancel, Who: a.who(), Comment: st.Text}}); {
		case sel.question != "" && !asks:
		case one.key != "":
			return nil, badInput("--runs %s: step %q: cancel ends whole runs", form.FileName(sel.runs), one.key)
		case one.rec.Ended() && sel.runs == "":
		case one.rec.Ended():
			t.err = &pawl.Error{Kind: pawl.ErrConflict, Run: one.rec.ID, Message: fmt.Sprintf("it %s", view.Standing(one.rec.Status))}
			found = append(found, t)
		default:
			found = append(found, t)
		}
	}
	return found, nil
}
