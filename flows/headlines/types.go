package headlines

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/flows/internal/prose"
)

// tones are those in which headlines are written; of equal scores the first one wins.
var tones = []string{"sober", "curious", "playful", "warm", "urgent", "dry", "bold", "poetic"}

// Input is what needs a headline.
type Input struct {
	Text string `json:"text" jsonschema:"the text that needs a headline" pawl:"len=1..20000"`
	N    int    `json:"n" jsonschema:"how many headlines are written, each in another tone" pawl:"min=2,max=8,default=3"`
}

// Line is what a writer answers.
type Line struct {
	Headline string `json:"headline" jsonschema:"the headline, without quotes and full stop" pawl:"len=3..90"`
}

// Validate wants a line that says something: the judge sees one headline a line.
func (l Line) Validate() error {
	if prose.Blank(l.Headline) || strings.ContainsAny(l.Headline, "\r\n") {
		return errors.New("headline: wants one line that is not blank")
	}
	return nil
}

// Headline is one of those that were written.
type Headline struct {
	Tone   string  `json:"tone" jsonschema:"the tone in which it is written"`
	Line   string  `json:"line" jsonschema:"the headline"`
	Score  float64 `json:"score" jsonschema:"what the judge gives it, from 0 to 1"`
	Reason string  `json:"reason" jsonschema:"why"`
}

// LeftOut is a tone in which there is none.
type LeftOut struct {
	Tone string `json:"tone" jsonschema:"the tone"`
	Why  string `json:"why" jsonschema:"why there is none"`
}

// Output is the best headline, and how all of them did.
type Output struct {
	Best    Headline   `json:"best" jsonschema:"the one with the highest score"`
	All     []Headline `json:"all" jsonschema:"all that were written"`
	LeftOut []LeftOut  `json:"left_out" jsonschema:"tones in which none was written"`
}

// Markdown is the best headline for people, and the others behind it, the better ones first.
func (o Output) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", prose.Line(o.Best.Line))
	all := slices.SortedStableFunc(slices.Values(o.All), func(x, y Headline) int { return cmp.Compare(y.Score, x.Score) })
	for _, h := range all {
		fmt.Fprintf(&b, "- %s (%s, %.2f): %s\n", prose.Line(h.Line), h.Tone, h.Score, prose.Line(h.Reason))
	}
	for _, l := range o.LeftOut {
		fmt.Fprintf(&b, "- %s: left out, %s\n", l.Tone, prose.Line(l.Why))
	}
	return b.String()
}

// The data of prompts is flat, so that a prompt which leaves a field out does not load.

type writeData struct{ Tone, Text string }

// judgeData is what the judge sees: not the tones, so as not to lead.
type judgeData struct {
	Text  string
	Lines []string
}
