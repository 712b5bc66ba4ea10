// Package checktest says, when a test ends, whether the journal that it used
// still keeps its promises.
//
//	j := checktest.Memory(t)
//
// What it looks for, run by run: numbers without a gap, an unbroken chain of
// hashes, times that never go back, at most one result for each step, a history
// that folds, a list of runs and an inbox that say what the fold says, a way on
// for every run that is at rest, no command that waits for a run that has ended,
// blobs that are there, sums of costs that are those of the runs; and in SQLite, pages,
// indexes and references that are whole.
package checktest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Memory returns a new journal in memory that is checked when the test ends.
func Memory(t testing.TB) *journal.Memory {
	m := journal.NewMemory()
	AtEnd(t, m)
	return m
}

// AtEnd has the journal checked when the test ends, unless it is closed by then:
// cleanups run backwards, so the one that closes it is to be registered before.
func AtEnd(t testing.TB, j journal.Journal) {
	t.Helper()
	t.Cleanup(func() {
		if _, err := j.Runs(context.Background(), pawl.RunFilter{Limit: 1}); err != nil {
			return
		}
		Check(t, j)
	})
}

// Check checks a journal now. It may be used meanwhile.
func Check(t testing.TB, j journal.Journal) {
	t.Helper()
	ctx := context.Background()
	for _, err := range Problems(ctx, j, func(row journal.Row, events []pawl.Event) error {
		if err := summary(row, events); err != nil {
			return err
		}
		return people(ctx, j, row, events)
	}) {
		t.Error(err)
	}
	if err := costs(ctx, j); err != nil {
		t.Error(err)
	}
}

// CheckStored is Check for a journal that no engine wrote: it leaves out what
// the events say, which is what the test made them say.
func CheckStored(t testing.TB, j journal.Journal) {
	t.Helper()
	for _, err := range Problems(context.Background(), j, nil) {
		t.Error(err)
	}
}

// Problems returns all that is wrong. What it is given is asked of every run too.
func Problems(ctx context.Context, j journal.Journal, more func(journal.Row, []pawl.Event) error) (all []error) {
	if whole, ok := j.(interface{ Check(context.Context) error }); ok {
		if err := whole.Check(ctx); err != nil {
			all = append(all, err)
		}
	}
	rows, err := j.Runs(ctx, pawl.RunFilter{})
	if err != nil {
		return append(all, err)
	}
	for _, row := range rows {
		if err := run(ctx, j, row, more); err != nil {
			all = append(all, fmt.Errorf("run %s: %w", row.ID, err))
		}
	}
	return all
}

// run checks the run up to the event that its row knows of: there may be more by
// now.
func run(ctx context.Context, j journal.Journal, row journal.Row, more func(journal.Row, []pawl.Event) error) error {
	events, err := j.Read(ctx, row.ID, 0, 0)
	if err != nil {
		return err
	}
	if pawl.Seq(len(events)) < row.LastSeq {
		return fmt.Errorf("%d events, the list of runs knows of %d", len(events), row.LastSeq)
	}
	events = events[:row.LastSeq]
	if err := journal.Verify(events); err != nil {
		return err
	}
	last := events[len(events)-1]
	if !row.UpdatedAt.Equal(last.At.Time) || !row.CreatedAt.Equal(events[0].At.Time) {
		return fmt.Errorf("the list of runs says it is of %v to %v, its events are of %v to %v", row.CreatedAt, row.UpdatedAt, events[0].At, last.At)
	}
	for i, e := range events {
		if i > 0 && e.At.Before(events[i-1].At.Time) {
			return fmt.Errorf("event %d is of %v, before the one ahead of it", e.Seq, e.At)
		}
	}
	if err := stored(ctx, j, events); err != nil {
		return err
	}
	if more == nil {
		return nil
	}
	return more(row, events)
}

// oneResult checks that no step has two, but for those that became void.
func oneResult(events []pawl.Event) error {
	results, misfits := map[pawl.Key]pawl.Seq{}, map[pawl.Key]bool{}
	for _, e := range events {
		ok, err := isResult(e)
		if err != nil {
			return err
		}
		switch e.Type {
		case pawl.EventBlocker:
			b, err := journal.Decode[journal.Blocker](e)
			if err != nil {
				return err
			}
			misfits[e.Key] = b.Kind == pawl.BlockerMismatch
		case pawl.EventDecision:
			b, err := journal.Decode[journal.Decision](e)
			if err != nil {
				return err
			}
			if misfits[e.Key] && (b.What == pawl.DecideRetry || b.What == pawl.DecideSupply) {
				delete(results, e.Key)
			}
			misfits[e.Key] = false
		}
		if before, twice := results[e.Key]; ok && twice {
			return fmt.Errorf("step %q has two results, events %d and %d", e.Key, before, e.Seq)
		}
		if ok {
			results[e.Key] = e.Seq
		}
	}
	return nil
}

func isResult(e pawl.Event) (bool, error) {
	switch e.Type {
	case pawl.EventAttempt:
		b, err := journal.Decode[journal.Attempt](e)
		return b.Outcome == pawl.OutcomeAccepted, err
	case pawl.EventTimer:
		b, err := journal.Decode[journal.Timer](e)
		return b.Fired, err
	case pawl.EventFailed:
		b, err := journal.Decode[journal.Failed](e)
		return b.Final, err
	case pawl.EventDecision:
		b, err := journal.Decode[journal.Decision](e)
		switch b.What {
		case pawl.DecideApprove, pawl.DecideReject, pawl.DecideAnswer, pawl.DecideSupply:
			return !b.Waits, err
		}
		return false, err
	}
	return false, nil
}

// stored checks that what requests refer to is there.
func stored(ctx context.Context, j journal.Journal, events []pawl.Event) error {
	blobs, ok := j.(journal.Blobs)
	if !ok {
		return nil
	}
	requests, err := journal.RequestsOf(events)
	if err != nil {
		return err
	}
	seen := map[string]bool{"": true}
	for _, e := range events {
		if e.Type != pawl.EventIntent {
			continue
		}
		b, err := journal.Decode[journal.Intent](e)
		if err != nil {
			return err
		}
		if b.Request == nil {
			continue
		}
		if _, err := requests.Messages(ctx, blobs, journal.Sent{Key: e.Key, Number: b.Number}); err != nil {
			return fmt.Errorf("event %d: %w", e.Seq, err)
		}
		for _, digest := range append([]string{b.Request.Schema}, b.Request.Messages...) {
			if seen[digest] || !strings.HasPrefix(digest, "sha256:") {
				continue
			}
			seen[digest] = true
			data, err := blobs.Blob(ctx, digest)
			if err != nil {
				return fmt.Errorf("event %d: %w", e.Seq, err)
			}
			if journal.Digest(data) != digest {
				return fmt.Errorf("event %d: blob %s has other bytes", e.Seq, digest)
			}
		}
	}
	return nil
}

// people checks what stands in a run's way: the inbox is the fold of the events,
// and a run at rest that has not ended has a way on. If the run has gone on since
// the events were read there is nothing to say.
func people(ctx context.Context, j journal.Journal, row journal.Row, events []pawl.Event) error {
	open, err := j.OpenBlockers(ctx, pawl.RunFilter{Prefix: row.ID})
	if err != nil {
		return err
	}
	commands, err := j.Pending(ctx, row.ID)
	if err != nil {
		return err
	}
	st, err := replay.Fold(events)
	if err != nil {
		return err
	}
	now, err := j.Runs(ctx, pawl.RunFilter{Prefix: row.ID})
	if err != nil || len(now) != 1 || now[0].LastSeq != row.LastSeq {
		return err
	}
	list := []pawl.Blocker{}
	for _, o := range open {
		b, err := replay.Opened(o.Event)
		if err != nil {
			return err
		}
		if o.Flow != row.Flow || o.Event.Run != row.ID {
			return fmt.Errorf("its blocker on %q is listed as one of run %s of %s", b.Key, o.Event.Run, o.Flow)
		}
		list = append(list, b)
	}
	want := slices.DeleteFunc(append([]pawl.Blocker{}, st.Blockers()...), func(b pawl.Blocker) bool { return b.Kind == pawl.BlockerEvent })
	if row.Imported { // nobody is asked here
		if len(list)+len(commands) > 0 {
			return fmt.Errorf("it was imported, and the inbox has %+v, %d commands", list, len(commands))
		}
		return nil
	}
	if !reflect.DeepEqual(list, want) {
		return fmt.Errorf("the inbox has %+v, its events say %+v", list, want)
	}
	if row.Summary.Ended() && len(commands) > 0 {
		return fmt.Errorf("it is %s and has %d commands that nobody will handle", row.Summary.Status, len(commands))
	}
	return wayOn(row, st.Blockers())
}

// wayOn checks that a run at rest says who or what makes it go on.
func wayOn(row journal.Row, open []pawl.Blocker) error {
	failed := false
	for _, b := range open {
		failed = failed || b.Kind.IsFailure()
		lifts := 0
		for _, a := range b.Actions {
			if a.Command != "" || (a.Budget != nil) != (a.Name == pawl.DecideRaise) {
				return fmt.Errorf("action %+v of its blocker on %q", a, b.Key)
			}
			if a.Name != pawl.DecideCancel {
				lifts++
			}
		}
		if lifts == 0 || b.Digest == "" || b.Question == "" {
			return fmt.Errorf("nothing lifts its blocker %+v", b)
		}
	}
	switch s := row.Summary; {
	case s.Status == pawl.StatusWaiting && len(open) == 0 && s.WakeAt.IsZero(),
		s.Status == pawl.StatusFailed && failed == s.Final:
		return fmt.Errorf("it is %s (%s), and nothing says what makes it go on", s.Status, s.Reason)
	}
	return nil
}

// summary checks that the list of runs says what the fold of the events says:
// while a claim has not made the run go on either how it was listed before or that it is
// executed.
func summary(row journal.Row, events []pawl.Event) error {
	if err := oneResult(events); err != nil {
		return err
	}
	st, err := replay.Fold(events)
	if err != nil {
		return err
	}
	listed, is := st.Listed(), journal.Summary{Status: st.Status, Reason: st.Reason, WakeAt: st.WakeAt, Final: st.Listed().Final}
	if row.Flow != st.Created.Flow || row.Summary != listed && row.Summary != is {
		return fmt.Errorf("it is listed as %s %+v, its events say %s %+v", row.Flow, row.Summary, st.Created.Flow, listed)
	}
	return nil
}
