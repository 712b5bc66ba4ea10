package replay

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Record returns the run as every view shows it.
func (st *State) Record() pawl.RunRecord {
	r := pawl.RunRecord{
		ID: st.Run, Flow: st.Created.Flow, Who: st.Created.Who, Schedule: st.Created.Schedule, Status: st.Status, Reason: st.Reason, Model: st.Model().Name,
		Fallback: append([]string{}, st.Model().Fallback...),
		Prompts:  append([]pawl.Replaced{}, st.Prompts...),
		Input:    orNull(st.Created.Input), Output: orNull(st.output),
		CreatedAt: st.createdAt, UpdatedAt: st.Now, LastSeq: st.Seq,
		Guidance:  st.guidance(),
		Decisions: st.decisionRecords(),
		Steps:     make([]pawl.StepRecord, 0, len(st.order)),
		Blockers:  st.blockerRecords(),
	}
	c := st.Created
	r.Begun = pawl.Build{Program: c.Program, Version: c.Version, Fingerprint: c.Fingerprint, Parts: c.Parts}
	if b := c.Base; b != nil {
		r.Base = &b.Run
	}
	if f := st.failure(); f != nil && (st.Status == pawl.StatusFailed || st.Status == pawl.StatusCanceled) {
		r.Error = errorRecord(f)
		r.Error.Final = st.final
	}
	for _, s := range st.order {
		r.Steps = append(r.Steps, st.stepRecord(s))
	}
	r.Usage, r.Budget = st.Usage(), st.Account.Record()
	return r
}

// blockerRecords are the open blockers. One that opened without saying what its step
// is, as a failure does, is as sensitive as the step.
func (st *State) blockerRecords() []pawl.Blocker {
	all := append([]pawl.Blocker{}, st.blockers...)
	for i := range all {
		if s := st.Steps[all[i].Key]; s != nil && s.Head.Sensitive {
			all[i].Sensitive = true
		}
	}
	return all
}

func (st *State) stepRecord(s *Step) pawl.StepRecord {
	r := pawl.StepRecord{
		Key: s.Key, Name: s.Key.Name(), Kind: s.Head.Kind, Boundary: pawl.BoundaryOf(s.Head.Kind), Purpose: s.Head.Purpose, Source: s.Head.Source,
		Sensitive: s.Head.Sensitive, Status: st.stepStatus(s), Stale: s.Stale != "", Unused: s.Unused, Digest: s.Head.Digest,
		Attempts: make([]pawl.Attempt, 0, len(s.Attempts)), Output: orNull(nil), StartedAt: new(s.started),
	}
	if r.Purpose == "" && r.Name != "" { // a failure is all that is known of it
		r.Purpose = host.PurposeOf("", r.Name)
	}
	if !s.ended.IsZero() {
		r.EndedAt = new(s.ended)
	}
	if s.Result != nil && s.Result.Failure == nil {
		r.Output = orNull(s.Result.Value)
	}
	if s.From != nil {
		r.ReusedFrom, r.Saved = new(string(s.From.Run)+"/"+string(s.From.Key)), s.From.Usage
	}
	if s.Asked != nil {
		r.Proposal = s.Asked.Proposal
	}
	for i, a := range s.Attempts {
		r.Attempts = append(r.Attempts, attemptRecord(a, s.endings[i], s.carried[a.Number]))
	}
	return r
}

func (st *State) stepStatus(s *Step) pawl.StepStatus {
	_, failed := st.failures[s.Key]
	switch {
	case s.Head.Kind.Scope() && s.Closed:
		return pawl.StepDone
	case s.Head.Kind.Scope():
		return st.openScope(s)
	case s.Result != nil && s.Result.Failure != nil, failed:
		return pawl.StepFailed
	case s.Result != nil && s.From != nil:
		return pawl.StepReused
	case s.Result != nil:
		return pawl.StepDone
	case s.Open != nil && (st.Status.AtRest() || st.Status == pawl.StatusQueued):
		return pawl.StepRetrying // by whoever goes on: nobody knows what the call came to
	case s.Open != nil:
		return pawl.StepRunning
	case !s.Until.IsZero(), st.Blocked(s.Key):
		return pawl.StepWaiting
	case len(s.Attempts) > 0:
		return pawl.StepRetrying
	}
	return pawl.StepPending
}

// openScope is where a scope stands that is not closed. At rest it is what stands in
// the way within it.
func (st *State) openScope(s *Step) pawl.StepStatus {
	if !st.Status.AtRest() {
		return pawl.StepRunning
	}
	for key, f := range st.failures {
		if key == "" {
			key = f.Step
		}
		if isWithin(s.Key, key) {
			return pawl.StepFailed
		}
	}
	for key := range st.blocked {
		if isWithin(s.Key, key) {
			return pawl.StepWaiting
		}
	}
	if st.Status == pawl.StatusWaiting {
		return pawl.StepWaiting
	}
	return pawl.StepPending
}

// isWithin reports whether a key is that of a scope, or of something in it.
func isWithin(scope, key pawl.Key) bool {
	rest, ok := strings.CutPrefix(string(key), string(scope))
	return ok && (rest == "" || rest[0] == '/' || rest[0] == '[')
}

func attemptRecord(a journal.Attempt, ended pawl.Time, guidance []string) pawl.Attempt {
	r := pawl.Attempt{
		Number: a.Number, Model: a.Model, Outcome: a.Outcome, Raw: a.Raw, Uncounted: a.Uncounted, RetryAt: a.RetryAt,
		Gates: append([]pawl.GateResult{}, a.Gates...), Guidance: append([]string{}, guidance...), StartedAt: a.StartedAt,
		ResponseModel: a.ResponseModel, Requests: a.Requests,
	}
	if a.Model != "" {
		r.Requests = max(1, a.Requests)
	}
	if !ended.IsZero() {
		r.EndedAt = &ended
	}
	if a.Error != nil {
		r.Error = errorRecord(a.Error)
	}
	if a.Usage != nil {
		r.Batch, r.ServiceTier = a.Usage.Batch, a.Usage.ServiceTier
		var sum usageSum
		sum.add(&a)
		r.Usage = new(sum.record())
	}
	return r
}

func errorRecord(f *journal.Failure) *pawl.ErrorRecord {
	return &pawl.ErrorRecord{Kind: f.Kind, Message: f.Message, Hint: f.Hint, Step: f.Step}
}

// usageSum adds up attempts. An answer whose usage nobody reported, be it of use or
// not, makes the sums unknown; one whose cost is not known, and an outcome that nobody saw, that
// of the cost.
type usageSum struct {
	calls   int64
	tokens  llm.Usage
	known   bool
	missing bool

	usd      float64
	saved    float64
	priced   bool
	unpriced bool
}

func (s *usageSum) add(a *journal.Attempt) {
	if a.Model == "" {
		return
	}
	t := a.Took()
	s.calls += t.Calls
	s.known = s.known || a.Usage != nil
	s.missing = s.missing || t.Unmetered > 0 && a.Outcome != pawl.OutcomeUnknown
	s.tokens.InputTokens = plus(s.tokens.InputTokens, t.InputTokens)
	s.tokens.OutputTokens = plus(s.tokens.OutputTokens, t.OutputTokens)
	s.tokens.CachedTokens = plus(s.tokens.CachedTokens, t.CachedTokens)
	s.tokens.CacheWriteTokens = plus(s.tokens.CacheWriteTokens, t.CacheWriteTokens)
	s.saved += a.CacheSavedUSD
	s.priced = s.priced || a.CostUSD != nil
	s.unpriced = s.unpriced || t.Unpriced > 0
	s.usd += t.USD
}

// plus adds up counts. Older journals have any that a provider reported.
func plus(a, b int64) int64 {
	if sum := a + b; (sum > a) == (b > 0) {
		return sum
	}
	return math.MaxInt64
}

// record is the sum as UsageRecord.Plus has it, which is asked once, since runs are long.
func (s *usageSum) record() pawl.UsageRecord {
	u := pawl.UsageRecord{ModelCalls: s.calls, CacheWriteTokens: s.tokens.CacheWriteTokens, CacheSavedUSD: s.saved}
	if (s.known || s.calls == 0) && !s.missing {
		t := s.tokens
		u.InputTokens, u.OutputTokens, u.CachedTokens = &t.InputTokens, &t.OutputTokens, &t.CachedTokens
	}
	if (s.priced || s.calls == 0) && !s.unpriced {
		u.CostUSD = &s.usd
	}
	return u.Plus(pawl.UsageRecord{InputTokens: new(int64), OutputTokens: new(int64), CachedTokens: new(int64), CostUSD: new(float64)})
}

func orNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}
