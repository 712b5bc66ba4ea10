package crashtest

import (
	"bytes"
	"testing"

	"github.com/pawlrun/pawl"
)

// reference is a run that nobody disturbed.
type reference struct {
	record pawl.RunRecord
	counts map[string]int // of calls, by digest of their content
}

// undisturbed runs the scene with the command.
func undisturbed(t *testing.T, s scene) reference {
	t.Helper()
	h := newHome(t, s)
	ref := reference{record: h.run(s).record(0), counts: h.provider.counts()}
	if n := len(h.provider.Calls()); n != s.calls {
		t.Fatalf("%s: %d calls, the scene is made for %d", s.name, n, s.calls)
	}
	checkSteps(t, ref.record)
	if n := unknowns(ref.record); n != 0 {
		t.Fatalf("%s: %d unknown attempts", s.name, n)
	}
	return ref
}

// checkSteps checks that a done run's steps were each accepted once, by all
// gates.
func checkSteps(t *testing.T, rec pawl.RunRecord) {
	t.Helper()
	if rec.Status != pawl.StatusDone || len(rec.Blockers) > 0 || rec.Error != nil {
		t.Fatalf("run is %s (%s), error %v, %d blockers", rec.Status, rec.Reason, rec.Error, len(rec.Blockers))
	}
	for _, s := range rec.Steps {
		if s.Status != pawl.StepDone || s.Stale || s.Unused {
			t.Errorf("step %s is %s, stale %v, unused %v", s.Key, s.Status, s.Stale, s.Unused)
		}
		for i, at := range s.Attempts {
			if at.Number != i+1 {
				t.Errorf("step %s: attempt %d has number %d", s.Key, i+1, at.Number)
			}
			if last := i == len(s.Attempts)-1; last != (at.Outcome == pawl.OutcomeAccepted) {
				t.Errorf("step %s: attempt %d of %d is %s", s.Key, at.Number, len(s.Attempts), at.Outcome)
			}
			for _, g := range at.Gates {
				if at.Outcome == pawl.OutcomeAccepted && !g.OK {
					t.Errorf("step %s was accepted against gate %q: %s", s.Key, g.Name, g.Detail)
				}
			}
			if at.Outcome == pawl.OutcomeUnknown && (at.EndedAt != nil || at.Raw != nil || at.Usage != nil || at.Model == "") {
				t.Errorf("step %s: unknown attempt %d claims to know: %+v", s.Key, at.Number, at)
			}
		}
	}
}

// checkSame checks that a resumed run came to what the reference came to, with
// no more attempts than that one and those whose outcome a kill hid.
func checkSame(t *testing.T, rec pawl.RunRecord, ref reference) {
	t.Helper()
	checkSteps(t, rec)
	if !bytes.Equal(rec.Output, ref.record.Output) {
		t.Errorf("output differs from that of the undisturbed run:\n%s\n%s", rec.Output, ref.record.Output)
	}
	want := map[pawl.Key]pawl.StepRecord{}
	for _, s := range ref.record.Steps {
		want[s.Key] = s
	}
	for _, s := range rec.Steps {
		w, ok := want[s.Key]
		delete(want, s.Key)
		switch known := len(s.Attempts) - unknownIn(s); {
		case !ok:
			t.Errorf("step %s is new", s.Key)
		case !bytes.Equal(s.Output, w.Output) || s.Digest != w.Digest || s.Purpose != w.Purpose:
			t.Errorf("step %s differs:\n%+v\n%+v", s.Key, s, w)
		case known != len(w.Attempts):
			t.Errorf("step %s has %d attempts whose outcome is known, wants %d", s.Key, known, len(w.Attempts))
		}
	}
	for key := range want {
		t.Errorf("step %s is missing", key)
	}
	if got, want := rec.Usage.ModelCalls, ref.record.Usage.ModelCalls+int64(unknowns(rec)); got != want {
		t.Errorf("usage.model_calls is %d, wants %d: unknown ones count", got, want)
	}
}

// checkExact is checkSame for runs that were killed only while exactly the held
// calls were in flight: each of those was made once more, and no other.
func checkExact(t *testing.T, rec pawl.RunRecord, ref reference, p *provider) {
	t.Helper()
	checkSame(t, rec, ref)
	held := 0
	want := map[string]int{}
	for d, n := range ref.counts {
		want[d] = n
	}
	for d, n := range p.unanswered() {
		want[d] += n
		held += n
	}
	if n := unknowns(rec); n != held {
		t.Errorf("%d attempts are unknown, wants %d", n, held)
	}
	checkCounts(t, p.counts(), want)
}

func checkCounts(t *testing.T, got, want map[string]int) {
	t.Helper()
	for d, n := range want {
		if got[d] != n {
			t.Errorf("call %.8s was made %d times, wants %d", d, got[d], n)
		}
	}
	for d := range got {
		if want[d] == 0 {
			t.Errorf("call %.8s is one that the undisturbed run did not make", d)
		}
	}
}

func unknownIn(s pawl.StepRecord) (n int) {
	for _, at := range s.Attempts {
		if at.Outcome == pawl.OutcomeUnknown {
			n++
		}
	}
	return n
}

func unknowns(rec pawl.RunRecord) (n int) {
	for _, s := range rec.Steps {
		n += unknownIn(s)
	}
	return n
}
