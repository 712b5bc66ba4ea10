package view

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
)

// pair are two steps to be compared, by their places in the records; -1: there is none.
type pair struct{ a, b int }

// pairs says which steps of two runs belong together: where one run took the result over
// from the other, or both from a third, those; else those of one key.
func pairs(a, b *compared) []pair {
	ofA, ofB := make([]int, len(a.rec.Steps)), make([]int, len(b.rec.Steps))
	byKey, byOrigin := map[pawl.Key]int{}, map[string]int{}
	for i, s := range a.rec.Steps {
		ofA[i], byKey[s.Key] = -1, i
		for _, name := range origins(a, s) {
			byOrigin[name] = i
		}
	}
	take := func(i, j int) {
		if ofB[j] < 0 && ofA[i] < 0 && a.rec.Steps[i].Kind == b.rec.Steps[j].Kind {
			ofA[i], ofB[j] = j, i
		}
	}
	for j, s := range b.rec.Steps {
		ofB[j] = -1
		for _, name := range origins(b, s) {
			if i, ok := byOrigin[name]; ok {
				take(i, j)
			}
		}
	}
	for j, s := range b.rec.Steps {
		if i, ok := byKey[s.Key]; ok {
			take(i, j)
		}
	}
	return inOrder(a, b, ofA, ofB)
}

// origins are what a step and the one it was taken over from are known by: RUN/KEY.
func origins(c *compared, s pawl.StepRecord) []string {
	all := []string{string(c.rec.ID) + "/" + string(s.Key)}
	if s.ReusedFrom != nil {
		all = append(all, *s.ReusedFrom)
	}
	return all
}

// isReused reports whether one step's result was taken over from the other, or both from a
// third.
func isReused(a *compared, before pawl.StepRecord, b *compared, after pawl.StepRecord) bool {
	of := origins(b, after)
	return slices.ContainsFunc(origins(a, before), func(name string) bool { return slices.Contains(of, name) })
}

// inOrder lists all steps but scopes, in the order of b; what a has alone stands behind what
// was before it there.
func inOrder(a, b *compared, ofA, ofB []int) (all []pair) {
	next := 0 // of a: those before have been listed, if they are of a alone
	alone := func(until int) {
		for ; next < until; next++ {
			if ofA[next] < 0 && !a.rec.Steps[next].Kind.Scope() {
				all = append(all, pair{next, -1})
			}
		}
	}
	for j, i := range ofB {
		alone(i)
		if !b.rec.Steps[j].Kind.Scope() {
			all = append(all, pair{i, j})
		}
	}
	alone(len(ofA))
	return all
}

// stepDiff compares a pair of steps.
func stepDiff(a, b *compared, p pair) StepDiff {
	d := StepDiff{Result: Difference{Fields: []Field{}}, Sent: []SentDiff{}}
	shown := pawl.StepRecord{}
	if p.a >= 0 {
		d.A, shown, d.Change = a.step(p.a), a.shown.Steps[p.a], StepOnlyA
	}
	if p.b >= 0 {
		d.B, shown, d.Change = b.step(p.b), b.shown.Steps[p.b], StepOnlyB
	}
	d.Key, d.Kind, d.Purpose = shown.Key, shown.Kind, shown.Purpose
	var was, is value
	switch {
	case d.B == nil:
		was, is = a.result(p.a), value{null, null}
	case d.A == nil:
		was, is = value{null, null}, b.result(p.b)
	default:
		was, is = a.result(p.a), b.result(p.b)
	}
	d.Result = compare(was, is)
	if d.A == nil || d.B == nil {
		return d
	}
	before, after := a.rec.Steps[p.a], b.rec.Steps[p.b]
	if before.Digest != "" && after.Digest != "" {
		d.Asked = "same"
		if before.Digest != after.Digest {
			d.Asked = "changed"
		}
	}
	switch {
	case isReused(a, before, b, after):
		d.Change = StepReused
	case d.Result.Same && isDone(before) == isDone(after) && d.A.Problem == d.B.Problem &&
		isSameDecision(decisionOn(a.rec, before.Key), decisionOn(b.rec, after.Key)):
		d.Change = StepSame
	default:
		d.Change = StepChanged
	}
	return d
}

func isDone(s pawl.StepRecord) bool {
	return s.Status == pawl.StepDone || s.Status == pawl.StepReused
}

// result is what a step came to. Of an approval it is what was proposed, with the edits: the
// rest is the decision.
func (c *compared) result(i int) value {
	return value{resultOf(c.rec.Steps[i]), resultOf(c.shown.Steps[i])}
}

func resultOf(s pawl.StepRecord) json.RawMessage {
	var a pawl.Approval[json.RawMessage]
	if s.Kind == pawl.KindApprove && len(s.Output) > 0 && s.Output[0] == '{' && json.Unmarshal(s.Output, &a) == nil && len(a.Value) > 0 {
		return a.Value
	}
	return s.Output
}

func (c *compared) step(i int) *StepSide {
	s := c.shown.Steps[i]
	side := &StepSide{Key: s.Key, Status: s.Status, Attempts: len(s.Attempts), Saved: s.Saved, ReusedFrom: s.ReusedFrom}
	if folded := c.state.Steps[s.Key]; folded != nil {
		if u := folded.Usage(); u.ModelCalls > 0 {
			side.Usage = &u
		}
	}
	var took time.Duration
	for _, at := range s.Attempts {
		if at.EndedAt != nil {
			took += at.EndedAt.Sub(at.StartedAt.Time)
		}
		side.Model = at.Model
		if at.Error != nil && s.Status == pawl.StepFailed {
			side.Problem = at.Error.String()
		}
	}
	side.Seconds = took.Seconds()
	side.Decision = decisionOn(c.shown, s.Key)
	return side
}

// decisionOn is the last decision on a step that counts; nil: there is none.
func decisionOn(rec pawl.RunRecord, key pawl.Key) *pawl.Decision {
	for _, d := range slices.Backward(rec.Decisions) {
		if d.Key == key && !d.Unused {
			return &d
		}
	}
	return nil
}

// isSameDecision reports whether the same was decided, by the same person.
func isSameDecision(a, b *pawl.Decision) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.What == b.What && a.Who == b.Who && a.Reason == b.Reason && a.Comment == b.Comment && a.Expired == b.Expired
}
