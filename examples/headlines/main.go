// Command headlines finds a headline for a text: five are written side by side,
// each in a tone of its own, a judge gives every one of them a score, and code
// picks the best. A tone that the model refuses is left out.
//
//	go run ./examples/headlines run headlines --text "The harbour opens again on Monday."
package main

import (
	"embed"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

//go:embed prompts
var files embed.FS

// Text is what needs a headline.
type Text struct {
	Text string `json:"text" jsonschema:"the text that needs a headline" pawl:"len=1..20000"`
}

var tones = []string{"sober", "playful", "urgent", "curious", "warm"}

// Order is one headline to be written.
type Order struct {
	Text string
	Tone string
}

// Headline is a headline in a tone. The model gives the line alone.
type Headline struct {
	Tone string `json:"tone"`
	Line string `json:"line"`
}

// Line is a model's answer to an Order.
type Line struct {
	Line string `json:"line" jsonschema:"the headline, without quotes and full stop" pawl:"len=3..90"`
}

// Contest is what the judge sees: not the tones, so as not to lead.
type Contest struct {
	Text  string
	Lines []string
}

// Verdict is the judge's.
type Verdict struct {
	Marks []Mark `json:"marks" jsonschema:"one for each headline, in their order"`
}

// Mark is what the judge gives one headline.
type Mark struct {
	Why   string `json:"why" jsonschema:"a reason in a few words"`
	Score int    `json:"score" jsonschema:"how good the headline is" pawl:"min=0,max=10"`
}

// Choice is the best headline, and how all of them did.
type Choice struct {
	Best Headline   `json:"best"`
	All  []Headline `json:"all"`
}

// Markdown is what a person sees of it.
func (c Choice) Markdown() string { return "# " + c.Best.Line + "\n" }

var (
	writeP = pawl.MustPrompt[Order, Line](files, "prompts/write.md")
	judgeP = pawl.MustPrompt[Contest, Verdict](files, "prompts/judge.md")
)

// Flow finds a headline.
var Flow = pawl.New("headlines", "Find a headline.", choose, pawl.Prompts(writeP, judgeP),
	pawl.Example(Text{Text: "The harbour opens again on Monday."}))

func choose(r *pawl.Run, in Text) (Choice, error) {
	written := pawl.TryMap(r, "tones", tones, func(r *pawl.Run, tone string) (Headline, error) {
		answer := pawl.Ask(r, "write", writeP.With(Order{Text: in.Text, Tone: tone}))
		return Headline{Tone: tone, Line: answer.Line}, nil
	}, pawl.By(func(tone string) string { return tone }))

	var all []Headline
	var lines []string
	for _, w := range written {
		if w.Err == nil {
			all = append(all, w.Value)
			lines = append(lines, w.Value.Line)
		}
	}
	if len(all) == 0 {
		return Choice{}, pawl.Fail(errors.New("not one headline was written"))
	}
	verdict := pawl.Ask(r, "judge", judgeP.With(Contest{Text: in.Text, Lines: lines}).
		Gate(fmt.Sprintf("%d marks", len(lines)), func(v Verdict) error {
			if len(v.Marks) != len(lines) {
				return fmt.Errorf("has %d marks, wants %d marks", len(v.Marks), len(lines))
			}
			return nil
		}))
	return Choice{Best: best(all, verdict.Marks), All: all}, nil
}

// best is the headline with the highest score; of equals, the first.
func best(all []Headline, marks []Mark) Headline {
	at := 0
	for i := range all {
		if marks[i].Score > marks[at].Score {
			at = i
		}
	}
	return all[at]
}

func main() { cli.Main(Flow) }
