// Package pawl is the vocabulary of durable LLM workflows: code decides the
// order, models do the language, and a finished step stays finished.
//
// A flow ([New]) is a Go function with a typed input and output. A run is one
// execution of it against a journal. Everything that costs or has effects is a
// step of the run: [Ask] asks a model, [Do] runs code; [Map], [Parallel] and
// [Call] are scopes that hold steps. A step's result is recorded under its key
// before the flow sees it, so a run that is resumed takes what is recorded and
// executes only what is not.
//
//	var outlineP = pawl.MustPrompt[Topic, Outline](files, "prompts/outline.md")
//
//	var Flow = pawl.New("article", "Plan and write a short article.", article, pawl.Prompts(outlineP))
//
//	func article(r *pawl.Run, in Topic) (Draft, error) {
//		outline := pawl.Ask(r, "outline", outlineP.With(in))
//		return pawl.Ask(r, "draft", draftP.With(outline).Gate("not too short", longEnough)), nil
//	}
//
// Steps return values, not errors: like t.Fatal in a test, a step that cannot
// finish does not return. Its branch ends there, the others go on, and then the
// run stands still with the reason, to be resumed. The Try forms return the
// failure as a value. Functions that the author writes return (T, error).
//
// Rules one can break:
//
//   - What a flow does must follow from its input and its steps' results. Time,
//     random numbers and IDs come from the [Run].
//   - A branch uses the [Run] that it was given, on the goroutine that it was
//     given; flow code starts no goroutines.
//   - Steps are named by literals; a name that is used again in the same scope
//     becomes name#2, name#3.
//   - Branches may share variables: only one of them executes at a time, and
//     they go on in the order in which their steps' results were recorded.
//
// [Engine] is runs from outside; engine/local does it on this machine. [RunRecord] and
// the types around it are what every view of a run shows. What an engine fulfils towards
// flow code is in package host.
package pawl
