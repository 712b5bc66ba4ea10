// Package paper makes a document of a run, to be read without the program: Markdown, or a
// page of HTML that needs nothing else, runs no script and can be printed.
//
// A [Paper] tells the story: what the run is and took, steps with what they came to, what
// people decided, notes, and what came out. All times are in UTC, so that the document
// is the same everywhere.
package paper

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
)

// Paper is a run that becomes a document.
type Paper struct {
	Run      pawl.RunRecord // as it may be shown
	Text     string         // the output as its flow writes it for people; empty: as JSON
	Notes    []Note
	Last     string // hash of the last event
	Withheld int    // events whose values were left out
}

// Note is a line that the flow left for the readers of the run.
type Note struct {
	At   pawl.Time
	Text string
}

// fact is a line at the head.
type fact struct{ Name, Value string }

// step is one as it is told.
type step struct {
	Key, Purpose, How, Took string
	Turned                  []string // why answers were turned down, or calls failed
	Result                  string
}

// decision is one as it is told.
type decision struct{ Key, What, Value string }

// Title names the document.
func (p Paper) Title() string { return fmt.Sprintf("%s: run %s", p.Run.Flow, p.Run.ID) }

// Output is what the run came to; empty: nothing yet.
func (p Paper) Output() string {
	if p.Text != "" {
		return strings.TrimRight(p.Text, "\n")
	}
	return value(p.Run.Output)
}

// Facts are what the run is.
func (p Paper) Facts() []fact {
	r := p.Run
	all := []fact{{"status", string(r.Status)}, {"reason", r.Reason}, {"model", r.Model}, {"started", at(r.CreatedAt)}, {"by", r.Who}, {"last change", at(r.UpdatedAt)}}
	if r.Base != nil {
		all = append(all, fact{"base", string(*r.Base)})
	}
	all = append(all, fact{"took", page.Usage(r.Usage, page.Bill{})}, fact{"last hash", p.Last})
	if p.Withheld > 0 {
		all = append(all, fact{"withheld", fmt.Sprintf("the values of %d events are left out", p.Withheld)})
	}
	if r.Error != nil {
		all = append(all, fact{"error", r.Error.Message})
	}
	told := all[:0]
	for _, f := range all {
		if f.Value != "" {
			told = append(told, f)
		}
	}
	return told
}

// Input is what the run was given.
func (p Paper) Input() string { return value(p.Run.Input) }

// Steps are the run's, in the order in which they began.
func (p Paper) Steps() []step {
	var all []step
	for _, s := range p.Run.Steps {
		t := step{Key: string(s.Key), Purpose: s.Purpose, How: fmt.Sprintf("%s, %s, %s", s.Kind, s.Boundary, s.Status), Result: value(s.Output)}
		if s.ReusedFrom != nil {
			t.How += " from " + *s.ReusedFrom
		}
		if s.StartedAt != nil && s.EndedAt != nil {
			t.Took = s.EndedAt.Sub(s.StartedAt.Time).Round(time.Millisecond).String()
		}
		for _, a := range s.Attempts {
			t.Turned = append(t.Turned, turned(a)...)
		}
		all = append(all, t)
	}
	return all
}

// turned says what was wrong with an attempt.
func turned(a pawl.Attempt) (all []string) {
	for _, g := range a.Gates {
		if !g.OK {
			all = append(all, fmt.Sprintf("attempt %d was turned down by %s: %s", a.Number, g.Name, g.Detail))
		}
	}
	if a.Error != nil {
		all = append(all, fmt.Sprintf("attempt %d failed: %s", a.Number, a.Error.Message))
	}
	return all
}

// Decisions are what people decided, and programs delivered.
func (p Paper) Decisions() []decision {
	var all []decision
	for _, d := range p.Run.Decisions {
		what := fmt.Sprintf("%s by %s, %s", d.What, d.Who, at(d.At))
		for _, more := range []string{d.Reason, d.Comment} {
			if more != "" {
				what += ": " + more
			}
		}
		all = append(all, decision{string(d.Key), what, value(d.Value)})
	}
	return all
}

func at(t pawl.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// harmless is a text in which nothing steers who shows it: control characters, but for line
// ends and tabs, and those that turn the direction of writing are U+FFFD.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

// value is JSON as people read it: a text is itself.
func value(raw json.RawMessage) string {
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}
