package pawltest

import (
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
)

// Done ends the test unless the run is done.
func (r *Ran[Out]) Done() *Ran[Out] {
	r.t.Helper()
	r.status(pawl.StatusDone)
	return r
}

// Canceled ends the test unless the run was canceled, for a reason that holds all
// these texts. A flow cancels its run by returning [pawl.ErrRejected], as the Err of
// a rejected proposal does.
func (r *Ran[Out]) Canceled(says ...string) *Ran[Out] {
	r.t.Helper()
	r.status(pawl.StatusCanceled)
	r.holds("reason", r.Reason, says)
	return r
}

// Failed ends the test unless the run failed at a step, with an error of this kind
// whose message holds all these texts. The key "" is the flow itself. The kinds of
// llm.ErrorKind are kinds here too.
func (r *Ran[Out]) Failed(key pawl.Key, kind pawl.ErrorKind, says ...string) *Ran[Out] {
	r.t.Helper()
	r.status(pawl.StatusFailed)
	if r.Error == nil || r.Error.Step != key || r.Error.Kind != kind {
		r.fail("want it to fail at %q with an error of kind %s", key, kind)
	}
	r.holds("error", r.Error.Message, says)
	return r
}

// Waits ends the test unless the run waits for people at exactly these steps.
func (r *Ran[Out]) Waits(keys ...pawl.Key) *Ran[Out] {
	r.t.Helper()
	r.status(pawl.StatusWaiting)
	var open []pawl.Key
	for _, b := range r.Blockers {
		open = append(open, b.Key)
	}
	slices.Sort(open)
	if want := slices.Sorted(slices.Values(keys)); !slices.Equal(open, want) {
		r.fail("waits at %q, want %q", open, want)
	}
	return r
}

// Blocker returns what is open at a step: the question, and what a person is shown.
// It ends the test if nothing is.
func (r *Ran[Out]) Blocker(key pawl.Key) pawl.Blocker {
	r.t.Helper()
	i := r.blocker(key)
	if i < 0 {
		r.fail("nothing is open at %q", key)
	}
	return r.Blockers[i]
}

// Step returns a step. It ends the test if the run has none with that key.
func (r *Ran[Out]) Step(key pawl.Key) pawl.StepRecord {
	r.t.Helper()
	i := slices.IndexFunc(r.Steps, func(s pawl.StepRecord) bool { return s.Key == key })
	if i < 0 {
		r.fail("the run has no step %q", key)
	}
	return r.Steps[i]
}

// RejectedOnlyBy checks that a step's first answer was turned down by one gate
// alone, with a complaint that holds all these texts, and the second accepted.
// The gate of the answer's schema is named "schema", that of its type, with the Validate
// method, "type".
func (r *Ran[Out]) RejectedOnlyBy(key pawl.Key, gate string, complaint ...string) *Ran[Out] {
	r.t.Helper()
	attempts := r.Step(key).Attempts
	if len(attempts) != 2 || attempts[0].Outcome != pawl.OutcomeRejected || attempts[1].Outcome != pawl.OutcomeAccepted {
		r.fail("want an answer to %q that is rejected, and one that is accepted", key)
	}
	found := false
	for _, g := range attempts[0].Gates {
		if g.OK != (g.Name != gate) {
			r.t.Errorf("gate %q of %q: ok=%v (%s), want only %q to fail", g.Name, key, g.OK, g.Detail, gate)
		}
		if g.Name == gate {
			found = true
			r.holds("complaint", g.Detail, complaint)
		}
	}
	if !found {
		r.fail("%q has no gate %q", key, gate)
	}
	for _, g := range attempts[1].Gates {
		if !g.OK {
			r.t.Errorf("gate %q of the accepted answer complains: %s", g.Name, g.Detail)
		}
	}
	return r
}

func (r *Ran[Out]) status(want pawl.Status) {
	r.t.Helper()
	if r.Status != want {
		r.fail("run is %s, want %s", r.Status, want)
	}
}

// holds checks that a text has all these in it.
func (r *Ran[Out]) holds(what, text string, says []string) {
	r.t.Helper()
	for _, s := range says {
		if !strings.Contains(text, s) {
			r.t.Errorf("%s is %q, want it to hold %q", what, text, s)
		}
	}
}
