// Package pattern has the shapes that workflows with models take, as plain functions over
// package pawl: [Route], [Refine], [BestOf], [Vote], [Orchestrate] and [Guard]. Each can be
// copied into a flow and changed; none does what a flow could not.
//
//   - A chain needs no function: one [pawl.Ask] after another, each with what the one before
//     came to. Nor do fan-out and fan-in: a [pawl.Map], and an Ask about all that it returns.
//   - Questions are the flow's own, with its prompts, gates and models. A pattern decides in
//     which order they are asked, and what becomes of the answers.
//   - The steps of a pattern have the keys that its doc comment says. Patterns may stand in
//     one another, and several times in one scope: a name that comes again is name#2.
//   - Each pattern leaves a note of what it decided and why.
//
// docs/patterns has a page for each: when it helps, when it does not, and what it costs.
package pattern
