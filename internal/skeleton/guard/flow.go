package main

import (
	"embed"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/pattern"
)

//go:embed *.go prompts
var files embed.FS

// Input is what the flow is given: each field is a flag of the command.
type Input struct {
	Question string `json:"question" jsonschema:"what somebody asks" pawl:"len=1..4000"`
}

// Output is what the flow comes to.
type Output struct {
	Answer  string            `json:"answer" jsonschema:"the answer, or that there is none"`
	Refused []pattern.Refused `json:"refused" jsonschema:"the checks that held the answer back, and why"`
}

// Markdown is what a person sees of it.
func (o Output) Markdown() string { return o.Answer }

// The prompts are files, and are checked against the types of what goes in and comes out when
// the program starts.
var (
	answerP = pawl.MustPrompt[Input, string](files, "prompts/answer.md")
	policyP = pawl.MustPrompt[Input, pattern.Verdict](files, "prompts/policy.md")
)

// Flow answers what may be answered.
var Flow = pawl.New("myflow", "Answer a question if it may be answered.", answer,
	pawl.Prompts(answerP, policyP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "guard"},
	pawl.Example(Input{Question: "How long does tea have to steep?"}))

// answer has the answer written and the question checked at the same time.
func answer(r *pawl.Run, in Input) (Output, error) {
	guarded := pattern.Guard(r, "reply",
		func(r *pawl.Run) (string, error) { return pawl.Ask(r, "write", answerP.With(in)), nil },
		pattern.Check{Name: "policy", May: func(r *pawl.Run) (pattern.Verdict, error) {
			return pawl.Ask(r, "check", policyP.With(in)), nil
		}})
	text, err := guarded.Answer()
	if err != nil {
		return Output{"I cannot answer that.", guarded.Refused}, nil
	}
	return Output{text, []pattern.Refused{}}, nil
}
