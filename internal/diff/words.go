package diff

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/words"

	"github.com/pawlrun/pawl/internal/limits"
)

// Op is what became of something between two texts or values.
type Op string

const (
	Same    Op = "same"    // of a hunk alone
	Removed Op = "removed" // it is in the first alone
	Added   Op = "added"   // it is in the second alone
	Changed Op = "changed" // of a field alone: it is another value
	Moved   Op = "moved"   // of an element of a list alone: it stands elsewhere
)

// Hunk is a stretch of text that is in both texts or in one of them.
type Hunk struct {
	Op   Op     `json:"op"`   // same, removed or added
	Text string `json:"text"` // the stretch itself
}

// Words returns what differs between two texts, in whole words: all hunks but the added ones
// are the first text, all but the removed ones the second. No two neighbours have the same
// Op, and what was removed stands before what was added in its place. Changes with hardly
// anything between them are one. Two empty texts have no hunks.
func Words(a, b string) []Hunk {
	aLines, bLines := linesOf(a), linesOf(b)
	if len(aLines)+len(bLines) > limits.DiffWords {
		return whole(a, b)
	}
	d := &differ{known: names{}}
	d.each(aLines, bLines, func(a, b string) { // lines first: where they are the same, so is what is between
		aWords, bWords := wordsOf(a), wordsOf(b)
		if aWords == nil || bWords == nil || len(aWords)+len(bWords) > limits.DiffWords {
			d.add(Removed, a)
			d.add(Added, b)
			return
		}
		in := &differ{known: names{}}
		in.each(aWords, bWords, func(a, b string) {
			in.add(Removed, a)
			in.add(Added, b)
		})
		for _, h := range join(in.hunks) {
			d.add(h.Op, h.Text)
		}
	})
	return d.hunks
}

// whole are two texts that are not compared further.
func whole(a, b string) []Hunk {
	d := &differ{}
	if a == b {
		d.add(Same, a)
		return d.hunks
	}
	d.add(Removed, a)
	d.add(Added, b)
	return d.hunks
}

type differ struct {
	known names
	hunks []Hunk
}

// each adds what two lists have in common, and calls changed with what is in the place of
// each other.
func (d *differ) each(a, b []string, changed func(a, b string)) {
	at := 0
	for _, e := range align(d.numbers(a), d.numbers(b)) {
		d.add(Same, strings.Join(a[at:e.aFrom], ""))
		changed(strings.Join(a[e.aFrom:e.aTo], ""), strings.Join(b[e.bFrom:e.bTo], ""))
		at = e.aTo
	}
	d.add(Same, strings.Join(a[at:], ""))
}

func (d *differ) numbers(elements []string) []rune {
	list := make([]rune, len(elements))
	for i, e := range elements {
		list[i] = d.known.of(e)
	}
	return list
}

// add appends a hunk, or extends the last ones.
func (d *differ) add(op Op, text string) {
	n := len(d.hunks)
	switch {
	case text == "":
	case n > 0 && d.hunks[n-1].Op == op:
		d.hunks[n-1].Text += text
	case op == Removed && n > 0 && d.hunks[n-1].Op == Added: // which is to stand first
		if n > 1 && d.hunks[n-2].Op == Removed {
			d.hunks[n-2].Text += text
			return
		}
		d.hunks = append(d.hunks, d.hunks[n-1])
		d.hunks[n-1] = Hunk{op, text}
	default:
		d.hunks = append(d.hunks, Hunk{op, text})
	}
}

// join makes one change of those between which hardly anything stayed: a blank, a mark or
// a short word that stands in both texts by chance. What stays is never more than what
// changed on either side of it, and line breaks stay.
func join(hunks []Hunk) []Hunk {
	var d differ
	var removed, added strings.Builder // of the change that has not been added
	flush := func() {
		d.add(Removed, removed.String())
		d.add(Added, added.String())
		removed.Reset()
		added.Reset()
	}
	for i, h := range hunks {
		switch {
		case h.Op == Removed:
			removed.WriteString(h.Text)
		case h.Op == Added:
			added.WriteString(h.Text)
		case isChance(h.Text) && removed.Len()+added.Len() >= len(h.Text) && i+1 < len(hunks) && len(hunks[i+1].Text) >= len(h.Text) && len(h.Text) > 0:
			removed.WriteString(h.Text)
			added.WriteString(h.Text)
		default:
			flush()
			d.add(Same, h.Text)
		}
	}
	flush()
	return d.hunks
}

// mostChance is how many bytes a text has at most that may stand in two texts by chance.
const mostChance = 8

func isChance(text string) bool {
	return len(text) <= mostChance && !strings.Contains(text, "\n") && len(strings.Fields(text)) <= 1
}

// linesOf are the lines of a text, with their ends.
func linesOf(text string) (lines []string) {
	for line := range strings.Lines(text) {
		lines = append(lines, line)
		if len(lines) > limits.DiffWords {
			break // it will not be compared
		}
	}
	return lines
}

// wordsOf are the words of a text, and what is between them: together they are the text.
// Nil: they are too many.
func wordsOf(text string) []string {
	all := []string{}
	for in := words.FromString(text); in.Next(); {
		word := in.Value()
		if n := len(all); n > 0 && len(all[n-1])+len(word) <= mostMarks && isMark(word) && isMark(all[n-1]) && !strings.Contains(all[n-1]+word, "\n") {
			all[n-1] += word // as ", " or ".) "
			continue
		}
		if all = append(all, word); len(all) > limits.DiffWords {
			return nil
		}
	}
	return all
}

// mostMarks is how many bytes of blanks and marks are taken together at most.
const mostMarks = 16

// isMark reports whether a word is none: blanks and marks alone.
func isMark(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsSpace(r) && !unicode.IsPunct(r) })
}
