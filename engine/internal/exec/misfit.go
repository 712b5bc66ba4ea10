package exec

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// OnChange says beforehand what counts where a recorded result does not fit what the
// flow asks for now.
type OnChange string

const (
	ChangeStops OnChange = "stop" // a person decides; the default
	ChangeAnew  OnChange = "anew" // an ask is made anew; what is done or decided stops
	ChangeKeeps OnChange = "keep" // what is recorded counts, where it may
)

// Decides returns what is decided so about a step of a kind that does not fit; empty:
// a person decides.
func (c OnChange) Decides(kind pawl.Kind, m replay.Match) pawl.DecisionKind {
	switch {
	case c == ChangeAnew && kind == pawl.KindAsk:
		return pawl.DecideRetry
	case c == ChangeKeeps && m.Keep:
		return pawl.DecideContinue
	}
	return ""
}

// takeRecorded takes a recorded result if it fits what the flow asks for. If its
// request is no longer the same the step is marked as stale. One that does not fit has
// the step stand still, and its siblings go on.
func (r *Run) takeRecorded(w *waiting, rec *replay.Step, m replay.Match) {
	w.filled = m.Value
	switch {
	case m.Err != nil && r.foreign: // perhaps it fits the program that began it
		r.fail(m.Err, "")
		return
	case m.Err != nil:
		r.misfit(w, rec, m)
		return
	case r.st.Blocked(w.key): // nobody has decided, and the code fits again
		r.batch.draft(pawl.EventDecision, w.key, journal.Decision{What: journal.Withdraw, Who: "the engine", Digest: rec.Asked.Digest})
	}
	if m.Stale != "" {
		rec.Stale = m.Stale
		r.batch.draft(pawl.EventNote, rec.Key, journal.Note{Text: fmt.Sprintf("%s: its prompt, input or answer type has changed since its result was recorded; the recorded result is kept", rec.Key), Stale: m.Stale})
	}
	r.takeOrWait(w)
}

// misfit leaves a step standing at a recorded result that does not fit: nothing takes
// it until a person says what counts. What is open already and says the same stays.
func (r *Run) misfit(w *waiting, rec *replay.Step, m replay.Match) {
	w.misfit = true
	r.code.script.Drop(w.key)
	r.wait(w)
	head := r.head(w)
	b := journal.Blocker{Kind: pawl.BlockerMismatch, Step: &head, Question: replay.CutText(m.Err.Message), Hint: m.Err.Hint, Keep: m.Keep,
		Digest: journal.Digest([]byte("pawl-mismatch-1\n" + rec.Head.Digest + "\n" + head.Digest))}
	decides := r.deps.OnChange.Decides(head.Kind, m)
	if r.phase.IsRecordedOnly() {
		decides = "" // somebody looks at the run, or decides on something else
	}
	if taken, _ := r.takeKept(w, func(k replay.Kept) bool { return k.Digest == b.Digest }); taken {
		return
	}
	open := r.st.Blocked(w.key) && rec.Asked.Digest == b.Digest
	if open && decides == "" {
		return
	}
	switch {
	case w.wait != nil && w.wait.Schema != nil:
		b.Schema = r.batch.blob(w.wait.Schema.JSON())
	case w.step.Ask != nil && w.step.Ask.Schema != nil:
		b.Schema = r.batch.blob(w.step.Ask.Schema.JSON())
	}
	if !open {
		r.batch.draft(pawl.EventBlocker, w.key, b)
	}
	if decides != "" {
		r.batch.draft(pawl.EventDecision, w.key, journal.Decision{What: decides, Who: "the option on change", Digest: b.Digest})
		r.batch.then(func() {
			if r.result(w.key) == nil {
				r.begin(w)
			}
		})
	}
}
