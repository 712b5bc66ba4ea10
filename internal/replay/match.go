package replay

import (
	"encoding/json"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/schema"
)

// Match is how what is recorded of a step fits what flow code asks for.
type Match struct {
	Err   *pawl.Error // it does not: the step stands still until a person says what counts
	Keep  bool        // beside Err: what is recorded may count all the same
	Stale string      // the digest of what is asked now, if that is not what was recorded, nor what was last noted

	// Value is what flow code gets in place of what is recorded: that with the
	// defaults of its type as it is now. nil: what is recorded.
	Value json.RawMessage
}

// MatchKind returns ErrMismatch if a step is recorded as of another kind than the
// flow asks for.
func MatchKind(key pawl.Key, recorded, asked pawl.Kind) *pawl.Error {
	if recorded == asked {
		return nil
	}
	return mismatch(key, fmt.Sprintf("step %q is recorded as %s, the flow now asks for %s", key, recorded, asked),
		"give the new step another name, or undo the change and resume, or start a new run")
}

// MatchFork is MatchKind for a scope, whose branches must be named in the same way.
func MatchFork(rec *Step, f host.Fork) *pawl.Error {
	if err := MatchKind(rec.Key, rec.Head.Kind, f.Kind); err != nil {
		return err
	}
	names := map[bool]string{false: "by their place", true: "by identity"}
	if byID := f.IDs != nil; byID != rec.ByID {
		return mismatch(rec.Key, fmt.Sprintf("the items of %q are recorded %s, the flow now names them %s", rec.Key, names[rec.ByID], names[byID]),
			"give the map another name, or undo the change and resume, or start a new run")
	}
	return nil
}

func mismatch(key pawl.Key, what, hint string) *pawl.Error {
	return &pawl.Error{Kind: pawl.ErrMismatch, Step: key, Message: "the journal no longer fits the code: " + what, Hint: hint}
}

// MatchStep says how a recorded result fits the step that flow code asks for now,
// which is about data, see StepData; data is only called if they are not the same. A
// result about other data is the answer to
// another question. A failure fits if the flow takes it as a value, which is what try
// says. A changed answer type must still accept what is recorded. strict turns every
// changed request into a mismatch.
func (st *State) MatchStep(rec *Step, s host.Step, data func() json.RawMessage, try, strict bool) Match {
	if rec.Result.Failure != nil && !try {
		data() // of what stands still it is recorded
		return rec.failed()
	}
	now, same := st.IsSame(rec, s)
	if same {
		return Match{}
	}
	var answers *schema.Schema
	if s.Ask != nil {
		answers = s.Ask.Schema
	}
	return rec.changed(now, data(), answers, rec.Result.Value, strict)
}

// failed is how a failure fits that the flow does not take as a value any more.
func (s *Step) failed() Match {
	return Match{Err: mismatch(s.Key, fmt.Sprintf("the flow took the failure of step %q as a value, and no longer does (%s)", s.Key, s.Result.Failure),
		"use the Try form again and resume, or retry the step")}
}

// MatchWait is MatchStep for a wait.
func (st *State) MatchWait(rec *Step, w host.Wait, try, strict bool) Match {
	if rec.Result.Failure != nil && !try {
		return rec.failed()
	}
	now := WaitDigest(w)
	if rec.Head.Digest == "" || now == rec.Head.Digest {
		return Match{}
	}
	if w.Kind != pawl.KindApprove {
		return rec.changed(now, WaitData(w), w.Schema, rec.Result.Value, strict)
	}
	var v pawl.Approval[json.RawMessage]
	json.Unmarshal(rec.Result.Value, &v) // at worst there is no value, which will not fit
	m := rec.changed(now, WaitData(w), w.Schema, v.Value, strict)
	if m.Err != nil { // nobody has seen what is proposed now
		m.Keep, m.Err.Hint = false, "undo the change and resume, or retry the step: it is asked again"
	}
	if m.Value != nil {
		v.Value = m.Value
		m.Value = verdict(v)
	}
	return m
}

// FillVerdict returns an approval's result with the defaults of its value's type as that
// is now, which must accept the value.
func FillVerdict(v pawl.Approval[json.RawMessage], s *schema.Schema) (json.RawMessage, error) {
	filled, err := s.Check(v.Value)
	if err != nil {
		return nil, err
	}
	v.Value = filled
	return verdict(v), nil
}

// IsSame returns the digest of what a step asks now, and whether it is the
// recorded one, whichever of the run's models that was asked of. An older program may
// have recorded it with a limit of tokens: the one that is set now or, if that has
// changed, the one that was sent first.
func (st *State) IsSame(rec *Step, s host.Step) (now string, same bool) {
	if rec.Head.Digest == "" {
		return "", true
	}
	if _, same := st.sameAsOf(rec, s); same {
		return rec.Head.Digest, true
	}
	for _, m := range st.Models {
		if now := Digest(s, m.For(s)); now == rec.Stale { // noted before, maybe of an earlier model
			return now, false
		}
	}
	return Digest(s, st.Model().For(s)), false
}

// sameAsOf reports whether what a step asks now is what is recorded, and of which of the
// run's models that was asked.
func (st *State) sameAsOf(rec *Step, s host.Step) (of Model, same bool) {
	limits := []int{0}
	if s.Ask != nil {
		limits = []int{0, s.Ask.MaxTokens, rec.firstLimit}
	}
	for _, limit := range limits {
		for _, m := range st.Models {
			if digest(s, m.For(s), limit) == rec.Head.Digest {
				return m, true
			}
		}
	}
	return of, false
}

// changed is how a recorded result fits whose request is no longer the same.
func (s *Step) changed(now string, data json.RawMessage, answers *schema.Schema, value json.RawMessage, strict bool) Match {
	fields, other := otherData(s.Head.Data, data)
	var filled json.RawMessage
	if answers != nil && s.Result.Failure == nil {
		var err error
		if filled, err = answers.Check(value); err != nil {
			m := mismatch(s.Key, fmt.Sprintf("the recorded answer of step %q does not fit its answer type: %v", s.Key, err),
				"undo the change of the type and resume, or retry the step")
			m.Err = err
			return Match{Err: m}
		}
	}
	switch {
	case other:
		hint := "undo the change and resume, or retry the step, or keep what is recorded"
		if s.Head.Kind == pawl.KindDo {
			hint += "; retried, it is done once more, with a new idempotency key"
		}
		return Match{Keep: true, Err: mismatch(s.Key, fmt.Sprintf("what step %q is about has changed since its result was recorded (%s)", s.Key, fields), hint)}
	case strict:
		return Match{Keep: true, Err: mismatch(s.Key, fmt.Sprintf("the prompt, input or answer type of step %q has changed since its result was recorded (%.15s, now %.15s)", s.Key, s.Head.Digest, now),
			"undo the change, or go on without strict to keep the recorded result, or retry the step")}
	case s.Stale == now:
		return Match{Value: filled}
	}
	return Match{Stale: now, Value: filled}
}
