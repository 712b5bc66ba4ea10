package host

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Step is one journaled unit of work as data. Exactly one of Ask and Do is set.
type Step struct {
	Name    string  // 1 to 64 of a-z A-Z 0-9 _ - . and no - first
	Purpose string  // a line; empty: made from the name
	Was     string  // the name it had before, under which the run may know it; empty: none
	Caller  uintptr // program counter of the call in flow code, see Place; 0: not known
	Ask     *AskStep
	Do      *DoStep
	Gates   []Gate // all run on each result, after its schema has accepted it

	// Try has a failure that lies in the question returned, see
	// pawl.ErrorKind.OfQuestion; it is then final and journaled as such.
	Try bool

	// Tries is how many attempts of a round, and of a model, may fail of what will
	// pass; 0: 5.
	Tries int
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

	// Sent is Schema with the bounds of gates that a schema can say, which providers are
	// to enforce; nil: Schema. Answers are judged by Schema and the gates.
	Sent *schema.Schema

	Model     string        // provider/model; empty: the run's
	MaxTokens int           // of the answer, reasoning included; 0: the model's default, see llm.LimitOf
	Timeout   time.Duration // of one attempt; 0: 3 minutes. One of the engine stands above it

	// Fallback are further models, provider/model, for where the ones before cannot
	// answer. A model that is forced upon the run drops them.
	Fallback []string

	// Answers is how many answers of a round, and of a model, may be turned down by
	// the schema or a gate; 0: 3, the first and two repairs.
	Answers     int
	Temperature *float64 // see llm.Request; nil: the provider's
	Effort      string   // see llm.Request; empty: the provider's

	// AskUnknown has a person say what to do when a crash hid how a call ended;
	// otherwise it is made again.
	AskUnknown bool

	// Data is what the question is about, by the name of the field, apart from how it is put: system
	// messages, templates and settings are in none of it. An engine calls it at
	// most once and while the branch that asks stands still; nil: not known.
	Data func() map[string]json.RawMessage
}

// SentSchema returns the schema that is sent; nil: the answer is text.
func (a *AskStep) SentSchema() *schema.Schema { return cmp.Or(a.Sent, a.Schema) }

// DoStep is code with effects.
type DoStep struct {
	Input json.RawMessage

	// Fn does the work. It runs beside other branches' work, so it must not
	// touch what they touch. key is the same for every attempt of this step
	// and different for every other: an idempotency key. Its result is JSON.
	Fn func(ctx context.Context, key string, in json.RawMessage) (json.RawMessage, error)

	// Fits says what is wrong with a result that a person supplies; nil: nothing.
	Fits func(*Candidate) error

	Timeout    time.Duration // of one attempt, whose context ends then; 0: none
	Repeatable bool          // doing it twice is harmless: no intent is journaled
	Fresh      bool          // never reused from a base run
	Sensitive  bool          // the result has a field that views must not show
}
