package pawl

import (
	"context"
	"encoding/json"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Host is a run from inside: what flow code stands on. Each branch has its own
// Host, and only that branch may use it, while it is the one that executes. All
// values are raw JSON with exact integers. The typed functions of this package
// and scripts use the same Host; engines implement it.
//
// A method that cannot go on (the step failed, the run stops) does not return:
// it ends the branch's goroutine with runtime.Goexit, so deferred functions run
// and recover sees nothing.
type Host interface {
	// Step executes a step or takes its recorded result. It returns an error,
	// always an *Error, only if Step.Try is set.
	Step(Step) (json.RawMessage, error)

	// Wait waits for something outside, or takes what has come of it: for a sleep
	// null, for an approval a Verdict, for an input the answer.
	Wait(Wait) json.RawMessage

	// Fork opens a scope and runs its branches, one of them at a time between
	// their steps. It returns when all have ended: nil, or with Fork.Try one
	// entry for each branch, nil where the branch went well: an *Error of what it
	// returned, with the branch's key, or that of a step in it that could not
	// finish. Without Try a branch that returns an error fails the run.
	Fork(Fork) []error

	// Note adds a line to the run's history, once: a replay does not repeat it.
	Note(string)

	// Now is the time of the last event that the run has taken. It never goes back.
	Now() time.Time

	// Info says which run and branch this is.
	Info() Info
}

// Info is what a branch may know about itself.
type Info struct {
	Run   RunID
	Flow  string
	Scope Key    // the branch's key prefix; empty at the root
	Seed  uint64 // the run's seed; a rerun inherits it
}

// Step is one journaled unit of work as data. Exactly one of Ask and Do is set.
type Step struct {
	Name    string // 1 to 64 of a-z A-Z 0-9 _ - .
	Purpose string // a line; empty: made from the name
	Ask     *AskStep
	Do      *DoStep
	Gates   []Gate // all run on each result, after its schema has accepted it
	Try     bool   // the failure is returned; it is then final and journaled as such
}

// Kind returns the step's kind.
func (s Step) Kind() Kind {
	if s.Ask != nil {
		return KindAsk
	}
	return KindDo
}

// AskStep is a model call as data.
type AskStep struct {
	Messages   []llm.Message
	Schema     *schema.Schema // nil: the answer is text, its JSON a string
	SchemaName string
	Model      string        // provider/model; empty: the run's
	MaxTokens  int           // 0: the provider's limit
	Timeout    time.Duration // of one attempt; 0: 3 minutes
	OnUnknown  Unknown

	// Data is what the question is about, by the name of the field, apart from how it is put: system
	// messages, templates and settings are in none of it. An engine calls it at
	// most once and while the branch that asks stands still; nil: not known.
	Data func() map[string]json.RawMessage
}

// DoStep is code with effects.
type DoStep struct {
	Input json.RawMessage

	// Fn does the work. It runs beside other branches' work, so it must not
	// touch what they touch. key is the same for every attempt of this step
	// and different for every other: an idempotency key. Its result is JSON.
	Fn func(ctx context.Context, key string, in json.RawMessage) (json.RawMessage, error)

	// Fits says what is wrong with a result that a person supplies; nil: nothing.
	Fits func(*Candidate) error

	Repeatable bool // doing it twice is harmless: no intent is journaled
	Fresh      bool // never reused from a base run
	Sensitive  bool // the result has a field that views must not show
}

// Unknown says what to do when a crash hid how a call ended.
type Unknown string

const (
	UnknownRetry Unknown = "retry" // make it again; the default
	UnknownAsk   Unknown = "ask"   // ask a person
)

// Wait is a step in which the run itself does nothing: time passes, or someone
// outside acts.
type Wait struct {
	Name    string
	Purpose string // a line; empty: made from the name
	Kind    Kind   // KindSleep, KindApprove or KindInput

	// For is how long a sleep lasts, from when the step is first reached. Of the
	// others it is how long an answer may take; 0: for ever.
	For time.Duration

	// These are of approve and input alone.
	Question string
	Who      string          // is asked; empty: anyone
	Proposal json.RawMessage // of approve
	Schema   *schema.Schema  // of a proposal and its edits, or of the answer; nil: any JSON
	Gates    []Gate          // all run on an edit and on an answer, after the schema has accepted it
	Reasons  []string        // of approve: what a rejection says, one of them; empty: nothing
	Default  *Decision       // what counts when For is over: its What, and of input its Value
}

// Verdict is what an approval came to.
type Verdict struct {
	Approved bool            `json:"approved"`
	Value    json.RawMessage `json:"value"` // as proposed, or as edited
	Edited   bool            `json:"edited"`
	Reason   string          `json:"reason"`
	Comment  string          `json:"comment"`
	Who      string          `json:"who"`
	At       Time            `json:"at"`
	Expired  bool            `json:"expired"` // nobody decided in time
}

// Fork opens a scope.
type Fork struct {
	Name    string
	Purpose string   // a line; empty: made from the name
	Kind    Kind     // KindMap, KindParallel or KindCall
	Names   []string // the branches' names, for KindParallel
	IDs     []string // of KindMap, what names each branch, as it stands in keys; nil: its place
	N       int      // how many branches
	Limit   int      // how many may be under way at once; 0: all
	Run     func(h Host, branch int) error
	Try     bool // a branch that fails does not fail the run
}
