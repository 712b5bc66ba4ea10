package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/schema"
)

// foldedLines is how much of a proposal is shown where it stands beside other
// things; `show` shows all of it.
const foldedLines = 24

// sayBlocker says on stderr what a person is asked, unless that was said, and on
// what. rest is the command that shows what is left out.
func (a *app) sayBlocker(flow string, b pawl.Blocker, said bool, rest string) {
	lines := a.proposalLines(flow, b, max(0, a.stderr.Columns()-1))
	head := fmt.Sprintf("%s asks%s: %s", asker(b), askedWho(b), b.Question)
	switch {
	case said && len(lines) == 0:
		return
	case said:
		head = asker(b) + " proposes"
	}
	if b.Deadline != nil {
		head += fmt.Sprintf(" (until %s)", b.Deadline.In(a.zone).Format(time.DateTime))
	}
	fmt.Fprintln(a.err, a.ink(a.stderr).Paint(term.Bold, term.Hang(term.Plain(head), 0, max(0, a.stderr.Columns()-1))))
	more := len(lines) - foldedLines
	if more > 1 {
		lines = lines[:foldedLines]
	}
	printLines(a.err, lines)
	if more > 1 {
		fmt.Fprintf(a.err, "  ... %d more lines: %s\n", more, rest)
	}
}

// sayBlockers says on stderr what a run waits for that has more to show than its
// question. rec is as it may be shown.
func (a *app) sayBlockers(rec pawl.RunRecord, said map[string]bool) {
	for _, b := range rec.Blockers {
		if b.Kind == pawl.BlockerApproval || b.Kind == pawl.BlockerInput || proposed(b) {
			a.sayBlocker(rec.Flow, b, said[b.Question], a.command("show", string(rec.ID)))
		}
	}
}

func printLines(w io.Writer, lines []string) {
	for _, l := range lines {
		fmt.Fprintln(w, strings.TrimRight("  "+l, " "))
	}
}

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

// proposalLines is a proposal for people, in lines of at most so many columns with
// two before them; 0: as wide as they are.
func (a *app) proposalLines(flow string, b pawl.Blocker, columns int) []string {
	if !proposed(b) {
		return nil
	}
	width := 0
	if columns > 0 {
		width = max(term.LeastRoom, columns-2)
	}
	var lines []string
	for line := range strings.Lines(a.proposalText(flow, b.Proposal)) {
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
func (a *app) proposalText(flow string, raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	if f := a.flow(flow); f != nil {
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
