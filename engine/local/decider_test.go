package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
)

// answerTo is what the people of random programs decide about a blocker: it
// follows from its key. About what has a deadline nobody decides in time.
func answerTo(b pawl.Blocker) (d pawl.Decision, ok bool) {
	d = pawl.Decision{Key: b.Key, Who: "anna", Digest: b.Digest}
	h := hash(string(b.Key))
	value := json.RawMessage(fmt.Sprintf(`{"title":"%x","words":1}`, h))
	switch {
	case b.Deadline != nil:
		return d, false
	case b.Kind == pawl.BlockerInput:
		d.What, d.Value = pawl.DecideAnswer, value
	case b.Kind != pawl.BlockerApproval:
		return d, false
	case h%3 == 0:
		d.What, d.Reason, d.Comment = pawl.DecideReject, "late", "no"
	case h%3 == 1:
		d.What, d.Value = pawl.DecideApprove, value
	default:
		d.What = pawl.DecideApprove
	}
	return d, true
}

// asksSomebody reports whether a run stands still until somebody answers, a
// deadline passes or a timer runs out.
func asksSomebody(rec pawl.RunRecord) bool {
	if rec.Status != pawl.StatusWaiting {
		return false
	}
	for _, b := range rec.Blockers {
		if b.Kind == pawl.BlockerApproval || b.Kind == pawl.BlockerInput {
			return true
		}
	}
	return slices.ContainsFunc(rec.Steps, func(s pawl.StepRecord) bool { return s.Kind == pawl.KindSleep && s.Status == pawl.StepWaiting })
}

// decider decides about a run at random moments, in its engine or from outside,
// twice or with values that do not fit, until it is stopped. It returns what has
// gone wrong.
type decider struct {
	e     *local.Engine
	j     journal.Journal
	clerk *local.Engine // has a handle of its own and executes nothing
	id    pawl.RunID
	rand  *rand.Rand
	done  sync.WaitGroup
	stop  context.CancelFunc
	wrong error
}

func decides(ctx context.Context, e *local.Engine, j journal.Journal, id pawl.RunID, seed uint64) *decider {
	ctx, stop := context.WithCancel(ctx)
	d := &decider{e: e, j: j, clerk: local.New(&local.Options{Journal: j}), id: id, rand: rand.New(rand.NewPCG(seed, 2)), stop: stop}
	d.done.Go(func() {
		for ctx.Err() == nil && d.wrong == nil {
			select {
			case <-time.After(time.Duration(d.rand.IntN(150)) * time.Millisecond):
				d.look(ctx)
			case <-ctx.Done():
			}
		}
	})
	return d
}

func (d *decider) look(ctx context.Context) {
	inbox, err := d.e.Inbox(ctx, pawl.RunFilter{Prefix: d.id})
	if err != nil {
		return
	}
	for _, item := range inbox {
		what, ok := answerTo(item.Blocker)
		if !ok || d.rand.IntN(3) == 0 {
			continue
		}
		if d.rand.IntN(3) == 0 {
			bad := what
			bad.What, bad.Reason, bad.Value = pawl.DecideApprove, "", json.RawMessage(`{"title":"T","words":-1}`)
			if item.Kind == pawl.BlockerInput {
				bad.What = pawl.DecideAnswer
			}
			if err := d.e.Decide(ctx, d.id, bad); err != nil || !d.waits(ctx, item.Key) {
				d.check(err, false)
			}
		}
		if d.rand.IntN(3) == 0 {
			d.check(d.clerk.Record(ctx, d.id, what), true)
		}
		if d.rand.IntN(2) == 0 {
			d.check(d.e.Decide(ctx, d.id, what), true)
		}
	}
}

// waits reports whether a decision about a step was kept until the flow asks: then it
// is not known yet whether it fits.
func (d *decider) waits(ctx context.Context, key pawl.Key) (waits bool) {
	rec, err := d.e.Get(ctx, d.id)
	if err != nil {
		return false
	}
	events, err := d.j.Read(ctx, rec.ID, 0, 0)
	if err != nil {
		return false
	}
	for _, ev := range events {
		if ev.Key != key || ev.Type != pawl.EventDecision {
			continue
		}
		b, err := journal.Decode[journal.Decision](ev)
		waits = waits || err == nil && b.Waits && strings.Contains(string(b.Value), "-1")
	}
	return waits
}

// check takes the answer to a decision: nobody else is there to be faster than
// oneself, but runs crash.
func (d *decider) check(err error, fits bool) {
	switch {
	case err == nil && fits, errors.Is(err, errCrash), errors.Is(err, pawl.ErrStopped), errors.Is(err, context.Canceled):
	case err != nil && strings.Contains(err.Error(), "crash"):
	case errors.Is(err, pawl.ErrConflict), errors.Is(err, pawl.ErrInput) && !fits:
	default:
		d.wrong = fmt.Errorf("a decision that fits (%v) got %w", fits, err)
		if err == nil {
			d.wrong = errors.New("a decision that does not fit was taken")
		}
	}
}

func (d *decider) end() error {
	d.stop()
	d.done.Wait()
	return d.wrong
}

// decidedOnce checks that no step has two decisions that are its result, and none a
// value that does not fit.
func decidedOnce(t *testing.T, rec pawl.RunRecord) {
	t.Helper()
	seen := map[pawl.Key]bool{}
	for _, d := range rec.Decisions {
		if d.What != pawl.DecideRetry && seen[d.Key] {
			t.Errorf("step %q was decided twice", d.Key)
		}
		seen[d.Key] = true
	}
	for _, s := range rec.Steps {
		if strings.Contains(string(s.Output), `"words":-1`) {
			t.Errorf("step %q has a result that does not fit: %s", s.Key, s.Output)
		}
	}
}
