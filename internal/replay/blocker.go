package replay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// Opened returns the blocker that an event opened, as it stood then.
func Opened(e pawl.Event) (pawl.Blocker, error) {
	b := pawl.Blocker{Key: e.Key, Since: e.At, Proposal: json.RawMessage("null"), Reasons: []string{}, NotBy: []string{}}
	var raise *pawl.Budget
	skips := false
	may := func(what pawl.DecisionKind) bool {
		switch what {
		case pawl.DecideSupply:
			return b.Key != "" // the flow itself has no result to give
		case pawl.DecideSkip:
			return skips
		}
		return true
	}
	switch e.Type {
	case pawl.EventFailed:
		body, err := journal.Decode[journal.Failed](e)
		if err != nil {
			return b, unreadable(e, err)
		}
		b.Kind, b.Question, b.Digest = pawl.BlockerFailure, body.Error.Message, journal.Digest(e.Body)
		skips = body.Try
		if body.Error.Kind == pawl.ErrMismatch {
			b.Kind = pawl.BlockerMismatch
			may = func(what pawl.DecisionKind) bool { return what == pawl.DecideRetry }
		}
	case pawl.EventBlocker:
		body, err := journal.Decode[journal.Blocker](e)
		if err != nil {
			return b, unreadable(e, err)
		}
		b.Kind, b.Question, b.Who, b.Digest, raise = body.Kind, body.Question, body.Who, body.Digest, body.Raise
		b.Unpriced, skips, b.Request = body.Unpriced, body.Try, body.Request
		b.Sensitive = body.Step != nil && body.Step.Sensitive
		if body.Proposal != nil {
			b.Proposal = body.Proposal
		}
		b.Reasons = append(b.Reasons, body.Reasons...)
		b.NotBy = append(b.NotBy, body.NotBy...)
		if !body.Deadline.IsZero() {
			b.Deadline = &body.Deadline
		}
		if body.Limit != nil {
			b.Limit = &pawl.LimitName{Flow: body.Limit.Flow, Per: string(body.Limit.Per)}
		}
		if body.Kind == pawl.BlockerBudget && body.Limit == nil {
			may = func(what pawl.DecisionKind) bool { return what != pawl.DecideRetry } // it would stand as before
		}
		if body.Kind == pawl.BlockerMismatch {
			may = func(what pawl.DecisionKind) bool {
				return what == pawl.DecideRetry || what == pawl.DecideContinue && body.Keep ||
					what == pawl.DecideSupply && body.Step != nil && body.Step.Kind != pawl.KindApprove
			}
		}
	default:
		return b, damaged(e, "opens no blocker")
	}
	b.Actions = actions(b.Kind, may, raise)
	return b, nil
}

// block opens a blocker, in place of one that is open on its key.
func (st *State) block(e pawl.Event) error {
	b, err := Opened(e)
	if err != nil {
		return err
	}
	st.lift(e.Key)
	st.blocked[e.Key] = true
	st.moved = st.moved || b.Kind != pawl.BlockerEvent && !st.stood.isAt(limitOf(b))
	st.blockers = append(st.blockers, b)
	if s := st.Steps[e.Key]; s != nil {
		s.turn(e, true)
	}
	return nil
}

// lift removes the blocker of a key, and returns its kind, empty if none was open.
func (st *State) lift(key pawl.Key) (kind pawl.BlockerKind) {
	st.blockers = slices.DeleteFunc(st.blockers, func(b pawl.Blocker) bool {
		if b.Key == key {
			kind = b.Kind
		}
		return b.Key == key
	})
	delete(st.blocked, key)
	if key == st.Account.Blocker {
		st.Account.Blocker, st.Account.AtLimit = "", false
	}
	return kind
}

// blocker: a step stands still until a person acts.
func (st *State) blocker(e pawl.Event, b journal.Blocker) error {
	if b.Kind == pawl.BlockerMismatch {
		st.failures[e.Key] = journal.Failure{Kind: pawl.ErrMismatch, Message: b.Question, Hint: b.Hint, Step: e.Key}
	} else if b.Step != nil {
		st.step(e, b.Step)
	}
	if s := st.Steps[e.Key]; s != nil {
		s.Asked, s.Until = &b, b.Deadline
		if waits[b.Kind] {
			s.asked = e.Seq
		}
		st.dropKept(s)
		if b.Kind == pawl.BlockerEvent {
			st.askedAnew(e.Key)
		}
	}
	err := st.block(e)
	if b.Kind == pawl.BlockerBudget {
		st.Account.Blocker, st.Account.AtLimit = e.Key, b.Limit != nil
	}
	return err
}

// decision: after a failure a new round begins, and the record of the old one
// stays; after an unknown outcome the round goes on. What a person approves,
// rejects, answers or supplies is the step's result, at once or when the flow asks.
// After a mismatch the recorded result is void, or it is kept and comes in the place of
// the decision.
func (st *State) decision(e pawl.Event, b journal.Decision) {
	s := st.Steps[e.Key]
	if s != nil && b.Step != nil { // it was set before the flow came to it
		st.step(e, b.Step)
	}
	listed := b.Delivery != "" && st.delivered(e, b)
	switch {
	case s == nil || s.Kept == nil || b.Waits:
	case !st.blocked[e.Key] || b.What == journal.Withdraw:
		st.decideKept(s, e, b)
		return
	case b.What != pawl.DecideRetry: // to retry looks once more at what is kept
		st.replaceKept(s)
	}
	if !listed {
		st.decisions = append(st.decisions, decisionOf(e.Key, b, e.At))
	}
	if b.Delivery != "" && b.Waits {
		st.rests(e)
		return // it lifts nothing
	}
	switch {
	case b.Budget == nil:
	case st.Account.AtLimit && e.Key == st.Account.Blocker:
		st.Account.allowance.limit = *b.Budget
	default:
		st.Account.Limit(*b.Budget)
	}
	if b.What == pawl.DecideRaise && e.Key == "" {
		st.rests(e)
		return // it lifts nothing
	}
	itself := st.triedItself(e, b)
	kind := st.lift(e.Key)
	st.moved = st.moved || kind != "" && kind != pawl.BlockerEvent && !itself
	delete(st.failures, e.Key)
	if s == nil {
		return
	}
	ended := s.ended
	s.ended = pawl.Time{}
	s.turn(e, false)
	if b.Waits {
		st.keep(s, &Kept{At: e.At, Decision: b})
		return
	}
	if kind == pawl.BlockerMismatch && b.What != journal.Withdraw && s.Asked != nil && s.Asked.Kind == kind && s.Asked.Step != nil {
		s.Head, s.asked = *s.Asked.Step, e.Seq // from now on it is about what the flow asks now
	}
	switch b.What {
	case pawl.DecideRetry:
		if kind == pawl.BlockerBudget {
			break // the round goes on
		}
		if s.Result != nil {
			s.anew(e)
			break
		}
		s.asked = e.Seq
		if s.Head.Kind == pawl.KindAwait {
			s.Asked = nil // it waits anew, for as long as the flow says
		}
		s.Answered = len(s.Attempts)
		if kind != pawl.BlockerUnknown {
			s.Round = len(s.Attempts)
		}
	case pawl.DecideContinue:
		if s.Result == nil {
			s.Passed = true
			break
		}
		kept := *s.Result // it comes where it was decided, behind all that the flow has seen
		kept.Seq, kept.At = e.Seq, e.At
		s.Result, s.Stale, s.ended = &kept, cmp.Or(s.Head.Digest, "withheld"), ended
	case pawl.DecideSkip:
		s.skip = new(decisionOf(e.Key, b, e.At))
	case journal.Withdraw:
		s.ended, s.Until = ended, pawl.Time{}
	case pawl.DecideApprove, pawl.DecideReject, pawl.DecideAnswer, pawl.DecideSupply:
		st.takeDecision(s, e, b, e.At)
	}
}

// decided is what flow code gets of a decision that was made at a time.
func decided(s *Step, at pawl.Time, b journal.Decision) json.RawMessage {
	if b.What == pawl.DecideAnswer || b.What == pawl.DecideSupply {
		return orNull(b.Value)
	}
	v := pawl.Approval[json.RawMessage]{Approved: b.What == pawl.DecideApprove, Value: b.Value, Edited: b.Value != nil,
		Reason: b.Reason, Comment: b.Comment, Who: b.Who, At: at, Expired: b.Expired}
	if !v.Edited && s.Asked != nil {
		v.Value = s.Asked.Proposal
	}
	return verdict(v)
}

// verdict is an approval's result as it is recorded.
func verdict(v pawl.Approval[json.RawMessage]) json.RawMessage {
	return encoded(schema.Marshal(v)) // raw JSON and strings
}

// waits are the blockers at which a step stands that is asked of somebody.
var waits = map[pawl.BlockerKind]bool{pawl.BlockerApproval: true, pawl.BlockerInput: true, pawl.BlockerEvent: true}

// allowed is what may be decided on a blocker of a kind, what it takes first.
var allowed = map[pawl.BlockerKind][]pawl.DecisionKind{
	pawl.BlockerApproval:   {pawl.DecideApprove, pawl.DecideReject},
	pawl.BlockerInput:      {pawl.DecideAnswer},
	pawl.BlockerEvent:      {pawl.DecideAnswer},
	pawl.BlockerFailure:    {pawl.DecideRetry, pawl.DecideSupply, pawl.DecideSkip},
	pawl.BlockerMismatch:   {pawl.DecideRetry, pawl.DecideContinue, pawl.DecideSupply},
	pawl.BlockerUnknown:    {pawl.DecideRetry, pawl.DecideSupply, pawl.DecideSkip},
	pawl.BlockerBudget:     {pawl.DecideRaise, pawl.DecideRetry},
	pawl.BlockerBreakpoint: {pawl.DecideContinue, pawl.DecideSupply},
}

// actions returns the ways to lift a blocker of a kind, of those that it may take.
// Cancel is always possible. raise are the limits that lift a budget blocker.
func actions(kind pawl.BlockerKind, may func(pawl.DecisionKind) bool, raise *pawl.Budget) []pawl.Action {
	var all []pawl.Action
	for _, what := range allowed[kind] {
		switch {
		case what == pawl.DecideRaise:
			all = append(all, pawl.Action{Name: what, Budget: raise})
		case may(what):
			all = append(all, pawl.Action{Name: what})
		}
	}
	return append(all, pawl.Action{Name: pawl.DecideCancel})
}

// Seen is a digest as people pass it on: its first digits.
func Seen(digest string) string {
	digits := strings.TrimPrefix(digest, "sha256:")
	return digits[:min(len(digits), 12)]
}

// Decidable returns the open blocker that a decision is about and whether it may
// be decided so. The error says what was decided before, by whom and when; with it
// comes the blocker that is in the way, if one is.
func (st *State) Decidable(d pawl.Decision) (pawl.Blocker, error) {
	refuse := func(kind pawl.ErrorKind, format string, args ...any) error {
		return &pawl.Error{Kind: kind, Run: st.Run, Step: d.Key, Message: fmt.Sprintf(format, args...)}
	}
	decided := st.decided(d.Key)
	i := slices.IndexFunc(st.blockers, func(b pawl.Blocker) bool { return b.Key == d.Key })
	switch {
	case st.Ended() && decided != "":
		return pawl.Blocker{}, refuse(pawl.ErrConflict, "run %s %s%s; %s", st.Run, st.Listed().Ending(), because(st.Reason), decided)
	case st.Ended():
		return pawl.Blocker{}, refuse(pawl.ErrConflict, "run %s %s%s", st.Run, st.Listed().Ending(), because(st.Reason))
	case i < 0 && decided != "":
		return pawl.Blocker{}, refuse(pawl.ErrConflict, "%s", decided)
	case i < 0:
		return pawl.Blocker{}, refuse(pawl.ErrConflict, "nothing stands in the way of %s", where(d.Key))
	case d.Key != "" && st.blocked[""]:
		flows := slices.IndexFunc(st.blockers, func(b pawl.Blocker) bool { return b.Key == "" })
		return st.blockers[flows], refuse(pawl.ErrConflict, "the flow itself stands still: %s", st.failures[""].Message)
	case st.cancel != nil:
		return pawl.Blocker{}, refuse(pawl.ErrConflict, "run %s is being canceled, as %s asked", st.Run, st.cancel.Who)
	}
	b := st.blockers[i]
	if d.Digest != "" && Seen(d.Digest) != Seen(b.Digest) {
		return b, refuse(pawl.ErrConflict, "what stands in the way of %s is not what was shown: it is %s now, since %s", where(d.Key), Seen(b.Digest), b.Since.Format("2006-01-02 15:04:05 MST"))
	}
	if why := Barred(b.NotBy, d.Who); why != "" {
		return b, refuse(pawl.ErrInput, "%s: %s", where(d.Key), why)
	}
	var names []string
	for _, a := range b.Actions {
		if a.Name != pawl.DecideCancel {
			names = append(names, string(a.Name))
		}
	}
	if !slices.Contains(names, string(d.What)) {
		return b, refuse(pawl.ErrInput, "%s waits for a decision of another kind: %s takes %s, not %s", where(d.Key), article(b.Kind), strings.Join(names, " or "), d.What)
	}
	if why := wrongReason(b, d); why != "" {
		return b, refuse(pawl.ErrInput, "%s", why)
	}
	return b, nil
}

// wrongReason says what is wrong with the reason of a rejection; empty: nothing. Of
// several reasons one is named, since what the flow makes of them may be for good.
func wrongReason(b pawl.Blocker, d pawl.Decision) string {
	reasons := strings.Join(b.Reasons, " or ")
	switch {
	case d.What != pawl.DecideReject, slices.Contains(b.Reasons, d.Reason), d.Reason == "" && len(b.Reasons) < 2:
		return ""
	case d.Reason == "":
		return fmt.Sprintf("%s is rejected with a reason: %s", where(d.Key), reasons)
	case len(b.Reasons) == 0:
		return fmt.Sprintf("reason %q: %s takes no reason, only a comment", d.Reason, where(d.Key))
	}
	return fmt.Sprintf("reason %q: %s takes %s", d.Reason, where(d.Key), reasons)
}

// Barred says why somebody may not decide where these may not; empty: they may.
func Barred(notBy []string, who string) string {
	who = strings.TrimSpace(who)
	switch {
	case len(notBy) == 0:
		return ""
	case who == "":
		return "it wants to know who decides, since not everybody may"
	case slices.ContainsFunc(notBy, func(n string) bool { return strings.EqualFold(strings.TrimSpace(n), who) }):
		return who + " may not decide it, the flow wants somebody else to"
	}
	return ""
}

// decided says who decided what and when about a key last; empty: nobody has.
func (st *State) decided(key pawl.Key) string {
	for _, was := range slices.Backward(st.decisions) {
		at := was.At.Format("2006-01-02 15:04:05 MST")
		switch {
		case was.Key != key, was.Unused:
		case was.Waits && !st.Ended():
			return fmt.Sprintf("%s was decided already: %s by %s at %s, and it waits to be asked", where(key), was.What, was.Who, at)
		case was.What == journal.Withdraw && st.Steps[key].Result == nil:
			return fmt.Sprintf("the flow does not ask for %s any more, since %s", where(key), at)
		default:
			return fmt.Sprintf("%s was decided already: %s by %s at %s", where(key), was.What, was.Who, at)
		}
	}
	return ""
}

func where(k pawl.Key) string {
	if k == "" {
		return "the flow"
	}
	return fmt.Sprintf("step %q", k)
}

func article(k pawl.BlockerKind) string {
	if strings.ContainsRune("aeiou", rune(k[0])) {
		return "an " + string(k)
	}
	return "a " + string(k)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// JudgeDecided checks the value that a decision carries against what the step
// wants: its schema, then every gate. The error is ErrInput and names the path
// that is wrong. value is what is to be recorded.
func JudgeDecided(key pawl.Key, s *schema.Schema, gates []host.Gate, value json.RawMessage) (json.RawMessage, error) {
	wrong := func(err error) error {
		return &pawl.Error{Kind: pawl.ErrInput, Step: key, Message: fmt.Sprintf("the value for step %q is not accepted: %v", key, err), Err: err}
	}
	if !json.Valid(value) {
		return nil, wrong(fmt.Errorf("it is not JSON"))
	}
	if s != nil {
		checked, err := s.Check(value)
		if err != nil {
			return nil, wrong(err)
		}
		value = checked
	}
	v := JudgeValue(host.Step{Gates: gates}, value)
	if !v.Accepted() {
		return nil, wrong(fmt.Errorf("%s", complaint(v.Gates)))
	}
	return value, nil
}
