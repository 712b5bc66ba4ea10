package temporal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/journal"
)

// ledger is the journal of the one run of a workflow, as far as exec needs it: in the
// workflow's memory, and each commit of it in Temporal's history. It is used by the
// workflow's goroutines, of which one executes at a time.
type ledger struct {
	run     journal.NewRun
	events  []pawl.Event
	last    journal.Claim
	blobs   map[string][]byte
	summary journal.Summary
	held    bool
	unsaved []pawl.Event // behind which nothing was committed yet: a claim

	most int              // bytes of an entry
	save func(entry, int) // keeps an entry of so many bytes in the history
	time func() pawl.Time // of claims
}

var _ exec.Store = (*ledger)(nil)

func newLedger(b beginning) *ledger {
	l := &ledger{run: b.Run, events: b.Events, blobs: map[string][]byte{}, summary: b.Run.Summary, held: !b.Rested}
	end := b.Events[len(b.Events)-1]
	l.last = journal.Claim{Run: b.Run.ID, Seq: end.Seq, Hash: end.Hash, At: end.At}
	for _, e := range b.Events {
		if e.Type == pawl.EventClaimed {
			l.last.Epoch++
		}
	}
	l.keep(b.Blobs)
	return l
}

func (l *ledger) keep(blobs [][]byte) {
	for _, data := range blobs {
		l.blobs[journal.Digest(data)] = data
	}
}

// claim claims the run for an execution of it. That is stored with its first commit.
func (l *ledger) claim(by string) (*journal.Claim, pawl.Event, error) {
	l.last.Epoch++
	events, last, err := journal.Seal(l.last, []journal.Draft{{Type: pawl.EventClaimed, At: l.time(), Body: journal.Claimed{Epoch: l.last.Epoch, By: by}}})
	if err != nil {
		return nil, pawl.Event{}, err
	}
	l.last, l.held = last, true
	l.events, l.unsaved = append(l.events, events...), append(l.unsaved, events...)
	c := l.last
	return &c, events[0], nil
}

// Append implements exec.Store.
func (l *ledger) Append(_ context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	if *c != l.last {
		return nil, &pawl.Error{Kind: pawl.ErrConflict, Run: c.Run, Message: "the run's claim is another one by now", Err: journal.ErrLost}
	}
	events, last, err := journal.Seal(l.last, b.Drafts)
	if err == nil {
		err = l.fits(events, b)
	}
	if err != nil {
		return nil, err
	}
	l.last = last
	*c = last
	l.events = append(l.events, events...)
	l.keep(b.Blobs)
	if b.Summary != nil {
		l.summary = *b.Summary
	}
	if b.Model != "" {
		l.run.Model = b.Model
	}
	l.held = !b.Release
	l.store(slices.Concat(l.unsaved, events), b)
	l.unsaved = nil
	return slices.Clone(events), nil
}

// fits refuses what is larger than Temporal keeps.
func (l *ledger) fits(events []pawl.Event, b journal.Batch) error {
	for _, e := range events {
		if len(e.Body) > l.most {
			what := "the run's end"
			if e.Key != "" {
				what = fmt.Sprintf("step %q", e.Key)
			}
			return &pawl.Error{Kind: pawl.ErrInput, Run: e.Run, Step: e.Key, Hint: "give the engine a store of blobs, or keep the value elsewhere and use a reference to it",
				Message: fmt.Sprintf("what is to be recorded of %s takes %d bytes, Temporal keeps at most %d in one value", what, len(e.Body), l.most)}
		}
	}
	for _, data := range b.Blobs {
		if len(data) > l.most/2 { // they are written in a longer form
			key := asks(b.Drafts, journal.Digest(data))
			return &pawl.Error{Kind: pawl.ErrInput, Run: l.run.ID, Step: key, Hint: "give the engine a store of blobs, or ask with less",
				Message: fmt.Sprintf("step %q: a message or a schema takes %d bytes, Temporal keeps at most %d of one", key, len(data), l.most/2)}
		}
	}
	return nil
}

// asks returns the step whose request has what a digest stands for; empty: none does.
func asks(drafts []journal.Draft, digest string) pawl.Key {
	for _, d := range drafts {
		if in, ok := d.Body.(journal.Intent); ok && in.Request != nil && (in.Request.Schema == digest || slices.Contains(in.Request.Messages, digest)) {
			return d.Key
		}
	}
	return ""
}

// store has a commit kept, in as many entries as it needs.
func (l *ledger) store(events []pawl.Event, b journal.Batch) {
	e, size := entry{}, 0
	room := func(n int) {
		if size += n; size > l.most && size > n {
			l.save(e, size)
			e, size = entry{}, n
		}
	}
	for _, data := range b.Blobs {
		room(len(data) * 4 / 3)
		e.Blobs = append(e.Blobs, data)
	}
	for _, ev := range events {
		room(len(ev.Body) + 256 + len(ev.Key))
		e.Events = append(e.Events, ev)
	}
	e.Summary, e.Model, e.Released = b.Summary, b.Model, b.Release
	l.save(e, size)
}

// Handled implements exec.Store. No command is stored here: see the update.
func (l *ledger) Handled(context.Context, int64) (bool, *journal.Failure, error) {
	return true, nil, nil
}

// Blob implements journal.Blobs.
func (l *ledger) Blob(_ context.Context, digest string) ([]byte, error) {
	data, ok := l.blobs[digest]
	if !ok {
		return nil, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no blob %q", digest)}
	}
	return slices.Clone(data), nil
}

// carried is the run as another execution begins with it.
func (l *ledger) carried() beginning {
	b := beginning{Run: l.run, Events: l.events, Rested: !l.held}
	b.Run.Summary = l.summary
	for _, digest := range slices.Sorted(maps.Keys(l.blobs)) {
		b.Blobs = append(b.Blobs, l.blobs[digest])
	}
	return b
}
