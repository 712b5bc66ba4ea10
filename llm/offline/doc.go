// Package offline answers requests without a language model, an account or a
// network, so that every flow can be run, tested and shown anywhere.
//
// [Model] is the stand-in. It answers with plain English about the subject of
// the prompt or with JSON that satisfies the request's schema in every respect.
// [Notice] says in one sentence what it is; whoever offers it to a person shows
// that sentence.
//
//	answer, err := offline.Model{}.Generate(ctx, llm.Request{
//		Messages: []llm.Message{llm.User("Topic: tides\nWrite about the sea.")},
//		Meta:     llm.Meta{Gates: []string{"150 to 200 words"}},
//	}, nil)
//
// How long a text is, how many items a list has and what numbers add up to is
// handed to it. It reads such bounds, which all have one form ("250 to 400
// words", "at least 3 examples", "lengths add up to 100"), from these, the
// weightiest first:
//
//   - the schema, and in it the description of the field itself;
//   - what a complaint about an earlier answer wants;
//   - the names of the step's gates, [llm.Meta] Gates;
//   - the lines of the prompt, of which the last one counts most. What they
//     quote, label or tag is material and bounds nothing.
//
// A bound is for the field that its sentence names, or else for the main text.
//
// Rules one can break:
//
//   - The answer depends on the messages, the schema, the names of the gates and
//     the options alone: not on the clock, the run, the step or earlier requests.
//     Equal requests get equal answers.
//   - Faults depend on the options and [llm.Meta] Attempt alone; an answer that is
//     given in a file, on that file and [llm.Meta] Key and Attempt.
//   - It knows no flow, prompt or step by name.
//   - After an answer and a complaint about it, the original request is answered
//     again.
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
//	answers=FILE   answers from a file, a JSON object {"step/key": [answer, ...]}
//
// Counted faults come one kind after the other, in this order. The answers of a file
// are for the attempts behind them; a string is the text as it stands, anything
// else its JSON. A step that is not in the file, or whose answers are used up, is
// answered as ever. [Model] reads a file only if it has a ReadFile.
package offline

// Notice says what this package is, for people.
const Notice = "The offline model is not a language model: its text is made from the prompt by fixed rules."
