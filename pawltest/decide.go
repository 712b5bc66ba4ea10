package pawltest

import (
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// Approve approves what a step proposes.
func (r *Ran[Out]) Approve(key pawl.Key) *Ran[Out] {
	r.t.Helper()
	return r.Decide(pawl.Decision{Key: key, What: pawl.DecideApprove})
}

// Edit approves v, as JSON, in the place of what a step proposes.
func (r *Ran[Out]) Edit(key pawl.Key, v any) *Ran[Out] {
	r.t.Helper()
	return r.decideValue(key, pawl.DecideApprove, v)
}

// Reject rejects what a step proposes, with a comment and one of its reasons, if it has
// several.
func (r *Ran[Out]) Reject(key pawl.Key, comment string, reason ...string) *Ran[Out] {
	r.t.Helper()
	return r.Decide(pawl.Decision{Key: key, What: pawl.DecideReject, Comment: comment, Reason: strings.Join(reason, " ")})
}

// Answer gives v, as JSON, to a step that asks for a value or awaits an event.
func (r *Ran[Out]) Answer(key pawl.Key, v any) *Ran[Out] {
	r.t.Helper()
	return r.decideValue(key, pawl.DecideAnswer, v)
}

// Deliver delivers v, as JSON, as the event that a step awaits or will await, as a webhook
// does at the address of [pawl.Run.Callback], and follows the run to its next rest. The
// same delivery a second time does nothing. An event that is not accepted ends the test.
func (r *Ran[Out]) Deliver(key pawl.Key, delivery string, v any) *Ran[Out] {
	r.t.Helper()
	raw, err := schema.Marshal(v)
	if err != nil {
		r.t.Fatalf("event for %q: %v", key, err)
	}
	if err := r.engine.Deliver(r.t.Context(), r.address(key), delivery, raw); err != nil {
		r.fail("delivery %s of an event for %q: %v", delivery, key, err)
	}
	r.follow()
	return r
}

// address is the callback of a step.
func (r *Ran[Out]) address(key pawl.Key) string {
	r.t.Helper()
	events, err := r.journal.Read(r.t.Context(), r.ID, 0, 1)
	if err != nil {
		r.t.Fatalf("read run: %v", err)
	}
	created, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		r.t.Fatalf("read run: %v", err)
	}
	secret, err := created.CallbackSecret(r.t.Context(), r.journal)
	if err != nil {
		r.t.Fatalf("read run: %v", err)
	}
	return journal.Callback{Run: r.ID, Key: key}.Address(secret)
}

// Supply gives v, as JSON, as the result of a step that failed.
func (r *Ran[Out]) Supply(key pawl.Key, v any) *Ran[Out] {
	r.t.Helper()
	return r.decideValue(key, pawl.DecideSupply, v)
}

// Retry has a step that failed tried again, in a new round of attempts. A script
// goes on with its next answer.
func (r *Ran[Out]) Retry(key pawl.Key) *Ran[Out] {
	r.t.Helper()
	return r.Decide(pawl.Decision{Key: key, What: pawl.DecideRetry})
}

// Skip has the flow go on with the failure of a step that stands still in a Try form.
func (r *Ran[Out]) Skip(key pawl.Key) *Ran[Out] {
	r.t.Helper()
	return r.Decide(pawl.Decision{Key: key, What: pawl.DecideSkip})
}

// Decide decides on what the run waits for, and follows it to its next rest. The
// decision is bound to what is shown, unless it has another digest; an empty Who is
// "the test". One that is not accepted ends the test.
func (r *Ran[Out]) Decide(d pawl.Decision) *Ran[Out] {
	r.t.Helper()
	if err := r.decide(d); err != nil {
		r.fail("%s of %q: %v", d.What, d.Key, err)
	}
	r.follow()
	return r
}

// Refuses checks that a decision is not accepted, for a reason that holds all these
// texts, so that the run still waits.
func (r *Ran[Out]) Refuses(d pawl.Decision, says ...string) *Ran[Out] {
	r.t.Helper()
	err := r.decide(d)
	if err == nil {
		r.follow()
		r.fail("%s of %q with %s was accepted, want it refused", d.What, d.Key, d.Value)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			r.t.Errorf("%s of %q with %s: %v, want it to say %q", d.What, d.Key, d.Value, err, s)
		}
	}
	return r
}

// Resume has the run looked at again, as pawl resume does: code that has changed
// since is called, and a step that failed is tried again.
func (r *Ran[Out]) Resume() *Ran[Out] {
	r.t.Helper()
	if err := r.engine.Direct(r.t.Context(), r.ID, pawl.Directive{What: pawl.DirectResume, Who: tester}); err != nil {
		r.fail("resume: %v", err)
	}
	r.follow()
	return r
}

const tester = "the test"

func (r *Ran[Out]) decideValue(key pawl.Key, what pawl.DecisionKind, v any) *Ran[Out] {
	r.t.Helper()
	raw, err := schema.Marshal(v)
	if err != nil {
		r.t.Fatalf("%s of %q: %v", what, key, err)
	}
	return r.Decide(pawl.Decision{Key: key, What: what, Value: raw})
}

func (r *Ran[Out]) decide(d pawl.Decision) error {
	if d.Who == "" {
		d.Who = tester
	}
	if i := r.blocker(d.Key); i >= 0 && d.Digest == "" {
		d.Digest = r.Blockers[i].Digest
	}
	return r.engine.Decide(r.t.Context(), r.ID, d)
}

// blocker returns the place of what is open at a step, or -1.
func (r *Ran[Out]) blocker(key pawl.Key) int {
	return slices.IndexFunc(r.Blockers, func(b pawl.Blocker) bool { return b.Key == key })
}
