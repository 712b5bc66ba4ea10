package view

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// Blocker is an open blocker, for whoever decides on it.
type Blocker struct {
	pawl.Blocker
	Run    pawl.RunRecord // that it stands in the way of
	Schema *schema.Schema // of the value that a decision may carry; nil: not known

	recorded pawl.RunRecord // with its values
	events   []pawl.Event   // of the run, as recorded
	original json.RawMessage
	rejected string
	hooked   bool // a program may answer it
}

// Original is the proposal as it is, with its sensitive values: for whoever edits
// it, and not to be shown otherwise. It is null if there is none.
func (b *Blocker) Original() json.RawMessage { return b.original }

// Rejected is the step's last answer that was turned down, as it came, with its
// sensitive values: for whoever supplies a better one, and not to be shown
// otherwise. It is empty if there is none.
func (b *Blocker) Rejected() string { return b.rejected }

// Root is the root of the schema; nil: not known.
func (b *Blocker) Root() *schema.Node {
	if b.Schema == nil {
		return nil
	}
	return b.Schema.Root()
}

// Check refuses a value that breaks the schema, as the run itself will, and one that was
// made from what is shown and has lost what is not. Without a value there is nothing to
// check; of an approval null is no value.
func (b *Blocker) Check(value json.RawMessage) error {
	if len(value) == 0 || b.Kind == pawl.BlockerApproval && string(value) == "null" {
		return nil
	}
	err := mask.Blank(b.original, b.Proposal, value)
	if err == nil && b.Schema != nil {
		_, err = b.Schema.Check(value)
	}
	var bad *schema.CheckError
	if !errors.As(err, &bad) {
		return err
	}
	return &pawl.Error{Kind: pawl.ErrInput, Run: b.Run.ID, Step: b.Key, Message: fmt.Sprintf("the value for step %q is not accepted: %v", b.Key, err), Err: err}
}

// Refusal is why a decision cannot be taken, with what may be decided instead.
type Refusal struct {
	Err     *pawl.Error
	Run     pawl.RunRecord
	Instead []Instead      // may be empty
	Last    *pawl.Decision // the run's last decision, where that may explain it; nil: not so
}

// Instead is something that may be decided.
type Instead struct {
	Blocker pawl.Blocker
	Action  pawl.Action
}

func (r *Refusal) Error() string { return r.Err.Error() }
func (r *Refusal) Unwrap() error { return r.Err }

// Blocker returns the blocker that a decision is about, if it may be decided so.
// Without a key it is the only one that such a decision lifts. Where the decision
// cannot be taken the error is a *Refusal.
func (v *View) Blocker(ctx context.Context, id pawl.RunID, d pawl.Decision) (*Blocker, error) {
	b, st, m, err := v.deciding(ctx, id)
	if err != nil {
		return nil, err
	}
	if d.Key == "" && !st.Ended() {
		var refusal *Refusal
		if d.Key, refusal = onlyKey(b.Run, d); refusal != nil {
			return nil, refusal
		}
	}
	open, err := st.Decidable(d)
	if err != nil {
		inTheWay := d.Key
		if open.Kind != "" {
			inTheWay = open.Key
		}
		return nil, refuse(b.Run, inTheWay, masked(m, err))
	}
	return b, b.show(ctx, v.journal, open, st)
}

// Open returns the open blocker of a step, whoever looks at it; without a key that of the
// flow itself. If nothing is open there the error is ErrNotFound.
func (v *View) Open(ctx context.Context, id pawl.RunID, key pawl.Key) (*Blocker, error) {
	b, st, _, err := v.deciding(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, open := range b.recorded.Blockers {
		if open.Key == key {
			return b, b.show(ctx, v.journal, open, st)
		}
	}
	return nil, &pawl.Error{Kind: pawl.ErrNotFound, Run: id, Step: key, Message: fmt.Sprintf("nothing is open at step %q of run %s", key, id)}
}

// deciding returns a blocker of a run that is to be found yet, with the state of the run
// and its mask.
func (v *View) deciding(ctx context.Context, id pawl.RunID) (*Blocker, *replay.State, *mask.Mask, error) {
	rec, err := v.engine.Get(ctx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	events, err := v.journal.Read(ctx, id, 0, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	st, err := replay.Fold(events)
	if err != nil {
		return nil, nil, nil, err
	}
	rec.Blockers = st.Record().Blockers // which may have changed since
	if rec, err = v.proposed(ctx, rec, forecasts{}); err != nil {
		return nil, nil, nil, err
	}
	m := v.mask(rec)
	return &Blocker{Run: m.Record(rec), recorded: rec, events: events}, st, m, nil
}

// show makes it the one that is open, as it may be shown.
func (b *Blocker) show(ctx context.Context, blobs journal.Blobs, open pawl.Blocker, st *replay.State) error {
	i := slices.IndexFunc(b.Run.Blockers, func(shown pawl.Blocker) bool { return shown.Key == open.Key })
	b.Blocker, b.original, b.hooked = b.Run.Blockers[i], nil, st.Hooked(open.Key)
	if b.Kind == pawl.BlockerApproval { // what an input shows is no answer to begin with
		b.original = open.Proposal
	}
	return b.read(ctx, blobs, st.Steps[open.Key], b.events)
}

// onlyKey is the key of the one blocker that such a decision lifts. A command that
// is given twice must not decide on what comes next: what the same person has decided
// so before, and the flow asks again, is to be named.
func onlyKey(rec pawl.RunRecord, d pawl.Decision) (pawl.Key, *Refusal) {
	var may []Instead
	for _, b := range rec.Blockers {
		for _, act := range b.Actions {
			if act.Name == d.What && b.Key != "" {
				may = append(may, Instead{b, act})
			}
		}
	}
	refusal := func(format string, args ...any) *Refusal {
		return &Refusal{Run: rec, Instead: may, Err: &pawl.Error{Kind: pawl.ErrInput, Run: rec.ID, Message: fmt.Sprintf(format, args...)}}
	}
	switch {
	case len(may) == 1 && (d.Digest != "" || !decidedBefore(rec, may[0].Blocker.Key, d)):
		return may[0].Blocker.Key, nil
	case len(may) == 1:
		return "", refusal("is %s meant? %s has said %s before, and run %s asks again since; name the step", may[0].Blocker.Key, d.Who, d.What, rec.ID)
	case len(may) > 1:
		return "", refusal("which step? run %s has %d blockers that %s lifts; name one of them", rec.ID, len(may), d.What)
	}
	e := &pawl.Error{Kind: pawl.ErrConflict, Run: rec.ID, Message: fmt.Sprintf("run %s %s, and nothing in it waits for %s", rec.ID, Standing(rec.Status), d.What)}
	r := &Refusal{Err: e, Run: rec}
	if len(rec.Blockers) > 0 {
		r = refuse(rec, rec.Blockers[0].Key, e)
	}
	r.Last = lastDecision(rec)
	return "", r
}

// decidedBefore reports whether the same person has decided the same on a step of the
// same name that came before this one, as publish comes before publish#2.
func decidedBefore(rec pawl.RunRecord, key pawl.Key, d pawl.Decision) bool {
	name, _, again := strings.Cut(string(key), "#")
	return again && slices.ContainsFunc(rec.Decisions, func(was pawl.Decision) bool {
		before, _, _ := strings.Cut(string(was.Key), "#")
		return before == name && was.What == d.What && was.Who == d.Who
	})
}

// refuse adds to why a decision is refused what may be done about the blocker of a
// key.
func refuse(rec pawl.RunRecord, key pawl.Key, e *pawl.Error) *Refusal {
	r := &Refusal{Err: e, Run: rec}
	if rec.Ended() && key == "" {
		r.Last = lastDecision(rec)
	}
	for _, b := range rec.Blockers {
		if b.Key == key && len(b.Actions) > 0 {
			r.Instead = []Instead{{b, b.Actions[0]}}
			break
		}
	}
	return r
}

func lastDecision(rec pawl.RunRecord) *pawl.Decision {
	if len(rec.Decisions) == 0 {
		return nil
	}
	return &rec.Decisions[len(rec.Decisions)-1]
}

// read finds out what the value of a decision may be.
func (b *Blocker) read(ctx context.Context, blobs journal.Blobs, step *replay.Step, events []pawl.Event) error {
	digest := ""
	switch {
	case step == nil:
		return nil
	case step.Asked != nil:
		digest = step.Asked.Schema
	}
	for _, ev := range events {
		if ev.Key != b.Key {
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
					b.Schema = textSchema()
				}
			}
		case pawl.EventAttempt:
			at, err := journal.Decode[journal.Attempt](ev)
			if err != nil {
				return err
			}
			if at.Raw != nil {
				b.rejected = *at.Raw
			}
		}
	}
	if asked := step.Asked; asked != nil && asked.Kind == pawl.BlockerMismatch && asked.Step != nil { // by other code than sent that
		if digest, b.Schema = asked.Schema, nil; digest == "" && asked.Step.Kind == pawl.KindAsk {
			b.Schema = textSchema()
		}
	}
	if digest == "" {
		return nil
	}
	doc, err := blobs.Blob(ctx, digest)
	if err != nil {
		return err
	}
	if b.Schema, err = schema.Parse(doc); err != nil {
		return fmt.Errorf("schema of step %q: %w", b.Key, err)
	}
	return nil
}

// textSchema is the schema of an answer that is a text.
func textSchema() *schema.Schema {
	s, err := schema.For[string]()
	if err != nil {
		panic(err) // a text has a schema
	}
	return s
}

// Standing says where a run stands, as the end of a sentence.
func Standing(s pawl.Status) string {
	switch s {
	case pawl.StatusFailed:
		return "failed"
	case pawl.StatusCanceled:
		return "was canceled"
	}
	return "is " + string(s)
}
