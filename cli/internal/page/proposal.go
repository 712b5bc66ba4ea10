package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/schema"
)

// asker names the step that asks.
func asker(b pawl.Blocker) string {
	if b.Key == "" {
		return "the flow"
	}
	return string(b.Key)
}

// askedWho names who is asked, behind a verb; empty: anyone.
func askedWho(b pawl.Blocker) string {
	if b.Who == "" {
		return ""
	}
	return " " + b.Who
}

// proposalLines is a proposal for people, or else the request that is about to leave, in
// lines of at most so many columns with two before them; 0: as wide as they are. f is the
// run's flow; nil: not known.
func proposalLines(f pawl.Flow, b pawl.Blocker, columns int) []string {
	switch {
	case b.Request != nil:
		return shownLines(requestText(*b.Request), columns)
	case form.IsNone(b.Proposal):
		return nil
	}
	return shownLines(proposalText(f, b.Proposal), columns)
}

// shownLines breaks a text into lines of at most so many columns with two before them; 0:
// as wide as they are.
func shownLines(text string, columns int) []string {
	width := 0
	if columns > 0 {
		width = max(term.LeastRoom, columns-2)
	}
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.ReplaceAll(strings.TrimRight(strings.TrimRight(line, "\r\n"), " "), "\t", "    ")
		depth := len(line) - len(strings.TrimLeft(line, " "))
		text := term.Hang(term.Plain(line), depth, width)
		lines = append(lines, strings.Split(strings.Repeat(" ", depth)+text, "\n")...)
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// proposalText is a proposal as its document if it has one: a text, or what the
// flow makes of its output if the proposal is one. All else is indented JSON.
func proposalText(f pawl.Flow, raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	if f != nil {
		if is, err := f.Describe().Output.Check(raw); err == nil && sameJSON(is, raw) {
			if text, ok := f.Markdown(raw); ok {
				return text
			}
		}
	}
	if text, ok := withTexts(raw); ok {
		return text
	}
	return form.Indent(raw)
}

// withTexts shows an object that has texts of many lines in its fields as lines
// too, since in JSON they could not be read.
func withTexts(raw json.RawMessage) (string, bool) {
	fields, err := schema.Members(raw)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	long := false
	for _, f := range fields {
		var text string
		value := form.Indent(f.Value)
		if json.Unmarshal(f.Value, &text) == nil && !form.IsNone(f.Value) {
			value = strings.TrimRight(text, "\n") + "\n"
		}
		if strings.Count(value, "\n") == 1 {
			fmt.Fprintf(&b, "%s: %s", f.Name, value)
			continue
		}
		long = long || text != ""
		fmt.Fprintf(&b, "%s:\n", f.Name)
		for line := range strings.Lines(value) {
			b.WriteString("    " + line)
		}
	}
	return b.String(), long
}

func sameJSON(x, y json.RawMessage) bool {
	cx, errx := schema.Canonical(x)
	cy, erry := schema.Canonical(y)
	return errx == nil && erry == nil && bytes.Equal(cx, cy)
}
