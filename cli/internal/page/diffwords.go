package page

import (
	"strings"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/diff"
	"github.com/pawlrun/pawl/internal/late"
)

// near is how many characters are shown of what stayed, beside a change. Not much more than
// twice that is shown whole.
const near = 30

// wordLines are two texts as one, in lines of at most so many columns with indent of them
// before: what was removed stands [-so-], what was added {+so+}. A line that was removed or
// added as a whole has - or + before it, and one of which little has stayed is two of those.
// What stayed is left out, but for what is near.
func (p *Page) wordLines(hunks []diff.Hunk, indent int) (lines []string) {
	before := strings.Repeat(" ", indent)
	var same []string // lines that stayed
	left := false     // some were left out
	flush := func() {
		if text := strings.Join(same, ""); len(text) > 2*near {
			left = true
		} else if text != "" {
			for _, line := range same {
				lines = append(lines, strings.TrimRight(before+"  "+line, " "))
			}
		}
		if left && strings.Join(same, "") != "" {
			lines = append(lines, before+"  …")
		}
		same, left = nil, false
	}
	for _, l := range linesOf(hunks) {
		if len(l) == 1 && l[0].Op == diff.Same {
			same = append(same, clean(l[0].Text))
			continue
		}
		flush()
		for _, one := range apart(l) {
			mark, line := "  ", p.changedLine(one)
			if len(one) == 1 {
				style := styles[one[0].Op]
				mark, line = p.paintWords(style, marks[one[0].Op]), p.paintWords(style, clean(one[0].Text))
			}
			lines = append(lines, strings.Split(before+mark+term.Hang(line, indent+2, p.Width), "\n")...)
		}
	}
	flush()
	return lines
}

var (
	marks  = map[diff.Op]string{diff.Removed: "- ", diff.Added: "+ "}
	styles = map[diff.Op]string{diff.Removed: term.Red, diff.Added: term.Green}
)

// apart is a line of which less than a third has stayed as two: as it was, and as it is. Any
// other stays one.
func apart(line []diff.Hunk) [][]diff.Hunk {
	var was, is strings.Builder
	same := 0
	for _, h := range line {
		if h.Op == diff.Same {
			same += len(h.Text)
		}
		if h.Op != diff.Added {
			was.WriteString(h.Text)
		}
		if h.Op != diff.Removed {
			is.WriteString(h.Text)
		}
	}
	if len(line) == 1 || 3*same >= max(was.Len(), is.Len()) || was.Len()+is.Len() <= mostPair {
		return [][]diff.Hunk{line}
	}
	var two [][]diff.Hunk
	if was.Len() > 0 {
		two = append(two, []diff.Hunk{{Op: diff.Removed, Text: was.String()}})
	}
	if is.Len() > 0 {
		two = append(two, []diff.Hunk{{Op: diff.Added, Text: is.String()}})
	}
	return two
}

// linesOf are hunks line by line, without the line breaks. Where nothing but blanks and line
// breaks has changed, a sign stands for the break.
func linesOf(hunks []diff.Hunk) (lines [][]diff.Hunk) {
	var line []diff.Hunk
	for _, h := range hunks {
		for part := range strings.Lines(h.Text) {
			text, ends := strings.CutSuffix(part, "\n")
			text = strings.TrimSuffix(text, "\r")
			if ends && h.Op != diff.Same && strings.TrimSpace(h.Text) == "" {
				text = "¶"
			}
			if text != "" || ends && len(line) == 0 && h.Op == diff.Same {
				line = append(line, diff.Hunk{Op: h.Op, Text: text})
			}
			if ends && len(line) > 0 {
				lines, line = append(lines, line), nil
			}
		}
	}
	if len(line) > 0 {
		lines = append(lines, line)
	}
	return lines
}

// changedLine is a line with its changes in brackets.
func (p *Page) changedLine(line []diff.Hunk) string {
	var b strings.Builder
	for i, h := range line {
		text := clean(h.Text)
		switch h.Op {
		case diff.Same:
			b.WriteString(nearOnly(text, i > 0, i+1 < len(line)))
		case diff.Removed:
			b.WriteString(p.paintWords(term.Red, "[-"+text+"-]"))
		default:
			b.WriteString(p.paintWords(term.Green, "{+"+text+"+}"))
		}
	}
	return b.String()
}

var word = late.Regexp(`\S+`)

// paintWords paints each word for itself: a style that goes on in the next line is not
// shown by all pagers.
func (p *Page) paintWords(style, text string) string {
	if !p.Ink {
		return text
	}
	return word().ReplaceAllStringFunc(text, func(w string) string { return p.Ink.Paint(style, w) })
}

// clean is a part of a line as it may be shown. Blanks at its ends stay: they may be what
// changed.
func clean(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(term.Clean(text), "\n", " "), "\t", "    ")
}

// nearOnly is what stayed, without what is far from what changed before and behind it.
func nearOnly(text string, changedBefore, changedBehind bool) string {
	if len(text) <= 3*near {
		return text
	}
	begin, end := "", ""
	if changedBefore {
		begin = text[:wordEnd(text, near)] + " "
	}
	if changedBehind {
		end = " " + text[wordBegin(text, len(text)-near):]
	}
	return begin + "…" + end
}

// wordEnd is where a word ends, not far behind there.
func wordEnd(text string, at int) int {
	for n := at; n < len(text) && n < at+near; n++ {
		if text[n] == ' ' {
			return n
		}
	}
	for at > 0 && !isBegin(text[at]) {
		at--
	}
	return at
}

// wordBegin is where a word begins, not far before there.
func wordBegin(text string, at int) int {
	for n := at; n > 0 && n > at-near; n-- {
		if text[n-1] == ' ' {
			return n
		}
	}
	for at < len(text) && !isBegin(text[at]) {
		at++
	}
	return at
}

// isBegin reports whether a character begins at a byte.
func isBegin(c byte) bool { return c&0xc0 != 0x80 }
