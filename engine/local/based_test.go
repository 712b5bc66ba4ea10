package local_test

import (
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// tryBased reruns and forks a finished run of a random program, in processes that crash
// at random commits, and reruns what came of that. With unchanged code nothing that had
// a result is executed again but what a fork is about; with changed code no result is
// seen by another question. The base stays as it is.
func tryBased(t *testing.T, r *rand.Rand, p program, w *world, mem *journal.Memory, id pawl.RunID) {
	var saw []string // by the run before
	for _, at := range []bool{false, true, false, false} {
		if t.Failed() {
			return
		}
		was := status(t, newEngine(mem, &script{}), id)
		w.base = &pawl.Base{Run: id}
		if at = at && len(was.Steps) > 0; at {
			w.base.At = was.Steps[r.IntN(len(was.Steps))].Key
		}
		before := maps.Clone(w.calls)
		x := w.executeBased(t, r, p, mem)
		now := x.rec
		if now.Status != pawl.StatusDone {
			t.Fatalf("a run based on %+v is %s: %+v", *w.base, now.Status, now.Error)
		}
		if d := cmp.Diff(inOrder(saw), inOrder(x.seen)); d != "" && saw != nil && isAllReused(now) {
			t.Errorf("based on %+v: all was taken over, in another order (-base +run):\n%s", *w.base, d)
		}
		saw = x.seen
		if d := cmp.Diff(taken(was), taken(now)); d != "" {
			t.Errorf("based on %+v: other steps or results (-base +run):\n%s", *w.base, d)
		}
		for _, s := range was.Steps {
			isLeaf := s.Kind == pawl.KindAsk || s.Kind == pawl.KindDo
			isAnew := at && (s.Key == w.base.At || strings.HasPrefix(string(s.Key), string(w.base.At)+"/") || strings.HasPrefix(string(s.Key), string(w.base.At)+"["))
			calls := w.calls[string(s.Key)] - before[string(s.Key)]
			if hasResult := s.Status == pawl.StepDone || s.Status == pawl.StepReused; isLeaf && hasResult && (calls > 0) != isAnew {
				t.Errorf("based on %+v: step %s, anew %v, was executed %d times", *w.base, s.Key, isAnew, calls)
			}
		}
		if then := status(t, newEngine(mem, &script{}), id); then.LastSeq != was.LastSeq {
			t.Errorf("the base was written to: %d events, were %d", then.LastSeq, was.LastSeq)
		}
		id = now.ID
	}
	w.tryCutOff(t, r, p, mem, id)
	w.base = &pawl.Base{Run: id}
	w.executeBased(t, r, p.edit(r), mem)
	w.base = nil
}

// tryCutOff reruns, and forks at a step that it came to, a run which a crash has cut off,
// and which nobody goes on with: what it had come to is not executed again, and the end is
// that of whole, a run that had all.
func (w *world) tryCutOff(t *testing.T, r *rand.Rand, p program, mem *journal.Memory, whole pawl.RunID) {
	w.base, w.addresses = nil, nil
	id, _ := w.execute(t, &crashing{Journal: mem, left: 1 + r.IntN(20), after: r.IntN(2) == 0}, "", p)
	want := taken(status(t, newEngine(mem, &script{}), whole))
	for _, at := range []bool{false, true} {
		was := status(t, newEngine(mem, &script{}), id)
		w.base = &pawl.Base{Run: id}
		if at && len(was.Steps) > 0 {
			w.base.At = was.Steps[r.IntN(len(was.Steps))].Key
		}
		before := maps.Clone(w.calls)
		now := w.executeBased(t, r, p, mem).rec
		if now.Status != pawl.StatusDone {
			t.Fatalf("a run based on %+v, which was cut off, is %s: %+v", *w.base, now.Status, now.Error)
		}
		if d := cmp.Diff(want, taken(now)); d != "" {
			t.Errorf("based on %+v, which was cut off: other steps or results (-whole +run):\n%s", *w.base, d)
		}
		for _, s := range was.Steps {
			isLeaf := s.Kind == pawl.KindAsk || s.Kind == pawl.KindDo
			if calls := w.calls[string(s.Key)] - before[string(s.Key)]; w.base.At == "" && isLeaf && s.Status == pawl.StepDone && calls > 0 {
				t.Errorf("based on %+v, which was cut off: step %s was executed %d times more", *w.base, s.Key, calls)
			}
		}
		if then := status(t, newEngine(mem, &script{}), id); then.LastSeq != was.LastSeq {
			t.Errorf("the base was written to: %d events, were %d", then.LastSeq, was.LastSeq)
		}
	}
}

// executeBased starts a run on the world's base, and goes on with it after each crash. What
// is taken over flow code sees before it is durable, so that a process which dies may have
// seen what never was. What is durable every later one sees in the same order.
func (w *world) executeBased(t *testing.T, r *rand.Rand, p program, mem *journal.Memory) execution {
	t.Helper()
	w.addresses = nil
	id, x := w.execute(t, &crashing{Journal: mem, left: 1 + r.IntN(10), after: r.IntN(2) == 0}, "", p)
	for range 2 {
		checkSeen(t, "based", nil, &x, w, mem, id, p, &crashing{Journal: mem, left: 1 + r.IntN(10), after: r.IntN(2) == 0})
	}
	end := &crashing{Journal: mem, left: -1}                                                                 // dies when all but the end is durable
	if checkSeen(t, "based", nil, &x, w, mem, id, p, end); x.rec.Status == pawl.StatusWaiting && !end.dead { // three crashes in a row hit one call
		checkSeen(t, "based, retried", nil, &x, w, mem, id, p, end)
	}
	seen := x.seen
	if checkSeen(t, "based, replayed", seen, &x, w, mem, id, p, mem); end.dead && len(x.seen) != len(seen) {
		t.Errorf("a replay saw\n%s\nafter it had seen\n%s", strings.Join(x.seen, "\n"), strings.Join(seen, "\n"))
	}
	return x
}

// inOrder is what flow code saw, but for when.
func inOrder(seen []string) (all []string) {
	for _, s := range seen {
		what, _, _ := strings.Cut(s, " @")
		all = append(all, what)
	}
	return all
}

// isAllReused reports whether a run executed nothing.
func isAllReused(rec pawl.RunRecord) bool {
	for _, s := range rec.Steps {
		if !s.Kind.Scope() && s.Status != pawl.StepReused {
			return false
		}
	}
	return true
}

// taken are the outputs of a run, whether they were taken over or not.
func taken(rec pawl.RunRecord) map[string]string {
	m := outputs(rec)
	for key, v := range m {
		m[key] = strings.Replace(v, " reused ", " done ", 1)
	}
	return m
}
