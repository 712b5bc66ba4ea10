package replay

import "testing"

// TestPhases says of each phase and each trigger whether it is allowed, and what
// comes of it.
func TestPhases(t *testing.T) {
	const no = refused
	want := map[Phase]map[Trigger]Phase{
		Recorded:       {OnResume: Executing, OnPause: Pausing, OnCancel: Canceling, OnLift: Executing, OnDecide: Executing},
		RecordedPaused: {OnResume: Executing, OnPause: Pausing, OnCancel: Canceling, OnLift: RecordedPaused, OnDecide: Repausing},
		Executing:      {OnResume: Executing, OnPause: Pausing, OnCancel: Canceling, OnLift: Executing, OnDecide: Executing},
		Pausing:        {OnResume: Executing, OnPause: Pausing, OnCancel: Canceling, OnLift: Pausing, OnDecide: Pausing},
		Repausing:      {OnResume: Executing, OnPause: Repausing, OnCancel: Canceling, OnLift: Repausing, OnDecide: Repausing},
		Canceling:      {OnResume: no, OnPause: Canceling, OnCancel: Canceling, OnLift: Canceling, OnDecide: Canceling},
	}
	for p := range Phase(phases) {
		for on := range Trigger(triggers) {
			to, says := want[p][on]
			if !says {
				t.Fatalf("the test does not say what phase %d does on trigger %d", p, on)
			}
			next, ok := p.On(on)
			if allowed := to != no; ok != allowed {
				t.Errorf("phase %d on trigger %d: allowed is %v, want %v", p, on, ok, allowed)
			}
			if to == no {
				to = p
			}
			if next != to {
				t.Errorf("phase %d on trigger %d becomes %d, want %d", p, on, next, to)
			}
		}
	}
}

// TestPhasesReach: what has been asked of a run is not forgotten: nothing leads
// back to a phase that only repeats, and nothing out of canceling.
func TestPhasesReach(t *testing.T) {
	for p := range Phase(phases) {
		for on := range Trigger(triggers) {
			next, _ := p.On(on)
			if next.IsRecordedOnly() && next != p {
				t.Errorf("phase %d on trigger %d leads back to %d", p, on, next)
			}
			if p == Canceling && next != p {
				t.Errorf("trigger %d takes canceling back", on)
			}
			if paused := p.IsPaused() && !next.IsPaused(); paused && on != OnResume && on != OnCancel {
				t.Errorf("phase %d on trigger %d takes the pause back", p, on)
			}
		}
	}
}
