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
	Product string   `json:"product" jsonschema:"what the slogan is for" pawl:"len=1..500"`
	Tones   []string `json:"tones" jsonschema:"how the slogans sound, one for each" pawl:"items=2..8,default='[\"plain\",\"funny\",\"bold\"]'"`
}

// Output is what the flow comes to.
type Output struct {
	Slogan string   `json:"slogan" jsonschema:"the best"`
	Reason string   `json:"reason" jsonschema:"why it is the best"`
	All    []string `json:"all" jsonschema:"all that were written, in the order of the tones"`
}

// Markdown is what a person sees of it.
func (o Output) Markdown() string { return o.Slogan + "\n\nWhy: " + o.Reason + "\n" }

// The prompts are files, and are checked against the types of what goes in and comes out when
// the program starts.
var (
	writeP = pawl.MustPrompt[writeData, string](files, "prompts/write.md")
	judgeP = pawl.MustPrompt[judgeData, pattern.Scores](files, "prompts/judge.md")
)

type writeData struct{ Product, Tone string }

type judgeData struct {
	Product string
	Slogans []string
}

// Flow finds a slogan.
var Flow = pawl.New("myflow", "Write a slogan in several tones and keep the best.", slogan,
	pawl.Prompts(writeP, judgeP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "best of"},
	pawl.Example(Input{Product: "a kettle that never leaks", Tones: []string{"plain", "funny", "bold"}}))

// slogan has them written side by side, and one judge score them all.
func slogan(r *pawl.Run, in Input) (Output, error) {
	best := pattern.BestOf(r, "slogans", in.Tones,
		func(r *pawl.Run, tone string) (string, error) {
			return pawl.Ask(r, "write", writeP.With(writeData{in.Product, tone})), nil
		},
		func(all []string) pawl.Question[pattern.Scores] {
			return judgeP.With(judgeData{in.Product, all})
		})
	return Output{best.Value, best.Score.Reason, best.Candidates}, nil
}
