package journal

import (
	"encoding/json"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/limit"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Created is the body of a created event.
type Created struct {
	Flow        string          `json:"flow"`
	Fingerprint string          `json:"fingerprint"` // of the flow's own prompts and schemas at that time
	Model       string          `json:"model"`       // provider/model, resolved; empty: whoever takes the run up says it
	Forced      bool            `json:"forced"`      // Model stands above what prompts say
	Seed        uint64          `json:"seed"`
	Input       json.RawMessage `json:"input"` // checked, defaults filled in

	// What signs callbacks: a blob of that digest, which leaves the journal in no file.
	// Older programs have it in Secret. Without both the run can have none.
	SecretDigest string `json:"secret_digest,omitempty"`
	Secret       string `json:"secret,omitempty"`

	Who string `json:"who,omitempty"` // started it

	Schedule string `json:"schedule,omitempty"` // by name, that started it; empty: none did

	Trace string `json:"trace,omitempty"` // the traceparent that the start came with; absent: none

	// Program is the name of the program that it was started by, whatever build of it;
	// empty: not known.
	Program string `json:"program,omitempty"`

	// Version is that of the program's module, or the revision that it was built from;
	// empty: not known.
	Version string `json:"version,omitempty"`

	// Parts are short digests of what the fingerprint covers, by name, as in
	// pawl.FlowInfo; absent: an older program recorded none.
	Parts map[string]string `json:"parts,omitempty"`

	Fallback []string `json:"fallback,omitempty"` // provider/model, to ask in turn where the ones before cannot answer

	Base *Base `json:"base,omitempty"` // absent: it has none

	// Prompts are asked with in the place of those of these names that the flow lists.
	// Each digest is a blob's: the file as it was.
	Prompts []pawl.Replaced `json:"prompts,omitempty"`

	Budget *pawl.Budget `json:"budget,omitempty"`
	Step   bool         `json:"step,omitempty"`  // it stops before each step
	Break  []pawl.Key   `json:"break,omitempty"` // and before these
}

// Base is a run whose results a run takes over, see pawl.Base.
type Base struct {
	Run    pawl.RunID  `json:"run"`
	At     pawl.Key    `json:"at,omitempty"`     // of a fork
	Before pawl.Seq    `json:"before,omitempty"` // of a fork: what the base had come to before this event is taken over by its key
	Models []BaseModel `json:"models,omitempty"` // that the base had, if the run has its last one: what was asked of them is the same
}

// BaseModel is which models a base's asks went to, for some time.
type BaseModel struct {
	Name     string   `json:"name"`
	Forced   bool     `json:"forced,omitempty"`
	Fallback []string `json:"fallback,omitempty"`
}

// Claimed is the body of a claimed event.
type Claimed struct {
	Epoch int64  `json:"epoch"`
	By    string `json:"by"` // the process, for people
}

// Released is the body of a released event: the holder stops executing a run
// that is not at its end.
type Released struct {
	Status pawl.Status `json:"status"` // waiting, failed, paused or queued
	Reason string      `json:"reason"`
	WakeAt pawl.Time   `json:"wake_at,omitzero"` // when the first timer runs out
}

// Step is how a step presents itself, in its first event.
type Step struct {
	Kind    pawl.Kind `json:"kind"`
	Purpose string    `json:"purpose"`
	Digest  string    `json:"digest,omitempty"` // of the authored request; empty for scopes

	// Data are short digests of what the step is about, by the name of the field, as a
	// JSON object of texts; empty: not known. It is left as it is written, since of most
	// steps nobody needs it again.
	Data json.RawMessage `json:"data,omitempty"`

	// Source is the line of flow code that called for it, "article/flow.go:31"; empty:
	// not known.
	Source string `json:"source,omitempty"`

	Sensitive bool `json:"sensitive,omitempty"` // its answer has a field that views must not show
}

// Intent is the body of an intent event: an attempt is about to leave.
type Intent struct {
	Step   Step `json:"step"`
	Number int  `json:"number"` // of the attempt, over all rounds

	// Try of Of: how many attempts of this sort there have been in the round,
	// and at most will be. Why is what was wrong with the last one.
	Try int    `json:"try"`
	Of  int    `json:"of"`
	Why string `json:"why,omitempty"`

	Model   string   `json:"model,omitempty"` // provider/model; empty for do
	Request *Request `json:"request,omitempty"`

	// Of an ask: what the call may take at most, as estimated, and the guidance
	// that its request carries, by the number of its event.
	Reserve  *Reserve   `json:"reserve,omitempty"`
	Guidance []pawl.Seq `json:"guidance,omitempty"`
}

// Reserve is what a call may take.
type Reserve struct {
	Tokens int64    `json:"tokens"`
	USD    *float64 `json:"usd,omitempty"` // absent: the price is unknown

	// Beyond: somebody has allowed the run to pass limits on many runs by it.
	Beyond bool `json:"beyond,omitempty"`
}

// Taken is what a call may take. Of one that an older program announced, which is nil,
// nothing is known but that it is one.
func (r *Reserve) Taken() limit.Taken {
	a := limit.Taken{Calls: 1, Unpriced: 1}
	if r != nil {
		a.Tokens = r.Tokens
		if r.USD != nil {
			a.USD, a.Unpriced = *r.USD, 0
		}
	}
	return a
}

// Request is what was sent to a model, its parts by digest.
type Request struct {
	Prior     *Sent    `json:"prior,omitempty"`  // the messages of that attempt of this run come first
	Messages  []string `json:"messages"`         // blobs: llm.Message as JSON; or AnswerOf an attempt of this run
	Schema    string   `json:"schema,omitempty"` // blob: the full JSON Schema; empty: text
	MaxTokens int      `json:"max_tokens,omitempty"`

	Temperature *float64 `json:"temperature,omitempty"` // absent: the provider's
	Effort      string   `json:"effort,omitempty"`      // absent: the provider's
}

// Attempt is the body of an attempt event: how an attempt ended. If it was
// accepted it is the step's result.
type Attempt struct {
	Step    *Step           `json:"step,omitempty"` // if no intent went before
	Number  int             `json:"number"`
	Outcome pawl.Outcome    `json:"outcome"`
	Model   string          `json:"model,omitempty"`  // provider/model that was asked; empty for do
	Raw     *string         `json:"raw,omitempty"`    // the answer as it came
	Result  json.RawMessage `json:"result,omitempty"` // the accepted value; absent: Raw as a JSON string
	Usage   *llm.Usage      `json:"usage,omitempty"`
	CostUSD *float64        `json:"cost_usd,omitempty"` // by the prices of that time; absent: unknown

	// CacheSavedUSD is by how much the provider's cache made the call cheaper, by the same
	// prices, what writing into it cost taken off; 0: not at all, or unknown.
	CacheSavedUSD float64 `json:"cache_saved_usd,omitempty"`

	Unmetered bool              `json:"unmetered,omitempty"` // the model answered, or had begun to, the answer is of no use, and nobody said what it took
	Gates     []pawl.GateResult `json:"gates,omitempty"`
	Error     *Failure          `json:"error,omitempty"`
	Uncounted bool              `json:"uncounted,omitempty"` // it was refused while others of its model got through, and uses none of its step's tries
	RetryAt   *pawl.Time        `json:"retry_at,omitempty"`  // when the next attempt may leave
	RequestID string            `json:"request_id,omitempty"`

	// ResponseModel is the model that answered, as its server calls it; empty: not known.
	ResponseModel string `json:"response_model,omitempty"`

	Advice string `json:"advice,omitempty"` // of one that was rejected: what can be done about a server that seems to ignore the schema

	Requests   int `json:"requests,omitempty"`    // to the server, where it took more than one
	MostTokens int `json:"most_tokens,omitempty"` // the most that the server takes as max_tokens, as it said; no more was sent

	StartedAt pawl.Time `json:"started_at"`
}

// Value returns an accepted attempt's result.
func (a Attempt) Value() json.RawMessage {
	if a.Result != nil || a.Raw == nil {
		return a.Result
	}
	v, _ := schema.Marshal(*a.Raw) // a string always encodes
	return v
}

// Failure is an error as the journal keeps it.
type Failure struct {
	Kind    pawl.ErrorKind `json:"kind"`
	Message string         `json:"message"`
	Hint    string         `json:"hint,omitempty"`
	Step    pawl.Key       `json:"step,omitempty"`
	Stack   string         `json:"stack,omitempty"` // of a flow's panic
}

// Scope is the body of a scope event: a map, parallel or call begins or ends.
type Scope struct {
	Step   Step `json:"step"`
	N      int  `json:"n"`                // branches
	ByID   bool `json:"by_id,omitempty"`  // of a map: its branches are named by what their items are, not by their place
	Yields bool `json:"yields,omitempty"` // of a map: a branch that stands gives its place up; older programs' keep it
	Closed bool `json:"closed,omitempty"` // all have ended
}

// Timer is the body of a timer event: one was set, or ran out, which is the
// step's result.
type Timer struct {
	Step  *Step     `json:"step,omitempty"`  // when it is set
	Until pawl.Time `json:"until,omitzero"`  // when it is set
	Fired bool      `json:"fired,omitempty"` // it ran out
}

// Failed is the body of a failed event: a step cannot finish, or with no key
// the flow itself.
type Failed struct {
	Error Failure `json:"error"`

	// Final: the flow took the failure as a value, and it is the step's result; with no
	// key, the run ends with it.
	Final bool `json:"final,omitempty"`

	// Try: the flow takes failures of the step as values. It stands still at this one,
	// which is of the surroundings, and a decision to skip makes it that value.
	Try bool `json:"try,omitempty"`
}

// Blocker is the body of a blocker event: the step stands still until a person
// acts. One on a key where another is open takes its place.
type Blocker struct {
	Step     *Step            `json:"step,omitempty"` // if nothing went before, or of kind mismatch
	Kind     pawl.BlockerKind `json:"kind"`
	Question string           `json:"question"`
	Who      string           `json:"who,omitempty"`
	NotBy    []string         `json:"not_by,omitempty"` // may not decide
	Proposal json.RawMessage  `json:"proposal,omitempty"`
	Schema   string           `json:"schema,omitempty"` // blob: of the value that a decision may carry
	Reasons  []string         `json:"reasons,omitempty"`
	Deadline pawl.Time        `json:"deadline,omitzero"`
	Digest   string           `json:"digest"` // of what is shown

	Request *pawl.Request `json:"request,omitempty"` // of kind breakpoint: what is about to be asked

	// Of kind budget: limits that would let the call leave, those that stand in
	// its way; and its model if a price is not known.
	Raise    *pawl.Budget `json:"raise,omitempty"`
	Unpriced string       `json:"unpriced,omitempty"`

	// Of kind budget, if it is a limit on many runs that is in the way: which one, and when
	// the step goes on by itself; zero: not by itself. A raise is for the run alone then: what
	// it may take beyond limits.
	Limit *limit.Name `json:"limit,omitempty"`
	Again pawl.Time   `json:"again,omitzero"`

	Try bool `json:"try,omitempty"` // of kind unknown: as in Failed

	// Of kind mismatch: the recorded result may be kept, and what can be done. Step
	// is what the flow asks for now.
	Keep bool   `json:"keep,omitempty"`
	Hint string `json:"hint,omitempty"`
}

// Decision is the body of a decision event. Approve, reject, answer and supply
// are the step's result, unless it waits. Behind a skip comes the failed event that is.
type Decision struct {
	Step     *Step             `json:"step,omitempty"` // if nothing but an override went before
	What     pawl.DecisionKind `json:"what"`
	Who      string            `json:"who"`
	Comment  string            `json:"comment,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Value    json.RawMessage   `json:"value,omitempty"` // the edited proposal, the answer, what was supplied
	Budget   *pawl.Budget      `json:"budget,omitempty"`
	Digest   string            `json:"digest,omitempty"`   // of the blocker that it lifts
	Delivery string            `json:"delivery,omitempty"` // of an event from a program: counts once for each key
	Expired  bool              `json:"expired,omitempty"`
	Trace    string            `json:"trace,omitempty"` // the traceparent that it came with; absent: none
	Waits    bool              `json:"waits,omitempty"` // until the flow asks; an event without it makes it the result then
}

// Reused is the body of a reused event: a step's result is taken over from the run's
// base. It is a copy.
type Reused struct {
	Step Step `json:"step"`
	From Took `json:"from"`

	// Turn is TurnStands or TurnGoesOn, in place of a result: the step, whose result is to
	// be taken over, stands or may go on at this point, as it did there.
	Turn string `json:"turn,omitempty"`

	Result json.RawMessage `json:"result,omitempty"`
	Error  *Failure        `json:"error,omitempty"` // in place of Result: a failure that the flow takes as a value

	// Decision is what a person decided there, and DecidedAt when; absent: nobody did. It
	// has no value if that is the result, or is in it.
	Decision  *Decision `json:"decision,omitempty"`
	DecidedAt pawl.Time `json:"decided_at,omitzero"`

	SleptMS *int64 `json:"slept_ms,omitempty"` // how long a sleep was to last, in milliseconds; absent: not known, or it is none
}

// What Reused.Turn may be.
const (
	TurnStands = "stands"
	TurnGoesOn = "goes_on"
)

// Took says which step of which run a result comes from, and what it took there.
type Took struct {
	Run   pawl.RunID        `json:"run"`
	Key   pawl.Key          `json:"key"`
	Usage *pawl.UsageRecord `json:"usage,omitempty"` // of all attempts at models; absent: there were none
}

// Override is the body of an override event: what the step comes to when the flow asks
// for it, if it passes.
type Override struct {
	Kind  pawl.Kind       `json:"kind"` // of the step
	Value json.RawMessage `json:"value"`
	Who   string          `json:"who"`

	Sensitive bool `json:"sensitive,omitempty"` // as the step of the base is, see Step
}

// Withdraw is a decision that is no person's: what the flow asks fits what is recorded
// again, and the mismatch is none any more.
const Withdraw pawl.DecisionKind = "withdraw"

// Guidance is the body of a guidance event: an instruction for later asks.
type Guidance struct {
	Text string `json:"text"`
	Who  string `json:"who"`
}

// Directive is the body of a directive event.
type Directive struct {
	What  pawl.DirectiveKind `json:"what"`
	Who   string             `json:"who"`
	Model string             `json:"model,omitempty"` // from now on, above what prompts say unless Default
	Text  string             `json:"text,omitempty"`  // why

	Fallback []string        `json:"fallback,omitempty"` // from now on, as in Created
	Prompts  []pawl.Replaced `json:"prompts,omitempty"`  // from now on, all of them, as in Created

	// Default: nobody has asked for it. The run was queued without a model, and this is
	// the one of the process that took it up, below what prompts say.
	Default bool `json:"default,omitempty"`
}

// Note is the body of a note event. With a key and Stale it says that the
// step's request has changed since its result was recorded.
type Note struct {
	Text  string `json:"text"`
	Stale string `json:"stale,omitempty"` // the digest that the step would have now
	Aside bool   `json:"aside,omitempty"` // it is the engine's, not the flow's

	NoBase bool `json:"no_base,omitempty"` // the run's base was not there when it was executed
}

// Done is the body of a done event.
type Done struct {
	Output json.RawMessage `json:"output"`
	Reason string          `json:"reason,omitempty"` // why the output is not approved
	Unused []pawl.Key      `json:"unused,omitempty"` // recorded results that the flow did not ask for
}

// Canceled is the body of a canceled event.
type Canceled struct {
	Reason string `json:"reason"`
	Who    string `json:"who,omitempty"`
}
