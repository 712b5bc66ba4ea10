package pawl

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Question is what to ask a model, which answer is wanted and how to check it.
// It is a value: its methods return a changed copy. Prompt.With and Messages
// make one.
type Question[Out any] struct {
	author func(replacements) (authored, error) // nil: the question is empty
	set    []func(*host.Step)                   // its own settings, above those of a prompt's header
	gates  []host.Gate
	then   []llm.Message
	was    string // the step's former name
}

// authored is what a question says before its own settings.
type authored struct {
	purpose string
	ask     host.AskStep
}

// Messages makes a question without a prompt. The purpose is one line that reads as
// a log line: "Planning outline".
//
// Messages panics if Out is neither string nor a type that vendors' strict structured
// outputs can express. Within a flow that fails the run, perhaps behind steps that
// were paid for: what can be said with PromptText is checked when the program starts.
// A purpose or message that is missing fails the run when the question is asked.
func Messages[Out any](purpose string, m ...llm.Message) Question[Out] {
	answer, err := answerSchema[Out]()
	if err != nil {
		must(fmt.Errorf("pawl.Messages: %w", err))
	}
	return Question[Out]{author: func(replacements) (authored, error) {
		if purpose == "" {
			return authored{}, fmt.Errorf("a question needs a purpose")
		}
		if len(m) == 0 {
			return authored{}, fmt.Errorf("a question needs a message")
		}
		return authored{purpose, host.AskStep{Messages: m, Schema: answer, Data: func() map[string]json.RawMessage { return messageFields(m) }}}, nil
	}}
}

// Gate adds a check that an answer must pass before the flow sees it. ok is a
// pure function of the answer, which it must not change; its error goes to the
// model as a complaint and to the reader: "has 180 words, wants 250 to 400". What Items
// can say goes into the schema too.
func (q Question[Out]) Gate(name string, ok func(Out) error) Question[Out] {
	q.gates = append(q.gates[:len(q.gates):len(q.gates)], typedGate(name, ok))
	return q
}

// Model asks this model, provider/model, instead of the run's.
func (q Question[Out]) Model(name string) Question[Out] {
	return q.setting(func(s *host.Step) { s.Ask.Model = name })
}

// Fallback names models, as provider/model, that are asked in turn where the question's
// own model cannot answer: its provider refuses the account (auth, quota), or the
// attempts that Tries allows have met trouble that did not pass. What lies in the
// question, such as a refusal or answers that pass no gate, is no reason to ask another
// model. Each model gets the question as it was written, with attempts of its own. A
// round begins with the first model whose provider has not refused the account in this
// execution of the run.
//
// All of the models are looked up before the first one is asked: if one is not known or
// has no key the step stands still, and if one has no price the budget's limit in dollars
// stops it. A model that is forced upon the run (StartOptions.Model, --model) drops them;
// StartOptions.Fallback come behind them. Which models are named is no part of the
// question: a recorded answer stays as it is when they change.
//
// Fallback panics at an empty name.
func (q Question[Out]) Fallback(models ...string) Question[Out] {
	if slices.Contains(models, "") {
		must(fmt.Errorf("Fallback(%q): names an empty model", models))
	}
	models = slices.Clone(models)
	return q.setting(func(s *host.Step) { s.Ask.Fallback = models })
}

// Tries is how many attempts at most may fail of trouble that will pass: a rate limit,
// an overloaded server, the network, a time-out. The default is 5, and Tries(1) tries
// nothing again. It counts such failures in a round, for each model apart; answers that
// are turned down (Repairs), one larger limit for an answer that was cut short and calls
// that a crash hid are not among them, nor are attempts that were refused for the rate of
// calls while others of their model got through, for half an hour of a round. A round
// ends when the step stands still, and a person who tries it again begins the next one.
//
// Tries panics if n is less than 1.
func (q Question[Out]) Tries(n int) Question[Out] {
	if n < 1 {
		must(fmt.Errorf("Tries(%d): wants 1 or more", n))
	}
	return q.setting(func(s *host.Step) { s.Tries = n })
}

// Repairs is how often an answer is asked for anew, with the complaints, that the answer
// type's schema or a gate has turned down. The default is 2, so that 3 answers are judged;
// with Repairs(0) the first one counts. What other libraries call retries=2 of an output
// is Repairs(2), and max_retries=2 of a request is Tries(3). It counts in a round, for
// each model apart.
//
// Repairs panics if n is negative.
func (q Question[Out]) Repairs(n int) Question[Out] {
	if n < 0 {
		must(fmt.Errorf("Repairs(%d): wants 0 or more", n))
	}
	return q.setting(func(s *host.Step) { s.Ask.Answers = n + 1 })
}

// Then adds messages behind those of the prompt: what was answered, and what is said to
// that. They are data of the step, as what the prompt was given.
func (q Question[Out]) Then(m ...llm.Message) Question[Out] {
	q.then = append(q.then[:len(q.then):len(q.then)], m...)
	return q
}

// Temperature says how much chance decides, 0 to 2; the default is the provider's.
// Reasoning models refuse one.
func (q Question[Out]) Temperature(t float64) Question[Out] {
	if !(t >= 0 && t <= 2) {
		must(fmt.Errorf("Temperature(%v): wants 0 to 2", t))
	}
	return q.setting(func(s *host.Step) { s.Ask.Temperature = &t })
}

// Effort says how much a reasoning model thinks before it answers: none, minimal, low,
// medium, high, xhigh or max, of which not every model knows all. The default is the
// provider's.
func (q Question[Out]) Effort(effort string) Question[Out] {
	if !slices.Contains(llm.Efforts(), effort) {
		must(fmt.Errorf("Effort(%q): wants one of %s", effort, strings.Join(llm.Efforts(), ", ")))
	}
	return q.setting(func(s *host.Step) { s.Ask.Effort = effort })
}

// Timeout bounds one attempt, from when its call leaves; the default is that of the
// prompt's header, else 3 minutes. A timeout of the engine stands above it.
func (q Question[Out]) Timeout(d time.Duration) Question[Out] {
	return q.setting(func(s *host.Step) { s.Ask.Timeout = d })
}

// MaxTokens bounds the answer, reasoning included: every call has a limit, which is this
// one, else that of the prompt's header (max_tokens), else the default of the model that
// is asked, 16,384 tokens where nothing is known of it; see [llm.LimitOf]. It is what is
// sent and what a budget reserves. A known model is not asked for more than it can write.
//
// An answer that took as many tokens as it might is cut short, whatever the server says.
// It is asked for once more with twice the limit, up to what the model can write, of one
// that is not known 65,536 tokens, and then the step stands still. A request that a model
// of which nothing is known refuses as too long is sent once more with a quarter of the
// limit, since servers count that as part of the request.
//
// The limit is no part of the question: a recorded answer stays as it is when it changes.
func (q Question[Out]) MaxTokens(n int) Question[Out] {
	return q.setting(func(s *host.Step) { s.Ask.MaxTokens = n })
}

// AskUnknown has a person say what to do when a crash hid how the call ended. Without
// it the call is made again, which may bill it twice.
func (q Question[Out]) AskUnknown() Question[Out] {
	return q.setting(func(s *host.Step) { s.Ask.AskUnknown = true })
}

func (q Question[Out]) setting(set func(*host.Step)) Question[Out] {
	q.set = append(q.set[:len(q.set):len(q.set)], set)
	return q
}

// step turns the question into data, as a run asks it.
func (q Question[Out]) step(r *Run, name string, from uintptr) (host.Step, error) {
	if q.author == nil {
		return host.Step{}, fmt.Errorf("step %q: the question is empty; make it with Prompt.With or Messages", name)
	}
	a, err := q.author(r.prompts)
	if err != nil {
		return host.Step{}, fmt.Errorf("step %q: %w", name, err)
	}
	if len(q.then) > 0 {
		a = a.followedBy(q.then)
	}
	a.ask.SchemaName = schemaName[Out]()
	s := host.Step{Name: name, Was: q.was, Caller: from, Purpose: a.purpose, Ask: &a.ask, Gates: typeGates[Out](q.gates)}
	for _, set := range q.set {
		set(&s)
	}
	return s, nil
}

// followedBy returns the question with messages behind its own.
func (a authored) followedBy(then []llm.Message) authored {
	own := a.ask.Data
	a.ask.Messages = append(a.ask.Messages[:len(a.ask.Messages):len(a.ask.Messages)], then...)
	a.ask.Data = func() map[string]json.RawMessage {
		all := own()
		for name, m := range messageFields(then) {
			all["then "+name] = m // no field of a struct is named so
		}
		return all
	}
	return a
}

// answerSchema returns the schema that an answer of type Out must have, nil for
// text, and makes sure that vendors can enforce it.
func answerSchema[Out any]() (*schema.Schema, error) {
	t := reflect.TypeFor[Out]()
	if t.Kind() == reflect.String {
		return nil, nil
	}
	s, err := schema.For[Out]()
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	if err := s.CheckStrict(); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return s, nil
}

// schemaName makes the name of a schema on the wire from its type's.
func schemaName[Out any]() string {
	clean := func(c rune) rune {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' {
			return c
		}
		return -1
	}
	name := strings.Map(clean, reflect.TypeFor[Out]().Name())
	if len(name) > 64 {
		name = name[:64]
	}
	return strings.ToLower(name)
}
