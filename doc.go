// Package pawl is the vocabulary of durable LLM workflows: code decides the
// order, models do the language, people hold the gates, and a finished step stays
// finished.
//
// A flow is a Go function with a typed input and output. A run is one execution of it
// against a journal. Everything that costs or has effects is a step of the run; its
// result is recorded under its key before the flow sees it, so a run that is resumed
// takes what is recorded and executes only what is not.
//
//	//go:embed prompts/*.md
//	var files embed.FS
//
//	var (
//		outlineP = pawl.MustPrompt[Topic, Outline](files, "prompts/outline.md")
//		draftP   = pawl.MustPrompt[Outline, Draft](files, "prompts/draft.md")
//	)
//
//	var Flow = pawl.New("article", "Plan and write a short article.", article, pawl.Prompts(outlineP, draftP))
//
//	func article(r *pawl.Run, in Topic) (Draft, error) {
//		outline := pawl.Ask(r, "outline", outlineP.With(in))
//		draft := pawl.Ask(r, "draft", draftP.With(outline).Gate("not too short", longEnough))
//		a := pawl.Approve(r, "publish", draft, "Publish this article?")
//		return a.Value, a.Err()
//	}
//
// # For authors of flows
//
// A flow is made by [New], with its [Prompts], an [Example], a [Doc] and its [Sources].
// Its code has a [Run], and these are its words:
//
//   - [Ask] and [TryAsk] ask a model. The [Question] comes from a [Prompt] ([MustPrompt],
//     [PromptText]) or from [Messages]; it has gates, a model, other models to fall back
//     on, and limits.
//   - [Do], [TryDo] and [Exec] run code with effects, with an [IdempotencyKey];
//     [Repeatable], [Fresh], [Timeout], [Tries] say how, [Transient] and [RetryAfter]
//     what its errors mean.
//   - [Approve] and [Input] ask a person; [Who], [NotBy], [Reasons], [Shown],
//     [RejectAfter], [ApproveAfter], [AnswerAfter] say whom, what and how long.
//   - [Await] and [TryAwait] wait for a program, which answers at [Run.Callback]; [For]
//     says how long. [Sleep] waits for a time.
//   - [Map] and [TryMap] go through items side by side, [By] their identity, up to a
//     [Limit], or [InOrder]; [Parallel] has branches with names ([Go]); [Call] and
//     [TryCall] run another flow inside this run. A flow may call itself.
//   - [Run.Now], [Run.ID] and [Run.Rand] are clock, names and chance that a replay
//     repeats; [Run.Note] tells the reader something; [Fail] ends a run for good.
//
// Steps return values, not errors: like t.Fatal in a test, a step that cannot
// finish does not return. Its branch ends there, the others go on, and then the
// run stands still with the reason, to be resumed. The Try forms return what is wrong
// with this one question as a value; trouble of the surroundings (a key that has
// expired, a provider that is down) stands still there too. Functions that the author
// writes return (T, error).
//
// Types say what their values must be, to models, people and programs alike. A field's
// json tag is its name, its jsonschema tag a description, and its pawl tag holds bounds:
// `pawl:"default=500,min=1,max=900"`, enum=, len= (of texts), items= (of lists), and
// sensitive for what views must not show; see package schema. A method Validate() error
// checks what tags cannot say, Enum() []string of a string type is its closed set.
// Of an output Markdown() string is its form for people, and NotApproved() string says why
// it is not approved, if it is not: the run is done then all the same, with that as its
// reason.
//
// Rules one can break:
//
//   - What a flow does must follow from its input and its steps' results. Time,
//     random numbers and IDs come from the [Run].
//   - A branch uses the [Run] that it was given, on the goroutine that it was
//     given; flow code starts no goroutines.
//   - Steps are named by literals; a name that is used again in the same scope
//     becomes name#2, name#3. [Was] renames one under runs in flight.
//   - Branches may share variables: only one of them executes at a time, and
//     they go on in the order in which their steps' results were recorded, or
//     places in a [Map] with a [Limit] came free. A replay repeats it.
//
// cmd/pawlvet finds what breaks them, as far as code tells; package pawltest runs flows
// in tests, with a script for the model; docs/changing.md says what becomes of runs in
// flight when code changes.
//
// # For callers
//
// An [Engine] executes runs; engine/local does it in this process. [Start] begins a run
// and returns its [Handle], [FlowOf.Handle] finds one that was begun before, and
// [Handle.Result] waits for its output. [Engine.Decide] answers what a run asks
// ([Decision]), [Engine.Direct] pauses, resumes, cancels and guides it ([Directive]). A
// program whose runs are to go on by themselves after a restart calls Work of
// engine/local. Every error is an [*Error] of an [ErrorKind], which is an exit code and an
// HTTP status too.
//
// # Records
//
// [RunRecord] and the types around it are what every view of a run shows, in Go, in JSON
// and on the command line: [StepRecord], [Attempt], [Blocker], [UsageRecord]. [Event] is
// an entry of its history.
//
// What an engine fulfils towards flow code is in package host.
package pawl
