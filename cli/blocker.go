package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// openBlocker is an open blocker of a run as it is: not masked.
type openBlocker struct {
	pawl.Blocker
	run   pawl.RunRecord
	shape *schema.Schema // of the value that a decision may carry; nil: not known
	last  string         // the step's last answer that was turned down; empty: none
}

// openBlocker returns the blocker that a decision is about, if it may be decided
// so. Without a key it is the only one that such a decision lifts. name is a run as
// a.find takes it; s may be nil: no runs.
func (a *app) openBlocker(ctx context.Context, s *store, name string, d pawl.Decision) (*openBlocker, error) {
	rec, err := a.record(ctx, s, name)
	if err != nil {
		return nil, err
	}
	events, err := s.db.Read(ctx, rec.ID, 0, 0)
	if err != nil {
		return nil, err
	}
	st, err := replay.Fold(events)
	if err != nil {
		return nil, err
	}
	if d.Key == "" && !st.Ended() {
		if d.Key, err = a.onlyKey(rec, d); err != nil {
			return nil, err
		}
	}
	b, err := st.Decidable(d)
	if err != nil {
		inTheWay := d.Key
		if b.Kind != "" {
			inTheWay = b.Key
		}
		return nil, a.refused(rec, inTheWay, err)
	}
	o := &openBlocker{Blocker: b, run: rec}
	return o, o.read(ctx, s, st.Steps[b.Key], events)
}

// onlyKey is the key of the one blocker that such a decision lifts. A command that
// is given twice must not decide on what comes next: the second of a name is to be
// named.
func (a *app) onlyKey(rec pawl.RunRecord, d pawl.Decision) (pawl.Key, error) {
	var lines []string
	var key pawl.Key
	for _, b := range a.shown(rec).Blockers {
		for _, act := range b.Actions {
			if act.Name == d.What && b.Key != "" {
				key = b.Key
				lines = append(lines, act.Command)
			}
		}
	}
	switch {
	case len(lines) == 1 && (d.Digest != "" || !strings.Contains(string(key), "#")):
		return key, nil
	case len(lines) == 1:
		return "", &ending{err: &pawl.Error{Kind: pawl.ErrInput, Run: rec.ID,
			Message: fmt.Sprintf("which step? %s of run %s is not the first of its name; say that it is meant", key, rec.ID)}, next: lines[0]}
	case len(lines) > 1:
		return "", &ending{err: &pawl.Error{Kind: pawl.ErrInput, Run: rec.ID,
			Message: fmt.Sprintf("which step? run %s has %s that %s lifts; name one of them", rec.ID, term.Count(int64(len(lines)), "blocker"), d.What)},
			next: strings.Join(lines, "\n")}
	}
	message := fmt.Sprintf("run %s %s, and nothing in it waits for %s", rec.ID, standing(rec.Status), d.What)
	e := &pawl.Error{Kind: pawl.ErrConflict, Run: rec.ID, Message: message, Hint: a.command("show", string(rec.ID)) + " says how it stands"}
	if n := len(rec.Decisions); n > 0 {
		e.Message += "; the last decision was " + a.decisionLine(a.shown(rec).Decisions[n-1])
	}
	if len(rec.Blockers) > 0 {
		return "", a.refused(rec, rec.Blockers[0].Key, e)
	}
	return "", e
}

// refused adds to why a decision is refused what may be done instead.
func (a *app) refused(rec pawl.RunRecord, key pawl.Key, err error) error {
	e := *pawl.AsError(err, pawl.ErrConflict)
	if ended := rec.Status == pawl.StatusDone || rec.Status == pawl.StatusCanceled; ended && key == "" && len(rec.Decisions) > 0 {
		decisions := a.shown(rec).Decisions
		e.Message += "; the last decision was " + a.decisionLine(decisions[len(decisions)-1])
	}
	for _, b := range a.shown(rec).Blockers {
		if b.Key == key && len(b.Actions) > 0 {
			return &ending{err: &e, next: b.Actions[0].Command}
		}
	}
	if e.Hint == "" {
		e.Hint = a.command("show", string(rec.ID)) + " says how it stands"
	}
	return &e
}

// read finds out what the value of a decision may be.
func (o *openBlocker) read(ctx context.Context, s *store, step *replay.Step, events []pawl.Event) error {
	digest := ""
	switch {
	case step == nil:
		return nil
	case step.Asked != nil:
		digest = step.Asked.Schema
	}
	for _, ev := range events {
		if ev.Key != o.Key {
			continue
		}
		switch ev.Type {
		case pawl.EventIntent:
			in, err := journal.Decode[journal.Intent](ev)
			if err != nil {
				return err
			}
			if in.Request != nil {
				digest = in.Request.Schema
				if digest == "" {
					o.shape = textShape()
				}
			}
		case pawl.EventAttempt:
			at, err := journal.Decode[journal.Attempt](ev)
			if err != nil {
				return err
			}
			if at.Raw != nil {
				o.last = *at.Raw
			}
		}
	}
	if digest == "" {
		return nil
	}
	doc, err := s.db.Blob(ctx, digest)
	if err != nil {
		return err
	}
	if o.shape, err = schema.Parse(doc); err != nil {
		return fmt.Errorf("schema of step %q: %w", o.Key, err)
	}
	return nil
}

// textShape is the shape of an answer that is a text.
func textShape() *schema.Schema {
	s, err := schema.For[string]()
	if err != nil {
		panic(err) // a text has a shape
	}
	return s
}

// root is the shape's root; nil: not known.
func (o *openBlocker) root() *schema.Node {
	if o.shape == nil {
		return nil
	}
	return o.shape.Root()
}

// proposed reports whether there is a proposal.
func proposed(b pawl.Blocker) bool { return len(b.Proposal) > 0 && string(b.Proposal) != "null" }

// asksPerson reports whether a blocker asks something of a person, as failures do
// not.
func asksPerson(b pawl.Blocker) bool {
	return b.Kind != pawl.BlockerFailure && b.Kind != pawl.BlockerMismatch
}

// decisionLine says what was decided, by whom and when.
func (a *app) decisionLine(d pawl.Decision) string {
	s := string(d.What)
	if d.Key != "" {
		s = string(d.Key) + ": " + s
	}
	if d.Expired {
		s += ", since nobody decided in time,"
	} else {
		s += " by " + d.Who
	}
	s += " at " + d.At.In(a.zone).Format(time.DateTime)
	var more []string
	if d.What == pawl.DecideApprove && len(d.Value) > 0 && string(d.Value) != "null" {
		more = append(more, "with edits")
	}
	if d.Reason != "" {
		more = append(more, "reason "+d.Reason)
	}
	if len(more) > 0 {
		s += ", " + strings.Join(more, ", ")
	}
	if d.Comment != "" {
		s += ": " + d.Comment
	}
	return term.Plain(s)
}

// wanted is the value that a decision on it may carry.
func (o *openBlocker) wanted() form.Wanted {
	return form.Wanted{Key: o.Key, Shape: o.root(), Proposal: o.Proposal, Last: o.last}
}

// checked refuses a value that breaks the schema, as the run itself will.
func (b *openBlocker) checked(value json.RawMessage) error {
	if b.shape == nil || form.IsNone(value) {
		return nil
	}
	_, err := b.shape.Check(value)
	var bad *schema.CheckError
	if !errors.As(err, &bad) {
		return err
	}
	return badInput("the value for step %q is not accepted: %v", b.Key, err)
}

// takes reports whether a blocker may be lifted so.
func takes(b pawl.Blocker, what pawl.DecisionKind) bool {
	return slices.ContainsFunc(b.Actions, func(act pawl.Action) bool { return act.Name == what })
}
