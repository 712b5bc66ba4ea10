// Package offline answers requests without a language model, an account or a
// network, so that every flow can be run, tested and shown anywhere.
//
// [Model] is the stand-in. It reads the prompt for a subject, for lengths and
// for numbers, and answers with plain English about that subject or with JSON
// that satisfies the request's schema in every respect. [Notice] says in one
// sentence what it is; whoever offers it to a person shows that sentence.
//
//	answer, err := offline.Model{}.Generate(ctx, llm.Request{
//		Messages: []llm.Message{llm.User("Topic: tides\nWrite about 200 words.")},
//	}, nil)
//
// Rules one can break:
//
//   - The answer depends on the messages, the schema and the options alone: not
//     on the clock, the run, the step or earlier requests. Equal requests get
//     equal answers.
//   - Faults depend on the options and [llm.Meta] Attempt alone.
//   - It knows no flow, prompt or step by name. What it understands are general
//     phrases such as "250 to 400 words", "at least 3 examples", "add up to
//     100" and "one of: red, green". A field's own description goes before the
//     prompt; in the prompt, words that instruct go before words that are
//     quoted, labelled or tagged as material.
//   - After an answer and a complaint about it, the original request is answered
//     again. Numbers that the complaint wants are heeded.
//
// The name within the provider is empty or carries options in URL query form:
//
//	offline?fail=2&malformed=1   overloaded twice, then one broken answer, then fine
//
//	fail=N         N attempts fail as overloaded
//	truncate=N     N attempts are cut short
//	malformed=N    N attempts answer with broken JSON, or with no text at all
//	reject=1       booleans are false, scores are low, lists of problems are filled
//	refuse=1       every attempt is refused
//	latency=300ms  every attempt takes that long
//
// Counted faults come one kind after the other, in this order.
package offline

// Notice says what this package is, for people.
const Notice = "The offline model is not a language model: its text is made from the prompt by fixed rules."
