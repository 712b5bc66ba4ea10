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
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
)

// answerTo is what the people of random programs decide about a blocker: it
// follows from its key. About what has a deadline nobody decides in time.
func answerTo(b pawl.Blocker) (d pawl.Decision, ok bool) {
	d = pawl.Decision{Key: b.Key, Who: "anna", Digest: b.Digest}
	h := hash(string(b.Key))
	value := json.RawMessage(fmt.Sprintf(`{"title":"%x%s","words":1}`, h, markIn(b.Question+string(b.Proposal))))
	switch {
	case b.Deadline != nil:
		return d, false
	case b.Kind == pawl.BlockerInput:
		d.What, d.Value = pawl.DecideAnswer, value
	case b.Kind == pawl.BlockerEvent:
		d.What, d.Value = pawl.DecideAnswer, eventOf(b.Key)
	case b.Kind == pawl.BlockerFailure && b.Key != "":
		d.What = pawl.DecideRetry
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

// eventOf is what programs deliver for a step: it follows from its key.
func eventOf(key pawl.Key) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"title":"event %x","words":1}`, hash(string(key))))
}

// markIn returns what a person is asked about.
func markIn(shown string) string {
	if _, rest, found := strings.Cut(shown, "<"); found {
		mark, _, _ := strings.Cut(rest, ">")
		return "<" + mark + ">"
	}
	return ""
}

// sayWhatCounts decides about the mismatches of a run, most of them so that the step is
// asked anew, and remembers which results may be seen by another question.
func (w *world) sayWhatCounts(ctx context.Context, e *local.Engine, rec pawl.RunRecord) error {
	for _, b := range rec.Blockers {
		if b.Kind != pawl.BlockerMismatch || b.Key == "" {
			continue
		}
		d := pawl.Decision{Key: b.Key, Who: "anna", Digest: b.Digest, What: pawl.DecideRetry}
		h := hash(string(b.Key) + b.Digest)
		i := slices.IndexFunc(rec.Steps, func(s pawl.StepRecord) bool { return s.Key == b.Key })
		keep := slices.ContainsFunc(b.Actions, func(a pawl.Action) bool { return a.Name == pawl.DecideContinue })
		w.mu.Lock()
		switch kind := rec.Steps[i].Kind; {
		case h%4 == 0 && keep:
			d.What = pawl.DecideContinue
			w.keep(rec.Steps[i].Output)
			if at := rec.Steps[i].Attempts; len(at) > 0 && at[len(at)-1].Error != nil { // a failure that was taken as a value
				w.kept[at[len(at)-1].Error.Message] = true
			}
		case h%4 == 1 && (kind == pawl.KindAsk || kind == pawl.KindDo):
			d.What, d.Value = pawl.DecideSupply, json.RawMessage(fmt.Sprintf(`"supplied for %s"`, b.Key))
			w.keep(d.Value)
		default:
			w.again[string(b.Key)] = true
		}
		w.mu.Unlock()
		err := e.Decide(ctx, rec.ID, d)
		if err != nil && d.What == pawl.DecideSupply { // the flow does not ask for the step any more
			d.What, d.Value = pawl.DecideRetry, nil
			err = e.Decide(ctx, rec.ID, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keep lets an output be seen by another question.
func (w *world) keep(output json.RawMessage) {
	var text string
	var p post
	if json.Unmarshal(output, &text) != nil && json.Unmarshal(output, &p) == nil {
		text = p.Title
	}
	w.kept[text] = true
}

// isMismatched reports whether a run stands still until a person says which of its
// results count.
func isMismatched(rec pawl.RunRecord) bool {
	fits := func(b pawl.Blocker) bool { return b.Kind != pawl.BlockerMismatch || b.Key == "" }
	return len(rec.Blockers) > 0 && slices.ContainsFunc(rec.Blockers, func(b pawl.Blocker) bool { return !fits(b) }) &&
		!slices.ContainsFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Key == "" }) && rec.Status.AtRest() && rec.Status != pawl.StatusPaused
}

// asksSomebody reports whether a run stands still until somebody answers, a
// deadline passes or a timer runs out.
func asksSomebody(rec pawl.RunRecord) bool {
	if rec.Status != pawl.StatusWaiting && rec.Status != pawl.StatusFailed {
		return false
	}
	for _, b := range rec.Blockers {
		if b.Kind == pawl.BlockerApproval || b.Kind == pawl.BlockerInput || b.Kind == pawl.BlockerEvent || b.Kind == pawl.BlockerFailure && b.Key != "" {
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
	world *world
	rand  *rand.Rand
	done  sync.WaitGroup
	stop  context.CancelFunc
	wrong error
}

func (w *world) decides(ctx context.Context, e *local.Engine, j journal.Journal, id pawl.RunID, seed uint64) *decider {
	ctx, stop := context.WithCancel(ctx)
	d := &decider{e: e, j: j, clerk: local.New(&local.Options{Journal: j}), id: id, world: w, rand: rand.New(rand.NewPCG(seed, 2)), stop: stop}
	d.done.Go(func() {
		for ctx.Err() == nil && d.wrong == nil {
			select {
			case <-time.After(time.Duration(d.rand.IntN(150)) * time.Millisecond):
				d.look(ctx)
				d.deliver(ctx)
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
			switch item.Kind {
			case pawl.BlockerInput:
				bad.What = pawl.DecideAnswer
			case pawl.BlockerFailure:
				bad.What = pawl.DecideSupply
			}
			if err := d.e.Decide(ctx, d.id, bad); err != nil || !d.waits(ctx, item.Key) {
				d.check(err, false)
			}
		}
		if item.Kind == pawl.BlockerInput && d.rand.IntN(2) == 0 {
			d.answer(ctx, item.Blocker, what.Value)
		}
		if d.rand.IntN(3) == 0 {
			d.check(d.clerk.Record(ctx, d.id, what), true)
		}
		if d.rand.IntN(2) == 0 {
			d.check(d.e.Decide(ctx, d.id, what), true)
		}
	}
}

// answer answers a question as a program does, half of the time twice, and at first perhaps
// with what does not fit.
func (d *decider) answer(ctx context.Context, shown pawl.Blocker, value json.RawMessage) {
	v := view.New(d.e, d.j, nil)
	b, err := v.Open(ctx, d.id, shown.Key)
	if err != nil || b.Digest != shown.Digest {
		return
	}
	address, err := v.Hook(ctx, b)
	if err != nil || address == "" {
		d.check(err, err != nil) // that there is none is wrong
		return
	}
	if d.rand.IntN(4) == 0 {
		d.check(d.e.Deliver(ctx, address, "odd", json.RawMessage(`{"title":"T","words":-1}`)), false)
	}
	for range 1 + d.rand.IntN(2) {
		d.check(d.e.Deliver(ctx, address, "even", value), true)
	}
}

// deliver delivers the events whose addresses are known, most of them twice, and at first
// perhaps one that does not fit; some are answered by a person.
func (d *decider) deliver(ctx context.Context) {
	d.world.mu.Lock()
	addresses := slices.Clone(d.world.addresses)
	d.world.mu.Unlock()
	slices.Sort(addresses)
	for _, address := range slices.Compact(addresses) {
		var of journal.Callback
		of.Read(address)
		id, key := of.Run, of.Key
		if id != d.id || d.rand.IntN(3) == 0 {
			continue
		}
		if d.rand.IntN(4) == 0 {
			d.checkEvent(d.e.Deliver(ctx, address, "odd", json.RawMessage(`{"title":"T","words":-1}`)))
		}
		if d.rand.IntN(6) == 0 {
			d.checkEvent(d.e.Decide(ctx, id, pawl.Decision{Key: key, What: pawl.DecideAnswer, Who: "anna", Value: eventOf(key)}))
		}
		for range 1 + d.rand.IntN(2) {
			d.checkEvent(d.e.Deliver(ctx, address, "even", eventOf(key)))
		}
	}
}

// checkEvent is check where it is not known whether the flow awaits it yet.
func (d *decider) checkEvent(err error) { d.check(err, err == nil) }

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
		if d.Unused || d.Delivery != "" && d.Waits {
			continue // none was its result
		}
		switch d.What {
		case pawl.DecideRetry, pawl.DecideContinue, journal.Withdraw:
			seen[d.Key] = seen[d.Key] && d.What != pawl.DecideRetry
			continue
		case pawl.DecideSupply: // here of mismatches alone
		default:
			if seen[d.Key] {
				t.Errorf("step %q was decided twice", d.Key)
			}
		}
		seen[d.Key] = true
	}
	for _, s := range rec.Steps {
		if strings.Contains(string(s.Output), `"words":-1`) {
			t.Errorf("step %q has a result that does not fit: %s", s.Key, s.Output)
		}
	}
}
