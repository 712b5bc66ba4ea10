package observe

import (
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Event is one of the types of this package that embed [Of], or [Missed]. There may be more
// in later versions: an Observer leaves alone what it does not know.
type Event interface{ isEvent() }

// Of says of which run an event is, and when it was.
type Of struct {
	Run  pawl.RunID
	Flow string
	At   time.Time
}

func (Of) isEvent() {}

// Step is a step, a wait or a scope of a run.
type Step struct {
	Key  pawl.Key
	Kind pawl.Kind // empty: not known
}

// Activated: this process begins to execute a run, or goes on with it. Until [Rested] the run
// is its own.
type Activated struct {
	Of
	First  bool          // nobody has executed it before
	Waited time.Duration // of the first: since the run was made
	Base   pawl.RunID    // whose results it takes over; empty: it has none
	Open   []Step        // the scopes that are open from before
	Trace  string        // of the first: the traceparent that its start came with; empty: none
}

// Rested: the run is at rest, or is not this process's any more.
type Rested struct {
	Of
	Status pawl.Status    // how it rests; of one that was dropped queued
	Class  pawl.ErrorKind // of its failure, or why it was dropped; empty: neither
	Lost   bool           // another process took it
	Ran    time.Duration  // since it was activated
}

// ScopeOpened: a map, parallel or call begins.
type ScopeOpened struct {
	Of
	Step
	Branches int
}

// ScopeClosed: all its branches have ended.
type ScopeClosed struct {
	Of
	Step
}

// AttemptBegan: a call leaves.
type AttemptBegan struct {
	Of
	Step
	Number      int           // over all rounds of the step
	Repairs     bool          // the answer before it was turned down
	Waited      time.Duration // for a place among the calls in flight
	Model       string        // provider/model; of code empty, as is all below
	JSON        bool          // the answer is to be JSON, not text
	MaxTokens   int           // of the answer; 0: none is sent
	Temperature *float64      // nil: the provider's
	Effort      string        // empty: the provider's
}

// AttemptEnded: what came of a call is durable. It is told of each attempt at most once,
// so that what it took can be added up. One that a crash hid ends with no event.
type AttemptEnded struct {
	Of
	Step
	Number        int
	Model         string // provider/model; of code empty
	Began         time.Time
	Outcome       pawl.Outcome
	Class         pawl.ErrorKind // of what went wrong; empty: nothing
	Usage         *llm.Usage     // nil: not known, or of code
	CostUSD       *float64       // by the prices of that time; nil: not known, or of code
	ResponseID    string         // the provider's; may be empty
	ResponseModel string         // as its server calls it; may be empty
	FirstPiece    time.Duration  // until the first piece of the answer; 0: not known
	Gates         []Verdict      // of those that ran
}

// Verdict is what a gate said.
type Verdict struct {
	Name string
	OK   bool
}

// StepEnded: a step has its result.
type StepEnded struct {
	Of
	Step
	Outcome StepOutcome
	Class   pawl.ErrorKind // of the failure that is its result; empty: it is none
	Began   time.Time      // when its first event was
	From    pawl.RunID     // of one that was taken over: the run that it comes from
}

// StepOutcome is how a step came to its result.
type StepOutcome string

const (
	StepExecuted StepOutcome = "executed" // an attempt, a person, a program or a timer came to it
	StepReused   StepOutcome = "reused"   // it was taken over from the run's base
	StepFailed   StepOutcome = "failed"   // the flow takes its failure as a value
)

// BlockerOpened: a step, or with an empty key the flow itself, stands still.
type BlockerOpened struct {
	Of
	Step
	Blocker pawl.BlockerKind
}

// BlockerLifted: it goes on, its run has ended, or another blocker takes the place of this one.
// It is told of each that was opened, once.
type BlockerLifted struct {
	Of
	Step
	Blocker  pawl.BlockerKind
	Since    time.Time         // when it was opened
	Decision pawl.DecisionKind // what lifted it; empty: none has
	Who      string            // decided, as they said of themselves; may be empty
	Expired  bool              // nobody did: its deadline has passed
	Trace    string            // the traceparent that the decision came with; empty: none
}

// Committed: events of a run were stored in one commit.
type Committed struct {
	Of
	Events int
	Took   time.Duration
}

// Missed: the observer was too slow for so many events, which it is not told.
type Missed struct{ Events int }

func (Missed) isEvent() {}
