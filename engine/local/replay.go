package local

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Miss is where flow code does something else than a run of it that was recorded.
type Miss struct {
	Key     pawl.Key // the step; empty: the run as a whole
	What    string   // what is otherwise, as a sentence about the step
	Changes []Change // what of it, as far as that can be told
}

// Change is a part of what a step asks, or of what a run came to, as it was recorded and as
// it is now. Is is empty if there is no such part any more, Was if there was none or
// nothing is recorded of it.
type Change struct{ What, Was, Is string }

// Replay executes flow code against what is recorded of a run, and against that alone: no
// model is called, nothing is done, nobody is asked and no time passes. What the run had
// come to, failures, rejections, deadlines and decisions included, comes to it as it came.
// It returns where the code does otherwise, and nothing if it does not: what it asks, and
// what comes of it, is as recorded, to the end or to where the run rests. events are the
// run's whole history, blobs what these name.
//
// The error says that there is nothing to replay: a history that cannot be read, or the
// run of another flow.
func Replay(ctx context.Context, f pawl.Flow, events []pawl.Event, blobs journal.Blobs) ([]Miss, error) {
	p, err := newReplaying(ctx, f, events, blobs)
	if err != nil {
		return nil, err
	}
	r := exec.New(ctx, p.deps(), p.flow, p.claim, p.now, nil, nil)
	p.came = r.Replay()
	if err := r.Err(); err != nil {
		return nil, pawl.AsError(err, pawl.ErrInternal)
	}
	return p.misses(), nil
}

// replaying is a run whose flow code is executed against its own history.
type replaying struct {
	ctx    context.Context // of reading blobs
	events []pawl.Event
	blobs  journal.Blobs
	flow   pawl.Flow
	was    *replay.State // as recorded, before its end
	now    *replay.State // the same, and what the code has added
	end    *replay.State // as recorded, with its end
	claim  *journal.Claim
	drafts *scratch
	came   exec.Replayed
}

func newReplaying(ctx context.Context, f pawl.Flow, events []pawl.Event, blobs journal.Blobs) (*replaying, error) {
	p := &replaying{ctx: ctx, events: events, blobs: blobs, drafts: &scratch{Journal: journal.NewMemory(), blobs: blobs}}
	var going []pawl.Event
	for _, ev := range events {
		if !isRest(ev) {
			going = append(going, ev)
		}
	}
	for st, of := range map[**replay.State][]pawl.Event{&p.was: going, &p.now: going, &p.end: events} {
		var err error
		if *st, err = replay.Fold(of); err != nil {
			return nil, err
		}
	}
	if name := p.was.Created.Flow; name != f.Name() {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Run: p.was.Run, Message: fmt.Sprintf("run %s is one of %s, not of %s", p.was.Run, name, f.Name())}
	}
	files, err := promptFiles(ctx, blobs, p.was)
	if err != nil {
		return nil, err
	}
	if p.flow, err = prompted(f, p.was, files, false); err != nil {
		return nil, err
	}
	last := events[len(events)-1]
	p.claim = &journal.Claim{Run: last.Run, Epoch: 1, Seq: last.Seq, Hash: last.Hash, At: last.At}
	if p.was.LacksInput() {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Run: p.was.Run, Message: fmt.Sprintf("the file of run %s withholds its input", p.was.Run)}
	}
	for s := range p.now.InOrder() {
		if p.now.Lacks(s.Key) {
			s.Result = nil
		}
	}
	if p.now.Created.Secret == "" { // a file has none: addresses are not those that were recorded, but there are some
		p.now.Created.Secret = "replayed"
	}
	p.now.Claimed(*p.claim)
	return p, nil
}

// isRest reports whether an event says that a run ends, rests or is taken up: what flow
// code does in between is as if it had gone on all the time.
func isRest(ev pawl.Event) bool {
	switch ev.Type {
	case pawl.EventClaimed, pawl.EventReleased, pawl.EventDone, pawl.EventCanceled:
		return true
	case pawl.EventFailed:
		return ev.Key == ""
	case pawl.EventDirective:
		d, err := journal.Decode[journal.Directive](ev)
		return err == nil && d.What != pawl.DirectResume
	}
	return false
}

// deps are those of a run that calls nothing.
func (p *replaying) deps() *exec.Deps {
	return &exec.Deps{
		Journal: p.drafts, Models: llm.Catalog{}, Prices: llm.Prices{}, Log: slog.New(slog.DiscardHandler),
		World: exec.Machine{Start: func(func()) {}}, Ended: func(*exec.Run) {},
	}
}

// scratch is a journal that stores nothing, and knows what it was given.
type scratch struct {
	journal.Journal
	blobs  journal.Blobs
	drafts []journal.Draft
}

func (s *scratch) Append(_ context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	events, next, err := journal.Seal(*c, b.Drafts)
	if err == nil {
		*c = next
		s.drafts = append(s.drafts, b.Drafts...)
	}
	return events, err
}

func (s *scratch) Blob(ctx context.Context, digest string) ([]byte, error) {
	return s.blobs.Blob(ctx, digest)
}

// misses compares what the code has done with what is recorded.
func (p *replaying) misses() (all []Miss) {
	add := func(key pawl.Key, what string, changes ...Change) { all = append(all, Miss{key, what, changes}) }
	for _, d := range p.drafts.drafts {
		switch b := d.Body.(type) {
		case journal.Note:
			if b.Stale != "" { // it has not been noted of these words
				changes := p.changes(d.Key)
				add(d.Key, rewording(changes), changes...)
			}
		case journal.Blocker:
			if b.Kind == pawl.BlockerMismatch {
				add(d.Key, strings.TrimPrefix(b.Question, "the journal no longer fits the code: "), p.changes(d.Key)...)
			}
		case journal.Scope:
			if p.was.Steps[d.Key] == nil && !b.Closed {
				add(d.Key, fmt.Sprintf("is a %s that the recorded run has not", b.Step.Kind))
			}
		}
	}
	for _, key := range p.came.Waits {
		switch rec, asked := p.was.Steps[key], p.came.Asked[key]; {
		case p.was.Lacks(key):
			add(key, "has a result that the file withholds: what comes behind it cannot be told")
		case rec == nil || rec.Head.Kind == "":
			add(key, fmt.Sprintf("is a step (%s) that the recorded run has not", asked.Head.Kind), p.changes(key)...)
		case rec.Result == nil && !p.isSame(rec, asked):
			add(key, "asks something else than in the recorded run", p.changes(key)...)
		}
	}
	all = append(all, p.outcome(len(all) > 0)...)
	if e := p.came.Ending; len(all) == 0 || e != nil && (e.Failure == nil || e.Failure.Kind != pawl.ErrMismatch) {
		for _, key := range p.came.Unused {
			if !slices.Contains(p.unused(), key) {
				add(key, "is recorded, and not asked for any more")
			}
		}
	}
	return all
}

// rewording says how a step asks otherwise for the same.
func rewording(changes []Change) string {
	typed := slices.ContainsFunc(changes, func(c Change) bool { return c.What == answerType })
	switch {
	case typed && len(changes) == 1:
		return "asks for another type of answer"
	case typed || len(changes) == 0:
		return "asks in other words, or for another type of answer"
	}
	return "asks in other words"
}

func (p *replaying) isSame(rec *replay.Step, asked exec.Asked) bool {
	if asked.Wait != nil {
		return replay.WaitDigest(*asked.Wait) == rec.Head.Digest
	}
	_, same := p.was.IsSame(rec, asked.Step)
	return same
}

// unused are the results of which the run itself has recorded that nothing asked for them.
func (p *replaying) unused() []pawl.Key {
	if done, err := journal.Decode[journal.Done](p.last()); p.last().Type == pawl.EventDone && err == nil {
		return done.Unused
	}
	return nil
}

func (p *replaying) last() pawl.Event { return p.events[len(p.events)-1] }

// outcome compares how the run ended, or rests. missed says that something was otherwise
// before: then it is no wonder that the code did not come to the end.
func (p *replaying) outcome(missed bool) []Miss {
	was, is := p.recordedEnd(), p.newEnd()
	if was.how == is.how && (was.withheld || was.with == is.with) {
		return nil
	}
	if e := p.came.Ending; e != nil && e.Failure != nil && e.Failure.Kind == pawl.ErrMismatch {
		return []Miss{{Key: e.Failure.Step, What: strings.TrimPrefix(e.Failure.Message, "the journal no longer fits the code: ")}}
	}
	now := Change{is.part, "", is.text()}
	switch {
	case is.how == "" && missed:
		return nil
	case is.how == "":
		return []Miss{{What: fmt.Sprintf("the recorded run %s, and now the flow does not come to its end", was.how)}}
	case was.how == "":
		return []Miss{{What: fmt.Sprintf("the recorded run is %s, and now the flow %s", p.end.Status, is.how), Changes: []Change{now}}}
	case was.how != is.how:
		return []Miss{{What: fmt.Sprintf("the recorded run %s, and now it %s", was.how, is.how), Changes: []Change{now}}}
	}
	now.Was = was.text()
	what := fmt.Sprintf("the run %s with another %s", is.how, is.part)
	if now.Was == now.Is {
		return []Miss{{What: what + ", where it is sensitive"}}
	}
	return []Miss{{What: what, Changes: []Change{now}}}
}

// ended is how flow code ended; the zero value: it did not.
type ended struct {
	how, part, with string

	shown    string // of with, where that has what is sensitive; empty: all
	withheld bool   // nobody knows with what
}

// text is with what it ended, as it may be shown.
func (e ended) text() string { return cmp.Or(e.shown, e.with) }

func (p *replaying) recordedEnd() (e ended) {
	ev := p.last()
	for i := len(p.events) - 1; (ev.Type == pawl.EventReleased || ev.Type == pawl.EventClaimed) && i > 0; i-- {
		ev = p.events[i-1] // a failure that can be resumed is recorded before
	}
	switch ev.Type {
	case pawl.EventDone:
		b, _ := journal.Decode[journal.Done](ev) // it was folded
		e = p.isDone(b.Output, b.Reason)
	case pawl.EventCanceled:
		if b, _ := journal.Decode[journal.Canceled](ev); b.Who == "" {
			e = ended{how: "is canceled by its flow", part: "reason", with: b.Reason}
		}
	case pawl.EventFailed:
		if b, _ := journal.Decode[journal.Failed](ev); ev.Key == "" {
			e = hasFailed(b.Error.Message)
		}
	}
	e.withheld = ev.BodyDigest != ""
	return e
}

func (p *replaying) newEnd() ended {
	switch e := p.came.Ending; {
	case e == nil:
		return ended{}
	case e.Rejected != nil:
		return ended{how: "is canceled by its flow", part: "reason", with: replay.CutText(e.Rejected.Error())}
	case e.Failure != nil:
		return hasFailed(replay.FailureOf(e.Failure, e.Failure.Step).Message)
	default:
		return p.isDone(e.Output, e.Reason)
	}
}

func (p *replaying) isDone(output json.RawMessage, reason string) ended {
	text := func(output json.RawMessage) string {
		if reason == "" {
			return pretty(output)
		}
		return pretty(output) + "\n" + reason
	}
	e := ended{how: "is done", part: "output", with: text(output)}
	if s := p.flow.Describe().Output; s.Sensitive() {
		e.shown = text(s.Mask(output))
	}
	return e
}

func hasFailed(message string) ended { return ended{how: "fails", part: "error", with: message} }

// pretty is JSON for readers, in an order that is always the same.
func pretty(raw json.RawMessage) string {
	c, err := schema.Canonical(raw)
	if err != nil {
		return string(raw)
	}
	return indented(c)
}
