package crashtest

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/journal"
)

func (h *home) show() pawl.RunRecord {
	h.t.Helper()
	return h.start("", "show", "last", "--json").record(0)
}

// What a killed process leaves shows at once as queued, with the reason and
// what was in flight, and can be taken at once.
func TestShownAfterAKill(t *testing.T) {
	t.Parallel()
	s := articleApproved
	h := newHome(t, s)
	h.provider.holding(number(2))
	p := h.run(s)
	p.holds(h.provider, 1)
	if rec := h.show(); rec.Status != pawl.StatusRunning || unknowns(rec) != 0 {
		t.Errorf("before the kill the run is %s with %d unknown attempts", rec.Status, unknowns(rec))
	}
	p.kill()
	rec := h.show()
	if rec.Status != pawl.StatusQueued || !strings.Contains(rec.Reason, "process") || !strings.Contains(rec.Reason, "ended") {
		t.Errorf("run is %s: %q", rec.Status, rec.Reason)
	}
	if n := unknowns(rec); n != 1 || rec.Usage.ModelCalls != 2 {
		t.Errorf("%d unknown attempts, %d model calls", n, rec.Usage.ModelCalls)
	}
	before := rec.UpdatedAt
	if rec := h.show(); rec.UpdatedAt != before {
		t.Errorf("looking at the run has changed it: %s, %s", rec.UpdatedAt, before)
	}
	if rec := h.resume().record(0); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s", rec.Status)
	}
}

// A run that a living process executes is refused to others. One that insists
// takes it, and the first can then write no more, whoever is faster.
func TestTakenFromALivingProcess(t *testing.T) {
	for _, tt := range []struct {
		scene
		which func(responsestest.Call) bool
		n     int // calls in flight when it is taken
	}{
		{articleApproved, number(2), 1},
		{articleApproved, number(3), 1}, // the last call: its answer would end the run
		{blogParallel, func(c responsestest.Call) bool { return section(c) > 0 }, sections},
	} {
		for _, oldFirst := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s old first %v", tt.name, oldFirst), func(t *testing.T) {
				t.Parallel()
				ref := undisturbed(t, tt.scene)
				h := newHome(t, tt.scene)
				releaseOld := h.provider.holding(tt.which)
				old := h.run(tt.scene)
				old.holds(h.provider, tt.n)
				h.refused(old)

				want := maps.Clone(ref.counts)
				for d, n := range h.provider.unanswered() {
					want[d] += n
				}
				releaseNew := h.provider.holding(func(responsestest.Call) bool { return true })
				taker := h.resume("--take")
				taker.holds(h.provider, tt.n)
				if !oldFirst {
					releaseNew()
					h.provider.holding(none)
					taker.exits(0)
					old.says("Review 1") // it has seen the end that it did not make
				}
				releaseOld()
				old.exits(1)
				if e := old.failure(); e.Kind != pawl.ErrConflict || !strings.Contains(e.Message, "was taken by another process") || old.stdout.Len() > 0 {
					t.Errorf("the first process ends with %+v and stdout %q", e, old.stdout.Bytes())
				}
				if oldFirst {
					h.provider.holding(none)
					releaseNew()
				}
				rec := taker.record(0)
				checkSame(t, rec, ref)
				checkCounts(t, h.provider.counts(), want)
				if n := unknowns(rec); n != tt.n {
					t.Errorf("%d unknown attempts, wants %d", n, tt.n)
				}
				if shown := h.show(); !reflect.DeepEqual(shown, rec) {
					t.Errorf("the run has changed since:\n%+v\n%+v", shown, rec)
				}
				h.inspect(tt.scene, false)
			})
		}
	}
}

// refused checks that the run is not to be had while its process lives.
func (h *home) refused(holder *process) {
	h.t.Helper()
	calls := len(h.provider.Calls())
	p := h.resume()
	p.exits(1)
	e := p.failure()
	if name := fmt.Sprintf("process %d", holder.cmd.Process.Pid); e.Kind != pawl.ErrConflict || !strings.Contains(e.Message, name) || !strings.Contains(e.Hint, "--take") {
		h.t.Errorf("resume is refused with %+v, wants a conflict that names %s", e, name)
	}
	if n := len(h.provider.Calls()); n != calls {
		h.t.Errorf("the refused process has made %d calls", n-calls)
	}
	if rec := h.show(); rec.Status != pawl.StatusRunning {
		h.t.Errorf("run is %s after the refusal", rec.Status)
	}
}

// A worker that is there takes over the run of a process that is killed, within
// a second where the machine has nothing else to do. The bound is for one that is busy.
func TestTakenOverByAWorker(t *testing.T) {
	t.Parallel()
	s := articleApproved
	ref := undisturbed(t, s)
	h := newHome(t, s)
	h.provider.holding(func(responsestest.Call) bool { return true })
	h.start("", "worker")
	h.offered()
	p := h.run(s)
	p.holds(h.provider, 1)
	release := h.provider.holding(func(responsestest.Call) bool { return true })
	killed := time.Now()
	p.kill()
	<-h.provider.came
	took := time.Since(killed)
	t.Logf("the worker asked again %v after the kill", took.Round(time.Millisecond))
	if took > time.Minute {
		t.Errorf("the worker took the run over after %v, wants a second", took)
	}
	h.provider.holding(none)
	release()
	h.start("", "watch", "last").exits(0)
	rec := h.show()
	checkSame(t, rec, ref)
	if n, calls := unknowns(rec), len(h.provider.Calls()); n != 1 || calls != s.calls+1 {
		t.Errorf("%d unknown attempts, %d calls", n, calls)
	}
}

// offered waits until a worker takes up runs.
func (h *home) offered() {
	h.t.Helper()
	db := h.open()
	defer h.closing(db)
	var mark journal.Mark
	for {
		offers, err := db.Offers(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		if len(offers) > 0 {
			return
		}
		if mark, err = db.Changes(h.t.Context(), mark); err != nil {
			h.t.Fatal(err)
		}
	}
}
