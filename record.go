package pawl

import (
	"encoding/json"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/llm"
)

// Status is where a run stands. Asked for is not yet done: pausing and
// canceling say so.
type Status string

const (
	StatusQueued    Status = "queued"    // nobody executes it now; its reason says why
	StatusRunning   Status = "running"   // a live process executes it
	StatusWaiting   Status = "waiting"   // for a blocker or a timer
	StatusPausing   Status = "pausing"   // pause was asked for, calls are still in flight
	StatusPaused    Status = "paused"    // stopped until someone resumes it
	StatusCanceling Status = "canceling" // cancel was asked for
	StatusCanceled  Status = "canceled"  // ended without output, by decision
	StatusFailed    Status = "failed"    // stands still at a failure; resumable, unless it is final
	StatusDone      Status = "done"      // finished, with output
)

// All returns all statuses there are.
func (Status) All() []Status {
	return []Status{StatusQueued, StatusRunning, StatusWaiting, StatusPausing, StatusPaused, StatusCanceling, StatusCanceled, StatusFailed, StatusDone}
}

// AtRest reports whether nothing will happen to the run unless someone acts.
func (s Status) AtRest() bool {
	switch s {
	case StatusWaiting, StatusPaused, StatusCanceled, StatusFailed, StatusDone:
		return true
	}
	return false
}

// Kind is what sort of step it is.
type Kind = host.Kind

const (
	KindAsk      = host.KindAsk      // a model answers
	KindDo       = host.KindDo       // code with effects runs
	KindApprove  = host.KindApprove  // a person approves or rejects a proposal
	KindInput    = host.KindInput    // a person answers
	KindAwait    = host.KindAwait    // a program answers
	KindSleep    = host.KindSleep    // a timer runs out
	KindMap      = host.KindMap      // a scope: one branch per item
	KindParallel = host.KindParallel // a scope: named branches
	KindCall     = host.KindCall     // a scope: another flow, inline
)

// BoundaryOf says who acts in a step of a kind.
func BoundaryOf(k Kind) Boundary {
	switch k {
	case KindAsk:
		return BoundaryModel
	case KindApprove, KindInput:
		return BoundaryHuman
	}
	return BoundaryCode
}

// Boundary is who acts: code, a model or a person.
type Boundary string

const (
	BoundaryCode  Boundary = "code"  // code acts
	BoundaryModel Boundary = "model" // a model acts
	BoundaryHuman Boundary = "human" // a person acts
)

// RunRecord is all there is to know about a run, in the form in which it is printed
// as JSON. Lists are never nil.
type RunRecord struct {
	ID        RunID           `json:"id"`         // the run's id
	Flow      string          `json:"flow"`       // the flow that it executes
	Status    Status          `json:"status"`     // where it stands
	Reason    string          `json:"reason"`     // why it has that status, for people; of a done run why its output is not approved; may be empty
	Who       string          `json:"who"`        // who started it; empty: not said
	Schedule  string          `json:"schedule"`   // the name of the schedule that started it; empty: none did
	Model     string          `json:"model"`      // resolved at the start, provider/model
	Fallback  []string        `json:"fallback"`   // the run's own models, asked in turn where the models before cannot answer
	Prompts   []Replaced      `json:"prompts"`    // the prompts that it asks with in the place of its flow's own
	Input     json.RawMessage `json:"input"`      // the flow's input, defaults filled in
	Output    json.RawMessage `json:"output"`     // null until done
	Error     *ErrorRecord    `json:"error"`      // null unless failed or canceled
	Base      *RunID          `json:"base"`       // the run whose results it may reuse; null: none
	Imported  bool            `json:"imported"`   // it came from a file: it is never gone on with here
	Begun     Build           `json:"begun"`      // what it was begun with
	CreatedAt Time            `json:"created_at"` // when it was made
	UpdatedAt Time            `json:"updated_at"` // its last event's time
	Budget    *BudgetRecord   `json:"budget"`     // null: no limit
	Usage     UsageRecord     `json:"usage"`      // what all its attempts took
	Guidance  []Guidance      `json:"guidance"`   // in the order in which it was given
	Decisions []Decision      `json:"decisions"`  // in the order in which they were made
	Steps     []StepRecord    `json:"steps"`      // in the order of their first event
	Blockers  []Blocker       `json:"blockers"`   // what is open now; empty: nothing is

	// Notices are of each time that it came to rest, for each who is told of that. They are
	// only there where one run is shown.
	Notices []Notice `json:"notices,omitempty"`

	// LastSeq is the run's last event, to follow from with Engine.Events. It is
	// not part of the JSON form.
	LastSeq Seq `json:"-"`
}

// Notice is that a run came to rest, and what has become of telling a receiver so.
type Notice struct {
	ID       string `json:"id"`         // the webhook-id by which the receiver knows it
	To       string `json:"to"`         // the receiver's address, without what may be secret in it
	Status   Status `json:"status"`     // at which the run came to rest
	At       Time   `json:"at"`         // when it did
	ToldAt   *Time  `json:"told_at"`    // when the receiver took it; null: it has not
	GaveUpAt *Time  `json:"gave_up_at"` // when it was given up; null: it was not
	Tries    int    `json:"tries"`      // that have failed
	Since    *Time  `json:"since"`      // since when it is tried in vain, or nothing comes through to the receiver; null: nothing is wrong
	Problem  string `json:"problem"`    // why the last try failed; empty: none has
}

// Build is the program and the flow that a run was begun with.
type Build struct {
	Program     string `json:"program"`     // its name; empty: not known
	Version     string `json:"version"`     // of the program's module, or the revision that it was built from; empty: not known
	Fingerprint string `json:"fingerprint"` // of the flow's own prompts and schemas

	// Changed are the parts of the flow that are others in the program which shows the
	// run, named as in FlowInfo.Parts, those that it has not any more and those that it
	// has besides. The only one is "flow" if an older program began the run, which
	// recorded no parts. Null: that program does not have the flow, or no view has looked.
	Changed []string `json:"changed"`

	// Parts is what Changed is found by. It is not part of the JSON form.
	Parts map[string]string `json:"-"`
}

// Replaced is a prompt that a run asks with in the place of one of its flow's own.
type Replaced struct {
	Name   string `json:"name"`           // its name, as the flow lists it
	Digest string `json:"digest"`         // the digest of its text, by which the journal has it
	From   string `json:"from,omitempty"` // the file where it was read, where the run was started or resumed
}

// RunSummary is a run as a list shows it.
type RunSummary struct {
	ID        RunID  `json:"id"`         // the run's id
	Flow      string `json:"flow"`       // the flow that it executes
	Status    Status `json:"status"`     // where it stands
	Reason    string `json:"reason"`     // why it has that status, for people; may be empty
	Model     string `json:"model"`      // provider/model; empty: that of the worker that takes it up
	Imported  bool   `json:"imported"`   // it came from a file: it is never gone on with here
	CreatedAt Time   `json:"created_at"` // when it was made
	UpdatedAt Time   `json:"updated_at"` // its last event's time

	Program  string `json:"program"`  // the program that started it; empty: not known
	Schedule string `json:"schedule"` // the name of the schedule that started it; empty: none did
	Base     *RunID `json:"base"`     // the run whose results it may reuse; null: none

	// SupersededBy is, of a run that failed, the newest that has it as its base and was not
	// canceled: somebody has gone on there. Null: there is none, or it did not fail.
	SupersededBy *RunID `json:"superseded_by"`

	// LastSeq is the run's last event: it changes whenever anything of the run does. It is not
	// part of the JSON form.
	LastSeq Seq `json:"-"`
}

// UsageRecord adds up what a run or an attempt took. Unknown is null, never 0:
// tokens are null when an answer did not report them, the cost also when a price
// was not known, or the outcome of a call is not; and each of them as long as
// calls were made and none has said it. A call that failed without an answer and
// without usage adds nothing: as a rule it is not billed. What is written into a cache, and
// what that saved, are the exceptions: they add up what is known.
type UsageRecord struct {
	ModelCalls   int64  `json:"model_calls"`   // how many calls of models
	InputTokens  *int64 `json:"input_tokens"`  // tokens sent, cached ones included
	OutputTokens *int64 `json:"output_tokens"` // tokens answered, reasoning included
	CachedTokens *int64 `json:"cached_tokens"` // input tokens that the provider had cached

	CacheWriteTokens int64 `json:"cache_write_tokens,omitempty"` // input tokens that were written into the provider's cache, none of them in cached_tokens; left out: none, as far as known

	CostUSD *float64 `json:"cost_usd"` // dollars, by the prices of the time of each call

	CacheSavedUSD float64 `json:"cache_saved_usd,omitempty"` // dollars by which the provider's cache made it cheaper, what writing into it cost taken off, so that it may be below 0; left out: none, as far as known
}

// StepStatus is where a step stands.
type StepStatus string

const (
	StepPending  StepStatus = "pending"  // known, and not under way
	StepRunning  StepStatus = "running"  // an attempt is in flight, or the scope is open and the run not at rest
	StepRetrying StepStatus = "retrying" // between two attempts
	StepWaiting  StepStatus = "waiting"  // for a timer, or a blocker other than a failure
	StepDone     StepStatus = "done"     // it has its result
	StepReused   StepStatus = "reused"   // its result comes from a base run
	StepFailed   StepStatus = "failed"   // it cannot finish, see its error
)

// All returns all statuses of steps there are.
func (StepStatus) All() []StepStatus {
	return []StepStatus{StepPending, StepRunning, StepRetrying, StepWaiting, StepDone, StepReused, StepFailed}
}

// StepRecord is one step of a run.
type StepRecord struct {
	Key        Key             `json:"key"`         // names the step within its run
	Name       string          `json:"name"`        // the last name of the key, without its number
	Kind       Kind            `json:"kind"`        // what sort of step it is
	Boundary   Boundary        `json:"boundary"`    // who acts in it
	Purpose    string          `json:"purpose"`     // why it exists, in a line; never empty
	Source     string          `json:"source"`      // the line of flow code that called for it, "article/flow.go:31"; empty: not known
	Status     StepStatus      `json:"status"`      // where it stands
	Stale      bool            `json:"stale"`       // its request has changed since the result was recorded
	Unused     bool            `json:"unused"`      // recorded, but the finished flow no longer asked for it
	Digest     string          `json:"digest"`      // of the authored request; empty for scopes
	Attempts   []Attempt       `json:"attempts"`    // in order; one that is in flight is not among them
	Output     json.RawMessage `json:"output"`      // null until done, and for scopes
	ReusedFrom *string         `json:"reused_from"` // RUN/KEY that the result was taken over from; null: it was not
	Saved      *UsageRecord    `json:"saved"`       // what that took there, and not here; null: nothing was taken over, or of code
	StartedAt  *Time           `json:"started_at"`  // when it began; null: it has not
	EndedAt    *Time           `json:"ended_at"`    // when it had its result; null: it has none

	// Sensitive says that the answer's type has a field that must not be shown,
	// and Proposal is what a person was shown last, if they were. They are not part
	// of the JSON form: views mask by them.
	Sensitive bool            `json:"-"`
	Proposal  json.RawMessage `json:"-"`
}

// PlannedStep is what is expected of a step of a run before that begins.
type PlannedStep struct {
	Key     Key          `json:"key"`     // names the step within its run
	Kind    Kind         `json:"kind"`    // what sort of step it is
	Purpose string       `json:"purpose"` // why it exists, in a line
	Expect  Expectation  `json:"expect"`  // what becomes of it
	From    *string      `json:"from"`    // RUN/KEY that it takes its result over from; null: nothing
	Took    *UsageRecord `json:"took"`    // what it took in the base; null: it is not there, or is of code
	Request *Request     `json:"request"` // what it would ask, of an ask or do that is executed; null: not known

	// InDoubt says of a step whose code the base has begun that nobody knows how it ended
	// there, or that it is still executed: it may have been done, and is done in this run
	// under another idempotency key.
	InDoubt bool `json:"in_doubt"`
}

// Request is what a step is about to ask of a model, or to give to its code.
type Request struct {
	Model     string          `json:"model"`      // provider/model; empty: it is code
	Messages  []Message       `json:"messages"`   // as they would leave; of code none
	Schema    string          `json:"schema"`     // the name of the answer's; empty: a text, or code
	MaxTokens int             `json:"max_tokens"` // of the answer; of code 0
	Data      json.RawMessage `json:"data"`       // of an ask what fills its prompt, by field, of code its input; null: not known

	// Cut says that texts were too long to be shown whole, and end in "... (cut)"; what
	// leaves is whole. Data that is too long is null then.
	Cut bool `json:"cut"`
}

// Message is one message of a request.
type Message struct {
	Role llm.Role `json:"role"` // who speaks
	Text string   `json:"text"` // what they say
}

// Expectation is what becomes of a planned step.
type Expectation string

const (
	ExpectReuse   Expectation = "reuse"   // it takes over what the base has
	ExpectSet     Expectation = "set"     // it has the result that is given
	ExpectRun     Expectation = "run"     // it is executed, or a person is asked
	ExpectUnknown Expectation = "unknown" // it follows from what is executed
	ExpectRemoved Expectation = "removed" // the flow does not ask for it any more
)

// Outcome is how an attempt ended.
type Outcome string

const (
	OutcomeAccepted Outcome = "accepted" // it is the step's result
	OutcomeRejected Outcome = "rejected" // an answer came, a gate turned it down
	OutcomeFailed   Outcome = "failed"   // no usable answer came
	OutcomeUnknown  Outcome = "unknown"  // a crash hid how it ended; it may have been billed
)

// Attempt is one try of a step.
type Attempt struct {
	Number int    `json:"number"` // 1, 2, 3 ... over all rounds
	Model  string `json:"model"`  // the model that was asked, provider/model; empty: code

	// ResponseModel is the model that answered, as its server calls it: perhaps another
	// than Model, or the same by another name, see llm.IsModel. Empty: unknown, or code.
	ResponseModel string `json:"response_model"`

	// Requests is how many requests to the server it took: more than one where that
	// refused how it was asked. It is one call all the same. 0: code.
	Requests int `json:"requests"`

	// Batch says that a batch of its vendor's answered, which costs less; left out: none did.
	Batch bool `json:"batch,omitempty"`

	// ServiceTier is the class of service that answered, in the provider's word, as in
	// default, standard, flex or priority: the cost goes by it. Left out: it did not say.
	ServiceTier string `json:"service_tier,omitempty"`

	Outcome   Outcome      `json:"outcome"`    // how it ended
	Raw       *string      `json:"raw"`        // the answer as it came; null: none came, or code
	Usage     *UsageRecord `json:"usage"`      // null: unknown, or code
	Error     *ErrorRecord `json:"error"`      // why there is no usable answer; null: there is one
	Uncounted bool         `json:"uncounted"`  // refused for the rate of calls while others of its model got through: it uses none of its step's tries
	Gates     []GateResult `json:"gates"`      // all that ran, the failed ones with their complaint
	Guidance  []string     `json:"guidance"`   // the instructions of people that its request carried
	RetryAt   *Time        `json:"retry_at"`   // when the next attempt may leave; null: none follows by itself
	StartedAt Time         `json:"started_at"` // when it left
	EndedAt   *Time        `json:"ended_at"`   // null: not known
}

// GateResult is one gate's verdict on one answer.
type GateResult struct {
	Name   string `json:"name"`   // the gate's name
	OK     bool   `json:"ok"`     // whether the answer passed it
	Detail string `json:"detail"` // the complaint; empty when ok
}

// BlockerKind is what stands in a run's way.
type BlockerKind string

const (
	BlockerApproval   BlockerKind = "approval"   // a person is to approve a proposal
	BlockerInput      BlockerKind = "input"      // a person or an outside system is to answer
	BlockerEvent      BlockerKind = "event"      // a program is to deliver an event; it is in no inbox
	BlockerFailure    BlockerKind = "failure"    // a step or the flow cannot finish
	BlockerBudget     BlockerKind = "budget"     // the next call could pass the run's budget, or a limit on many runs
	BlockerBreakpoint BlockerKind = "breakpoint" // a person wants to look before the step begins
	BlockerMismatch   BlockerKind = "mismatch"   // the journal no longer fits the code
	BlockerUnknown    BlockerKind = "unknown"    // a crash hid a paid call's outcome, and a person is to say what now
)

// All returns all kinds of blockers there are.
func (BlockerKind) All() []BlockerKind {
	return []BlockerKind{BlockerApproval, BlockerInput, BlockerEvent, BlockerFailure, BlockerBudget, BlockerBreakpoint, BlockerMismatch, BlockerUnknown}
}

// IsFailure reports whether something has gone wrong: a run at such a blocker is
// failed. At every other kind it waits, since a person is asked something.
func (k BlockerKind) IsFailure() bool { return k == BlockerFailure || k == BlockerMismatch }

// Blocker is something that a person can lift.
type Blocker struct {
	Key      Key             `json:"key"`      // the step; empty: the flow itself
	Kind     BlockerKind     `json:"kind"`     // what sort of blocker it is
	Question string          `json:"question"` // what is asked, or what is wrong
	Who      string          `json:"who"`      // who is asked, as the flow says; empty: anyone who can reach the run
	NotBy    []string        `json:"not_by"`   // who may not decide
	Proposal json.RawMessage `json:"proposal"` // what is to be approved; null: nothing
	Request  *Request        `json:"request"`  // of a breakpoint: what is about to be asked; null: of other kinds, or recorded by an older program
	Digest   string          `json:"digest"`   // the digest of what is shown; a decision is bound to it
	Reasons  []string        `json:"reasons"`  // to choose from when rejecting; empty: none is asked for
	Since    Time            `json:"since"`    // when it was opened
	Deadline *Time           `json:"deadline"` // then the flow's default counts; null: none
	Actions  []Action        `json:"actions"`  // what may be decided on it
	Limit    *LimitName      `json:"limit"`    // of kind budget: the limit on many runs that is in the way; null: it is the run's own budget, or another kind

	// Unpriced is the model whose price is not known, where a limit in dollars is
	// in the way for that reason; empty: none. It is not part of the JSON form.
	Unpriced string `json:"-"`

	// Basis is on what the limits stand that a budget blocker proposes, for people. An
	// engine leaves it empty: views look at other runs of the flow. It is not part of the
	// JSON form.
	Basis string `json:"-"`

	// Sensitive says that the proposal has a field that must not be shown. It is
	// not part of the JSON form: views mask by it.
	Sensitive bool `json:"-"`
}

// LimitName says which limit on many runs it is, see package limit.
type LimitName struct {
	Flow string `json:"flow"` // whose runs it counts; empty: all runs
	Per  string `json:"per"`  // in which time: day, month or total
}

// Action is one way to lift a blocker.
type Action struct {
	Name   DecisionKind `json:"name"`   // what is decided by it
	Budget *Budget      `json:"budget"` // of a raise: limits that let the run go on; null: none are proposed

	// Command is the command line that does it. An engine leaves it empty: the
	// program that shows the record fills it in, if it has one.
	Command string `json:"command"`
}

// InboxItem is an open blocker of some run.
type InboxItem struct {
	Run  RunID  `json:"run"`  // the run that it is in
	Flow string `json:"flow"` // that run's flow
	Blocker
}

// DecisionKind is what a person decided.
type DecisionKind string

const (
	DecideApprove  DecisionKind = "approve"  // the proposal, or Decision.Value in its place
	DecideReject   DecisionKind = "reject"   // the proposal; the flow says what then
	DecideAnswer   DecisionKind = "answer"   // an input or an event, with Decision.Value
	DecideRetry    DecisionKind = "retry"    // try the blocked step again, in a new round of attempts; of a mismatch, what is recorded is void
	DecideSupply   DecisionKind = "supply"   // Decision.Value as the step's result, checked like any other
	DecideRaise    DecisionKind = "raise"    // the run's budget: the limits that Decision.Budget names; needs no blocker and no key, but at a limit on many runs the digest
	DecideContinue DecisionKind = "continue" // past a breakpoint; of a mismatch, with what is recorded

	// The flow goes on with the failure of the blocked step, which is its result from
	// then on. It is possible where the step stands in a Try form.
	DecideSkip DecisionKind = "skip"

	// The run ends for good. It is always possible, and asked for with pawl.DirectCancel.
	DecideCancel DecisionKind = "cancel"
)

// All returns all kinds of decisions there are.
func (DecisionKind) All() []DecisionKind {
	return []DecisionKind{DecideApprove, DecideReject, DecideAnswer, DecideRetry, DecideSupply, DecideRaise, DecideContinue, DecideSkip, DecideCancel}
}

// Decision lifts a blocker.
type Decision struct {
	Key      Key             `json:"key"`      // the step that it is about; empty: the run
	What     DecisionKind    `json:"what"`     // what was decided
	Who      string          `json:"who"`      // who decided it
	At       Time            `json:"at"`       // when, set by the engine
	Comment  string          `json:"comment"`  // in their words; may be empty
	Reason   string          `json:"reason"`   // of a rejection: one of the blocker's, which may be left out if it has one alone
	Value    json.RawMessage `json:"value"`    // see What; null: none
	Budget   *Budget         `json:"budget"`   // of a raise: the limits that it sets; in records, all limits from then on; null: none
	Digest   string          `json:"digest"`   // the digest of the blocker that was shown; empty: whatever is open
	Delivery string          `json:"delivery"` // of an event from a program: the id of its delivery; empty: somebody decided
	Expired  bool            `json:"expired"`  // nobody decided: the deadline passed, and the flow's default counts

	// Trace is the W3C traceparent of whoever decides, to which telemetry links what comes
	// of it; empty: none. It is part of no record, nor of the JSON form.
	Trace string `json:"-"`

	// Carried says that the decision was made on the run's base, and was taken over from
	// there: At is when. It is of records alone.
	Carried bool `json:"carried"`

	Waits  bool `json:"waits"`  // of records alone: it was made before the flow asked, and counts when that does
	Unused bool `json:"unused"` // of records alone: what it was about will not be asked any more
}

// Guidance is an instruction that a person gave to a run: later asks carry it.
type Guidance struct {
	Text   string `json:"text"`    // the instruction
	Who    string `json:"who"`     // whose it is
	At     Time   `json:"at"`      // when it was given
	UsedBy []Key  `json:"used_by"` // the steps whose requests carried it
	Unused bool   `json:"unused"`  // the run ended, and no request had carried it
}

// Budget bounds what a run may take. Nil: no limit. A call leaves only if what it
// may take, as estimated, fits beside all that is spent and reserved. Calls are
// kept to exactly; tokens and dollars are passed by as much as the last calls took
// more than was estimated, which takes an answer without a limit of its own.
//
// A raise changes the limits that it names. Where the run stands because a price
// is not known, one that names no dollars gives the limit in dollars up. Where it stands
// at a limit on many runs, a raise says what the run may take beyond such limits, in all.
type Budget struct {
	USD    *float64 `json:"usd"`    // dollars
	Tokens *int64   `json:"tokens"` // tokens, input and output
	Calls  *int64   `json:"calls"`  // of models: every attempt is one, whatever came of it
}

// BudgetRecord is a budget and what of it is gone.
type BudgetRecord struct {
	Limit    Budget   `json:"limit"`    // what the run may take
	Spent    Spending `json:"spent"`    // calls whose outcome is unknown included, as estimated
	Reserved Spending `json:"reserved"` // for the calls in flight, as estimated
}

// Spending is what calls took, or may take.
type Spending struct {
	USD    *float64 `json:"usd"`    // dollars; null: a price is unknown
	Tokens int64    `json:"tokens"` // tokens, input and output
	Calls  int64    `json:"calls"`  // calls of models
}
