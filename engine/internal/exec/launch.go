package exec

import (
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// stopPending ends an attempt's wait without making it.
func (r *Run) stopPending(w *waiting) {
	w.busy = false
	r.calls.pending--
}

// takeSlot gets the attempt a place among the calls in flight, then lets it leave.
func (r *Run) takeSlot(w *waiting) {
	if r.late {
		return
	}
	if w.step.Ask == nil {
		r.launch(w, func(Came) {})
		return
	}
	w.queued = r.deps.World.Now()
	l := r.deps.Limiter(w.model)
	if slot, ok := l.Try(); ok {
		r.launch(w, slot)
		return
	}
	r.deps.World.Go(func() {
		if slot, err := l.Wait(r.calls.ctx); err == nil && !r.mailbox.put(func() { r.launch(w, slot) }) {
			slot(Came{})
		}
	})
}

// launch announces an attempt in the journal and makes it.
func (r *Run) launch(w *waiting, slot Slot) {
	r.stopPending(w)
	if r.late || r.isHolding() {
		slot(Came{})
		return
	}
	plan := r.plan(w)
	if plan.Action != replay.Call || plan.Model != w.model { // its provider refuses the account by now
		slot(Came{})
		r.begin(w)
		return
	}
	if err := longRequest(w); err != nil {
		slot(Came{})
		r.failStep(w, err)
		return
	}
	h, other := r.history(w)
	c := &call{run: r, w: w, number: plan.Number, since: h.Since(plan.Number), model: plan.Model, slot: slot}
	c.head, c.other = r.head(w), other
	if rec := r.st.Steps[w.key]; rec != nil {
		c.anew = rec.Anew
	}
	if other {
		c.anew++
	}
	guides := r.st.Guides()
	if w.step.Ask != nil {
		c.messages, c.maxTokens = r.composed(w, h, c.model)
		if !r.affords(c) {
			slot(Came{})
			return
		}
	}
	w.busy, r.foreign = true, false
	r.calls.inFlight++
	c.repairs = h.IsTurnedDown()
	if w.step.Do != nil && w.step.Do.Repeatable {
		r.leave(c)
		return
	}
	intent := journal.Intent{Step: c.head, Number: plan.Number, Try: plan.Try, Of: plan.Of, Why: plan.Why, Model: c.model}
	if w.step.Ask != nil {
		for _, g := range guides {
			intent.Guidance = append(intent.Guidance, g.Seq)
		}
		intent.Request, intent.Reserve = r.request(c), c.need
	}
	r.batch.draft(pawl.EventIntent, w.key, intent)
	r.batch.launches = append(r.batch.launches, c)
}

// leave makes an attempt, beside the run's goroutine.
func (r *Run) leave(c *call) {
	c.w.patientSince = time.Time{}
	r.tellBegan(c)
	r.deps.World.Make(c)
}

// longRequest refuses a request, or gates, that the journal could not keep, before
// anything is paid.
func longRequest(w *waiting) *pawl.Error {
	names := 0
	for _, g := range w.step.Gates {
		names += len(g.Name) + len(`{"name":"","ok":false,"detail":""},`)
	}
	if names > limits.GateNames {
		return &pawl.Error{Kind: pawl.ErrFlow, Message: fmt.Sprintf("the names of its gates take %d bytes, at most %d are kept", names, limits.GateNames), Hint: "give gates shorter names"}
	}
	if w.step.Ask == nil {
		return nil
	}
	if n := len(w.step.Ask.Messages); n > limits.Messages {
		return &pawl.Error{Kind: pawl.ErrFlow, Message: fmt.Sprintf("the request has %d messages, at most %d are sent", n, limits.Messages), Hint: "put several into one"}
	}
	for _, m := range w.step.Ask.Messages {
		if len(m.Text()) < journal.MaxValueBytes/8 { // it fits even if every byte is escaped
			continue
		}
		if n := len(replay.Message(m)); n > journal.MaxValueBytes {
			return tooLong("a message of the request", n)
		}
	}
	return nil
}

// attemptDone takes an attempt's outcome.
func (r *Run) attemptDone(c *call, at journal.Attempt, server time.Duration) {
	r.calls.inFlight--
	c.w.busy = false
	if r.calls.gate == gateCut || r.late {
		return // given up: its outcome stays unknown
	}
	r.keepFirst(c)
	if c.w.step.Do != nil && c.w.step.Do.Repeatable && (c.number == 1 || c.other) {
		at.Step = &c.head
	}
	if at.Outcome == pawl.OutcomeFailed {
		r.afterFailure(c, &at, server)
	}
	r.batch.draft(pawl.EventAttempt, c.w.key, at)
	if at.Outcome == pawl.OutcomeAccepted {
		return
	}
	h, _ := r.history(c.w)
	plan := replay.Next(c.w.step, h.With(at), r.chain(c.w))
	if plan.Action == replay.Fail {
		r.failStep(c.w, plan.Err)
		return
	}
	r.batch.then(func() { r.begin(c.w) })
}

// afterFailure sets when the next attempt may leave and whether this one counts, and
// takes in what an ask's failure means for others of its provider.
func (r *Run) afterFailure(c *call, at *journal.Attempt, server time.Duration) {
	h, _ := r.history(c.w)
	kind := at.Error.Kind
	at.RetryAt = h.Of(c.model).RetryAt(c.w.step, kind, r.deps.World.Now(), server, r.deps.World.Chance())
	if c.w.step.Ask == nil {
		return // what its code uses is not what models use
	}
	if h.Spares(*at, c.w.queued, r.deps.Limiter(c.model).AnsweredSince) {
		at.Uncounted, at.RetryAt = true, new(pawl.At(r.deps.World.Now().Add(replay.Backoff(1, server, r.deps.World.Chance()))))
	}
	if kind == pawl.ErrorKind(llm.Auth) || kind == pawl.ErrorKind(llm.Quota) {
		provider, _ := llm.Split(c.model)
		r.calls.refused[provider] = &pawl.Error{Kind: kind, Message: at.Error.Message, Hint: at.Error.Hint}
	}
}
