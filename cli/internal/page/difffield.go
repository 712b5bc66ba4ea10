package page

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/diff"
	"github.com/pawlrun/pawl/internal/view"
)

// Of a step that is not shown whole so many fields are printed, and so many lines of a text;
// a value has so many characters then, and a pair of texts in one line.
const mostFields, mostLines, mostValue, mostPair = 12, 12, 200, 60

// fields prints what differs in a value. key is the step of which that is, where the rest may
// be left out.
func (d *differences) fields(is view.Difference, key pawl.Key) {
	cut := is.More
	for i, f := range is.Fields {
		if d.step != nil && i == mostFields {
			cut += len(is.Fields) - i
			break
		}
		d.field(f, key)
	}
	switch {
	case cut > 0 && key != "" && d.step != nil:
		fmt.Fprintf(d.Out, "  … %s more: %s\n", term.Count(int64(cut), "field"), d.step(key))
	case cut > 0:
		fmt.Fprintf(d.Out, "  … %s\n", d.restOf(term.Count(int64(cut), "field")+" more"))
	}
}

func (d *differences) field(f view.Field, key pawl.Key) {
	name := term.Plain(f.Path)
	if f.Was != f.Path {
		name = term.Plain(f.Was) + " → " + name
	}
	before := ""
	if name != "" {
		before = name + ": "
	}
	switch {
	case f.Hidden:
		d.entry(before + "differs; it is sensitive")
	case f.Op == diff.Moved:
		d.entry(name + ", moved")
	case f.Op == diff.Added:
		d.entry(before + d.paintWords(term.Green, "+ "+d.valueOf(f.New)))
	case f.Op == diff.Removed:
		d.entry(before + d.paintWords(term.Red, "- "+d.valueOf(f.Old)))
	case len(f.Words) == 0 || isShort(f):
		d.entry(before + d.paintWords(term.Red, d.valueOf(f.Old)) + " → " + d.paintWords(term.Green, d.valueOf(f.New)))
	default:
		d.changedText(name, f, key)
	}
}

// entry prints what differs in a field in as many lines as that takes.
func (d *differences) entry(text string) {
	fmt.Fprintln(d.Out, "  "+term.Hang(text, 4, d.Width))
}

// restOf is what is left out, with the command that shows it.
func (d *differences) restOf(what string) string {
	if d.Rest == "" {
		return what
	}
	return what + ": " + d.Rest
}

// isShort reports whether two texts stand in a line.
func isShort(f view.Field) bool {
	n := 0
	for _, h := range f.Words {
		if strings.Contains(h.Text, "\n") {
			return false
		}
		n += len(h.Text)
	}
	return n <= mostPair
}

// changedText prints a text of which words have changed.
func (d *differences) changedText(name string, f view.Field, key pawl.Key) {
	changed := changedWords(f.Words)
	both := string(f.Old) + "\x00" + string(f.New)
	if where := d.said[both]; where != "" {
		d.entry(strings.TrimPrefix(name+": ", ": ") + changed + ", as in " + where)
		return
	}
	where := d.at
	if name != "" {
		where += ", " + name
	}
	d.said[both] = where
	d.entry(strings.TrimPrefix(name+": ", ": ") + changed)
	lines := d.wordLines(f.Words, 4)
	if d.step == nil || len(lines) <= mostLines+2 {
		d.lines(lines)
		return
	}
	d.lines(lines[:mostLines])
	more := term.Count(int64(len(lines)-mostLines), "line")
	if key == "" {
		fmt.Fprintf(d.Out, "      … %s\n", d.restOf(more+" more"))
		return
	}
	fmt.Fprintf(d.Out, "      … %s more: %s\n", more, d.step(key))
}

// changedWords says how many words were removed and added.
func changedWords(hunks []diff.Hunk) string {
	n := map[diff.Op]int{}
	for _, h := range hunks {
		n[h.Op] += len(strings.Fields(h.Text))
	}
	return fmt.Sprintf("-%s +%s", term.Grouped(int64(n[diff.Removed])), term.Count(int64(n[diff.Added]), "word"))
}

// valueOf is a value in a line: a text as it is, all else as JSON. Where steps are not
// shown whole it is cut.
func (d *differences) valueOf(raw json.RawMessage) string {
	var text string
	if raw[0] != '"' || json.Unmarshal(raw, &text) != nil || strings.TrimSpace(text) == "" {
		text = form.Compact(raw)
	}
	if strings.HasPrefix(text, "sha256:") {
		text = text[:min(len(text), len("sha256:")+12)]
	}
	text = term.Plain(text)
	if d.step == nil || len(text) <= mostValue {
		return text
	}
	end := mostValue
	for !isBegin(text[end]) {
		end--
	}
	return text[:end] + "…"
}
