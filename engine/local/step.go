package local

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// parking is a branch that waits for a step's result.
type parking struct {
	branch  *branch
	key     pawl.Key
	step    pawl.Step
	wait    *pawl.Wait       // not nil: it is a wait, and there is no step
	settled bool             // its result is drafted
	busy    bool             // an attempt is under way, or waits for its time or a slot
	need    *journal.Reserve // of an ask that the budget does not let leave now
	timer   *time.Timer      // of the wait for its time
}

func (p *parking) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}

// asked takes a step's recorded result or has it executed.
func (a *activation) asked(b *branch, s pawl.Step) {
	p := &parking{branch: b, key: b.names.Next(s.Name), step: s}
	rec, fits := a.recorded(p, s.Kind())
	if !fits {
		return
	}
	if rec == nil || rec.Result == nil {
		a.parked[p.key] = p
		a.begin(p)
		return
	}
	if rec.Result.Failure != nil && !s.Try && !b.try {
		a.fail(&pawl.Error{Kind: pawl.ErrMismatch, Step: p.key,
			Message: fmt.Sprintf("the journal no longer fits the code: the flow took the failure of step %q as a value, and no longer does (%s)", p.key, rec.Result.Failure),
			Hint:    "use the Try form again, or start a new run"}, "")
		return
	}
	if !a.checkStale(p, rec) {
		return
	}
	a.takeOrPark(p)
}

// recorded returns what is recorded under a key, nil if nothing is. If it is of
// another kind the run stops, and recorded reports false.
func (a *activation) recorded(p *parking, kind pawl.Kind) (rec *replay.Step, fits bool) {
	p.branch.waits = p
	rec = a.st.Steps[p.key]
	if rec != nil && rec.Head.Kind != "" && rec.Head.Kind != kind {
		a.mismatch(p.key, rec.Head.Kind, kind)
		return rec, false
	}
	return rec, true
}

// takeOrPark takes a recorded result if its turn has come, and otherwise waits
// for that.
func (a *activation) takeOrPark(p *parking) {
	if r, ok := a.script.Take(p.key); ok {
		a.give(p, r)
		a.runnable = append([]*branch{p.branch}, a.runnable...)
		return
	}
	a.parked[p.key] = p
}

// checkStale marks a recorded result whose request is no longer the same,
// whichever of the run's models it was asked of. A strict engine stops the run.
//
// A changed answer type must still accept what is recorded; if it does not, the
// run stops and checkStale reports false.
func (a *activation) checkStale(p *parking, rec *replay.Step) bool {
	if rec.Head.Digest == "" {
		return true
	}
	now, fits := a.digest(p, rec.Head.Digest)
	if fits {
		return true
	}
	if s := p.schema(); s != nil && rec.Result.Failure == nil {
		if _, err := s.Check(p.answer(rec.Result.Value)); err != nil {
			a.fail(&pawl.Error{Kind: pawl.ErrMismatch, Step: p.key, Err: err,
				Message: fmt.Sprintf("the journal no longer fits the code: the recorded answer of step %q does not fit its answer type: %v", p.key, err),
				Hint:    "undo the change of the type, or give the step another name so that it is asked anew, or start a new run"}, "")
			return false
		}
	}
	if a.e.strict {
		a.fail(&pawl.Error{Kind: pawl.ErrMismatch, Step: p.key,
			Message: fmt.Sprintf("the journal no longer fits the code: the prompt, input or answer type of step %q has changed since its result was recorded (%.15s, now %.15s)", p.key, rec.Head.Digest, now),
			Hint:    "undo the change, or go on without strict to keep the recorded result, or start a new run"}, "")
		return false
	}
	if !rec.Stale {
		rec.Stale = true
		a.draft(pawl.EventNote, p.key, journal.Note{Text: fmt.Sprintf("%s: its prompt, input or answer type has changed since its result was recorded; the recorded result is kept", p.key), Stale: now})
	}
	return true
}

// digest returns the digest of what the step asks now, and whether it is the
// recorded one, whichever of the run's models that was asked of.
func (a *activation) digest(p *parking, recorded string) (now string, fits bool) {
	if p.wait != nil {
		now = replay.WaitDigest(*p.wait)
		return now, now == recorded
	}
	for _, m := range a.st.Models {
		if now = replay.Digest(p.step, m.For(p.step)); now == recorded {
			return now, true
		}
	}
	return now, false
}

// schema is what the step's answer must have; nil: nothing in particular.
func (p *parking) schema() *schema.Schema {
	switch {
	case p.wait != nil:
		return p.wait.Schema
	case p.step.Ask != nil:
		return p.step.Ask.Schema
	}
	return nil
}

// answer is the part of a result that has the step's schema.
func (p *parking) answer(result json.RawMessage) json.RawMessage {
	if p.wait == nil || p.wait.Kind != pawl.KindApprove {
		return result
	}
	var v pawl.Verdict
	if json.Unmarshal(result, &v) != nil {
		return nil
	}
	return v.Value
}

// begin does what is next for a step, unless the run is holding.
func (a *activation) begin(p *parking) {
	if p.wait != nil {
		a.sleep(p)
		return
	}
	if p.busy || p.settled || a.holding() || a.st.Blocked(p.key) {
		return
	}
	if a.breaks(p) {
		a.draft(pawl.EventBlocker, p.key, journal.Blocker{Kind: pawl.BlockerBreakpoint, Step: new(a.head(p)),
			Question: "go on with " + string(p.key) + "?", Digest: a.head(p).Digest})
		return
	}
	if p.step.Ask != nil && a.refused != nil {
		if p.step.Try || p.branch.try {
			a.cannotFinish(p, a.refused)
		}
		return
	}
	plan := replay.Next(p.step, a.history(p.key))
	switch plan.Action {
	case replay.Fail:
		a.cannotFinish(p, plan.Err)
	case replay.Asked:
		a.draft(pawl.EventBlocker, p.key, journal.Blocker{Kind: pawl.BlockerUnknown,
			Question: plan.Err.Message + ": make it again?", Digest: journal.Digest([]byte(fmt.Sprint(p.key, plan.Number)))})
	case replay.Call:
		p.busy = true
		a.pending++
		if d := time.Until(plan.At.Time); d > 0 {
			p.timer = time.AfterFunc(d, func() { a.inbox.put(func() { a.slot(p) }) })
			return
		}
		a.slot(p)
	}
}

// breaks reports whether the run is to stop before the step. One that has begun is
// not stopped.
func (a *activation) breaks(p *parking) bool {
	if rec := a.st.Steps[p.key]; rec != nil && (rec.Passed || len(rec.Attempts) > 0) {
		return false
	}
	return a.st.Created.Step || slices.Contains(a.st.Created.Break, p.key)
}

// head is how the step presents itself.
func (a *activation) head(p *parking) journal.Step {
	return journal.Step{Kind: p.step.Kind(), Purpose: pawl.PurposeOf(p.step.Purpose, p.step.Name),
		Digest: replay.Digest(p.step, a.st.Model().For(p.step)), Sensitive: sensitive(p.step)}
}

func (a *activation) history(key pawl.Key) replay.History {
	if rec := a.st.Steps[key]; rec != nil {
		return rec.History
	}
	return replay.History{}
}

// restart begins every parked step that is not under way.
func (a *activation) restart() {
	for _, key := range slices.Sorted(maps.Keys(a.parked)) {
		if rec := a.st.Steps[key]; rec == nil || rec.Result == nil {
			a.begin(a.parked[key])
		}
	}
}

// idle ends an attempt's wait without making it.
func (a *activation) idle(p *parking) {
	p.busy = false
	a.pending--
}

// slot gets the attempt a place among the calls in flight, then lets it leave.
func (a *activation) slot(p *parking) {
	if a.finished {
		return
	}
	if p.step.Ask == nil {
		a.leave(p, func() {})
		return
	}
	l := a.e.limiter(a.st.Model().For(p.step))
	if l.try() {
		a.leave(p, l.release)
		return
	}
	a.e.calls.Go(func() {
		if l.wait(a.calls) == nil && !a.inbox.put(func() { a.leave(p, l.release) }) {
			l.release()
		}
	})
}

// leave announces an attempt in the journal and makes it.
func (a *activation) leave(p *parking, release func()) {
	a.idle(p)
	if a.finished || a.holding() || p.step.Ask != nil && a.refused != nil {
		release()
		return
	}
	if err := longRequest(p); err != nil {
		release()
		a.cannotFinish(p, err)
		return
	}
	h := a.history(p.key)
	plan := replay.Next(p.step, h)
	c := &call{a: a, p: p, number: plan.Number, model: a.st.Model().For(p.step), release: release}
	c.head = a.head(p)
	guides := a.st.Guides()
	var need *journal.Reserve
	if p.step.Ask != nil {
		c.messages = h.Messages(replay.Guided(p.step.Ask.Messages, guides))
		c.maxTokens = h.MaxTokens(p.step.Ask.MaxTokens)
		need = new(replay.Estimate(c.messages, p.step.Ask.Schema, c.maxTokens, a.e.prices, c.model))
		if !a.affords(c, need) {
			release()
			return
		}
	}
	p.busy, a.left = true, true
	a.inFlight++
	if p.step.Do != nil && p.step.Do.Repeatable {
		a.e.calls.Go(c.make)
		return
	}
	intent := journal.Intent{Step: c.head, Number: plan.Number, Try: plan.Try, Of: plan.Of, Why: plan.Why, Model: c.model}
	if p.step.Ask != nil {
		for _, g := range guides {
			intent.Guidance = append(intent.Guidance, g.Seq)
		}
		intent.Request, intent.Reserve = a.request(c), need
	}
	a.draft(pawl.EventIntent, p.key, intent)
	a.launches = append(a.launches, c)
}

// sensitive reports whether a step's result has a field that views must not show.
func sensitive(s pawl.Step) bool {
	if s.Do != nil {
		return s.Do.Sensitive
	}
	return s.Ask.Schema != nil && s.Ask.Schema.Sensitive()
}

// longRequest refuses a request that the journal could not keep.
func longRequest(p *parking) *pawl.Error {
	if p.step.Ask == nil {
		return nil
	}
	for _, m := range p.step.Ask.Messages {
		if len(m.Text()) < journal.MaxValueBytes/8 { // it fits even if every byte is escaped
			continue
		}
		if n := len(replay.Message(m)); n > journal.MaxValueBytes {
			return tooLong("a message of the request", n)
		}
	}
	return nil
}

func (a *activation) blob(b []byte) string {
	digest := journal.Digest(b)
	if !a.stored[digest] {
		a.stored[digest] = true
		a.blobs = append(a.blobs, b)
	}
	return digest
}

// came takes an attempt's outcome.
func (a *activation) came(c *call, at journal.Attempt, server time.Duration) {
	a.inFlight--
	c.p.busy = false
	if a.cut || a.finished {
		return // given up: its outcome stays unknown
	}
	if c.p.step.Do != nil && c.p.step.Do.Repeatable && c.number == 1 {
		at.Step = &c.head
	}
	if at.Outcome == pawl.OutcomeFailed {
		a.afterFailure(c, &at, server)
	}
	if at.Outcome == pawl.OutcomeAccepted {
		a.draftResult(pawl.EventAttempt, c.p.key, at)
		return
	}
	a.draft(pawl.EventAttempt, c.p.key, at)
	plan := replay.Next(c.p.step, a.history(c.p.key).With(at))
	if plan.Action == replay.Fail {
		a.cannotFinish(c.p, plan.Err)
		return
	}
	a.then(func() { a.begin(c.p) })
}

// afterFailure sets when the next attempt may leave, and what the failure means
// for other calls.
func (a *activation) afterFailure(c *call, at *journal.Attempt, server time.Duration) {
	at.RetryAt = a.history(c.p.key).RetryAt(at.Error.Kind, time.Now(), server, rand.Float64())
	switch kind := at.Error.Kind; {
	case kind == pawl.ErrorKind(llm.RateLimit) && at.RetryAt != nil:
		a.e.limiter(c.model).slow(at.RetryAt.Time)
	case kind == pawl.ErrorKind(llm.Auth), kind == pawl.ErrorKind(llm.Quota):
		a.refused = &pawl.Error{Kind: kind, Message: at.Error.Message, Hint: at.Error.Hint}
	}
}

// cannotFinish records that a step has come to its end without a result.
func (a *activation) cannotFinish(p *parking, err *pawl.Error) {
	f := journal.Failed{Error: failure(err, p.key)}
	if p.step.Try || p.branch.try {
		f.Final = true
		a.draftResult(pawl.EventFailed, p.key, f)
		return
	}
	a.draft(pawl.EventFailed, p.key, f)
}
