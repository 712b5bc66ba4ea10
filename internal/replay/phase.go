package replay

// Phase says what a run that a process holds may do: execute flow code, make
// calls, or come to rest. What its flow code came to meanwhile is apart, see
// Ending: a run can fail while it is pausing.
//
// A run is claimed to be executed, and begins in Executing (or in Canceling, if
// that had been asked for), or to have something done to it while it is at rest,
// and begins in Recorded or RecordedPaused. This is what each trigger does:
//
//	from \ on       resume     pause    cancel     lift       decide
//	Recorded        Executing  Pausing  Canceling  Executing  Executing
//	RecordedPaused  Executing  Pausing  Canceling  -          Repausing
//	Executing       -          Pausing  Canceling  -          -
//	Pausing         Executing  -        Canceling  -          -
//	Repausing       Executing  -        Canceling  -          -
//	Canceling       refused    -        -          -          -
//
//	           +----------- resume, lift, decide ------------+
//	           |                                             v
//	      [Recorded] -- pause --> [Pausing] <-- pause --- [Executing]
//	                                 | ^                     ^  |
//	                                 | +------- pause -------+  |
//	                                 +--------- resume ------+  |
//	  [RecordedPaused] -- decide --> [Repausing] -- resume --+  |
//	                                                            |
//	  from every phase -- cancel --> [Canceling] <--------------+
//
// A dash is a trigger that may come and changes nothing. Where a phase ends is
// the same for all: nothing is left to do, and Rest says how the run then stands.
type Phase int

const (
	// Recorded: the run was at rest when it was claimed. Its flow code executes
	// as far as it is recorded, if at all, and nothing new begins. The run rests
	// as it was listed before, unless a trigger makes it go on.
	Recorded Phase = iota

	// RecordedPaused is Recorded of a run that was paused.
	RecordedPaused

	// Executing: whatever the flow asks for is begun.
	Executing

	// Pausing: nothing is begun, calls in flight end, then the run is paused.
	Pausing

	// Repausing is Pausing of a run that was paused before, for the same reason:
	// its flow code executes since a decision on it was taken.
	Repausing

	// Canceling: no flow code executes, calls in flight end, then the run does.
	Canceling

	phases int = iota
)

// Trigger is what changes a run's phase.
type Trigger int

const (
	OnResume Trigger = iota
	OnPause
	OnCancel
	OnLift   // a blocker was lifted in a way that needs no flow code: a retry, a raise, past a breakpoint
	OnDecide // a decision was taken whose value flow code gets

	triggers int = iota
)

// refused marks what is not allowed.
const refused Phase = -1

// transitions is the table above.
var transitions = [...][triggers]Phase{
	Recorded:       {OnResume: Executing, OnPause: Pausing, OnCancel: Canceling, OnLift: Executing, OnDecide: Executing},
	RecordedPaused: {OnResume: Executing, OnPause: Pausing, OnCancel: Canceling, OnLift: RecordedPaused, OnDecide: Repausing},
	Executing:      {OnResume: Executing, OnPause: Pausing, OnCancel: Canceling, OnLift: Executing, OnDecide: Executing},
	Pausing:        {OnResume: Executing, OnPause: Pausing, OnCancel: Canceling, OnLift: Pausing, OnDecide: Pausing},
	Repausing:      {OnResume: Executing, OnPause: Repausing, OnCancel: Canceling, OnLift: Repausing, OnDecide: Repausing},
	Canceling:      {OnResume: refused, OnPause: Canceling, OnCancel: Canceling, OnLift: Canceling, OnDecide: Canceling},
}

// On returns the phase after a trigger, and whether it is allowed; if not, the
// phase stays.
func (p Phase) On(t Trigger) (Phase, bool) {
	next := transitions[p][t]
	if next == refused {
		return p, false
	}
	return next, true
}

// IsRecordedOnly reports whether nothing has made the run go on yet since it was
// claimed at rest.
func (p Phase) IsRecordedOnly() bool { return p == Recorded || p == RecordedPaused }

// IsPaused reports whether the run is paused, or will be once its calls have
// ended. Deadlines are not in force then.
func (p Phase) IsPaused() bool { return p == RecordedPaused || p == Pausing || p == Repausing }
