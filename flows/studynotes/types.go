package studynotes

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/flows/internal/prose"
)

// Input is what is studied, and by whom.
type Input struct {
	Text  string `json:"text" jsonschema:"the text to be studied" pawl:"len=1..50000"`
	Level string `json:"level" jsonschema:"who studies it" pawl:"enum=beginner|intermediate|advanced,default=beginner"`
}

// Validate refuses a blank text.
func (in Input) Validate() error {
	if prose.Blank(in.Text) {
		return errors.New("text: is blank, wants something to study")
	}
	return nil
}

// Plan is what the planner answers.
type Plan struct {
	Title    string    `json:"title" jsonschema:"a title for the notes, of a few words" pawl:"len=1..100"`
	Concepts []Concept `json:"concepts" jsonschema:"the key concepts, in the order in which they are best learned" pawl:"items=2..6"`
}

// Concept is a part of the text that a worker takes.
type Concept struct {
	Name  string `json:"name" jsonschema:"the concept in a few words" pawl:"len=1..80"`
	Focus string `json:"focus" jsonschema:"what the notes on it are to explain" pawl:"len=1..300"`
}

// Key is what a concept is known by.
func (c Concept) Key() string { return strings.ToLower(strings.TrimSpace(c.Name)) }

// Validate turns down a plan that has a concept twice, or one without a name.
func (p Plan) Validate() error {
	seen := map[string]int{}
	for i, c := range p.Concepts {
		if c.Key() == "" {
			return fmt.Errorf("concepts[%d].name: is blank", i)
		}
		if j, ok := seen[c.Key()]; ok {
			return fmt.Errorf("concepts[%d].name: %q is concepts[%d] already", i, c.Name, j)
		}
		seen[c.Key()] = i
	}
	return nil
}

// Points is what a worker answers.
type Points struct {
	Points []string `json:"points" jsonschema:"what to remember, one sentence each" pawl:"items=1..8"`
}

// Note is the points of a concept.
type Note struct {
	Concept string   `json:"concept" jsonschema:"the concept"`
	Points  []string `json:"points" jsonschema:"what to remember, one sentence each"`
}

// Quiz is what the examiner answers.
type Quiz struct {
	Questions []Question `json:"questions" jsonschema:"to test oneself with" pawl:"items=3..6"`
}

// Question is one of a quiz.
type Question struct {
	Question string `json:"question" jsonschema:"the question" pawl:"len=1..300"`
	Answer   string `json:"answer" jsonschema:"the answer, in a sentence" pawl:"len=1..500"`
}

// Review is what the reviewer answers. What it is based on stands before the verdict, so that
// a model writes it first.
type Review struct {
	Unsupported []string `json:"unsupported" jsonschema:"statements of notes, summary or quiz that the text does not say; empty if there are none" pawl:"items=0..10"`
	Difficulty  string   `json:"difficulty" jsonschema:"how hard notes and quiz are for whom they are" pawl:"enum=too easy|fitting|too hard"`
	Score       float64  `json:"score" jsonschema:"how useful they are, from 0 to 1" pawl:"min=0,max=1"`
	Approved    bool     `json:"approved" jsonschema:"whether they can be learned from as they are"`
}

// Validate wants a verdict that fits what it is based on.
func (v Review) Validate() error {
	if v.Approved && len(v.Unsupported) > 0 {
		return errors.New("approved: wants to be false, since there are unsupported statements")
	}
	return nil
}

// Output is the notes, the quiz, and what the reviewer made of them.
type Output struct {
	Title   string     `json:"title" jsonschema:"the title"`
	Summary string     `json:"summary" jsonschema:"what holds the concepts together"`
	Notes   []Note     `json:"notes" jsonschema:"the notes, concept by concept"`
	Quiz    []Question `json:"quiz" jsonschema:"questions with their answers"`
	Review  Review     `json:"review" jsonschema:"the review against the text"`
}

// NotApproved says that the reviewer did not approve them, and why.
func (o Output) NotApproved() string {
	if o.Review.Approved {
		return ""
	}
	return fmt.Sprintf("the review gives a score of %g, difficulty: %s, and finds %s that the text does not say",
		o.Review.Score, o.Review.Difficulty, prose.Count(len(o.Review.Unsupported), "statement"))
}

// Markdown is the notes for people: the answers of the quiz stand at the end.
func (o Output) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", prose.Line(o.Title), o.Summary)
	for _, n := range o.Notes {
		fmt.Fprintf(&b, "\n## %s\n\n", prose.Line(n.Concept))
		for _, p := range n.Points {
			fmt.Fprintf(&b, "- %s\n", p)
		}
	}
	b.WriteString("\n## Test yourself\n\n")
	for i, q := range o.Quiz {
		fmt.Fprintf(&b, "%d. %s\n", i+1, q.Question)
	}
	b.WriteString("\n## Answers\n\n")
	for i, q := range o.Quiz {
		fmt.Fprintf(&b, "%d. %s\n", i+1, q.Answer)
	}
	return b.String()
}

// The data of prompts is flat, so that a prompt which leaves a field out does not load.

type planData struct{ Text, Level string }

type noteData struct{ Text, Level, Concept, Focus string }

type summaryData struct {
	Title, Level string
	Notes        []Note
}

type quizData struct {
	Level, Summary string
	Notes          []Note
}

type reviewData struct {
	Text, Level, Summary string
	Notes                []Note
	Questions            []Question
}
