// Command studynotes makes study notes of a text: a planner says which topics it
// has, workers write the notes on each of them side by side, and an editor joins
// them. Notes belong to their topic, wherever it stands in the plan.
//
//	go run ./examples/studynotes run studynotes --text "The tides follow the moon ..." -o notes.md
package main

import (
	"embed"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

//go:embed prompts
var files embed.FS

// Text is what is studied.
type Text struct {
	Text string `json:"text" jsonschema:"the text to be studied" pawl:"len=1..50000"`
}

// Plan is what the planner answers.
type Plan struct {
	Title  string  `json:"title" jsonschema:"a title for the notes" pawl:"len=1..100"`
	Topics []Topic `json:"topics" jsonschema:"in the order in which they are best learned" pawl:"items=2..6"`
}

// Topic is a part of the text that a worker takes.
type Topic struct {
	Name  string `json:"name" jsonschema:"a few words" pawl:"len=1..80"`
	Focus string `json:"focus" jsonschema:"what the notes on it are to explain" pawl:"len=1..300"`
}

// Key is what a topic is known by.
func (t Topic) Key() string { return strings.ToLower(t.Name) }

// Validate turns down a plan that has a topic twice.
func (p Plan) Validate() error {
	seen := map[string]int{}
	for i, t := range p.Topics {
		if j, ok := seen[t.Key()]; ok {
			return fmt.Errorf("topics[%d].name: %q is topics[%d] already", i, t.Name, j)
		}
		seen[t.Key()] = i
	}
	return nil
}

// Task is what a worker gets.
type Task struct {
	Topic Topic
	Text  string
}

// Points is what a worker answers.
type Points struct {
	Points []string `json:"points" jsonschema:"what to remember, one sentence each" pawl:"items=1..8"`
}

// Note is the points of a topic.
type Note struct {
	Topic  string   `json:"topic"`
	Points []string `json:"points"`
}

// Folder is what the editor gets.
type Folder struct {
	Title string
	Notes []Note
}

// Joined is what the editor answers.
type Joined struct {
	Summary   string   `json:"summary" jsonschema:"what holds the topics together, in a paragraph"`
	Questions []string `json:"questions" jsonschema:"to test oneself with" pawl:"items=2..5"`
}

// Notes are the whole.
type Notes struct {
	Title     string   `json:"title"`
	Summary   string   `json:"summary"`
	Topics    []Note   `json:"topics"`
	Questions []string `json:"questions"`
}

// Markdown is what a person sees of it.
func (n Notes) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", n.Title, n.Summary)
	for _, topic := range n.Topics {
		fmt.Fprintf(&b, "\n## %s\n\n", topic.Topic)
		for _, p := range topic.Points {
			fmt.Fprintf(&b, "- %s\n", p)
		}
	}
	b.WriteString("\n## Test yourself\n\n")
	for i, q := range n.Questions {
		fmt.Fprintf(&b, "%d. %s\n", i+1, q)
	}
	return b.String()
}

var (
	planP = pawl.MustPrompt[Text, Plan](files, "prompts/plan.md")
	noteP = pawl.MustPrompt[Task, Points](files, "prompts/note.md")
	joinP = pawl.MustPrompt[Folder, Joined](files, "prompts/join.md")
)

// Flow makes study notes.
var Flow = pawl.New("studynotes", "Make study notes of a text.", study, pawl.Prompts(planP, noteP, joinP),
	pawl.Doc{Pattern: "orchestrator and workers"},
	pawl.Example(Text{Text: "The tides follow the moon. Twice a day the sea rises and falls."}))

func study(r *pawl.Run, in Text) (Notes, error) {
	plan := pawl.Ask(r, "plan", planP.With(in))
	notes := pawl.Map(r, "topics", plan.Topics, func(r *pawl.Run, t Topic) (Note, error) {
		answer := pawl.Ask(r, "note", noteP.With(Task{Topic: t, Text: in.Text}))
		return Note{Topic: t.Name, Points: answer.Points}, nil
	}, pawl.By(Topic.Key), pawl.Limit(4))
	joined := pawl.Ask(r, "join", joinP.With(Folder{Title: plan.Title, Notes: notes}))
	return Notes{Title: plan.Title, Summary: joined.Summary, Topics: notes, Questions: joined.Questions}, nil
}

func main() { cli.Main(Flow) }
