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
	Topic string `json:"topic" jsonschema:"what the text is about" pawl:"len=1..500"`
}

// Plan is what the planner answers. Its type is the contract: an answer that does not fit it
// is sent back with what is wrong.
type Plan struct {
	Title    string   `json:"title" jsonschema:"a title of a few words" pawl:"len=1..100"`
	Sections []string `json:"sections" jsonschema:"what each section says, in order"`
}

// Output is what the flow comes to.
type Output struct {
	Title string `json:"title" jsonschema:"the title"`
	Text  string `json:"text" jsonschema:"the text"`
}

// Markdown is what a person sees of it.
func (o Output) Markdown() string { return "# " + o.Title + "\n\n" + o.Text + "\n" }

// The prompts are files, and are checked against the types of what goes in and comes out when
// the program starts.
var (
	planP  = pawl.MustPrompt[Input, Plan](files, "prompts/plan.md")
	writeP = pawl.MustPrompt[writeData, string](files, "prompts/write.md")
	joinP  = pawl.MustPrompt[joinData, string](files, "prompts/join.md")
)

type writeData struct{ Topic, Section string }

type joinData struct {
	Title    string
	Sections []string
}

// Flow writes a text section by section.
var Flow = pawl.New("myflow", "Plan a text, write its sections side by side and join them.", write,
	pawl.Prompts(planP, writeP, joinP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "orchestrate"},
	pawl.Example(Input{Topic: "why small steps work"}))

// write has as many sections written as are planned: 2 to 5, of which 4 at once.
func write(r *pawl.Run, in Input) (Output, error) {
	done := pattern.Orchestrate(r, pattern.Orchestra[Plan, string, string, string]{
		Plan:  planP.With(in).Items("sections", 2, 5),
		Parts: func(p Plan) []string { return p.Sections },
		Work: func(r *pawl.Run, section string) (string, error) {
			return pawl.Ask(r, "write", writeP.With(writeData{in.Topic, section})), nil
		},
		Join: func(p Plan, written []string) pawl.Question[string] {
			return joinP.With(joinData{p.Title, written})
		},
	}, pawl.Limit(4))
	return Output{done.Plan.Title, done.Joined}, nil
}
