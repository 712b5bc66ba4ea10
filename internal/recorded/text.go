package recorded

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/diff"
)

// mostLines is how many lines of one change are shown, mostCells how much of a line.
const mostLines, mostCells = 24, 160

// Text says what is otherwise, in lines: a sentence, and below it the parts that changed,
// with "-" before the lines as they were recorded and "+" before those that are there now.
// Nothing in it steers a terminal.
func Text(m local.Miss) string {
	var b strings.Builder
	if m.Key != "" {
		fmt.Fprintf(&b, "%s: ", m.Key)
	}
	b.WriteString(visible(m.What) + "\n")
	for _, c := range m.Changes {
		lines := changed(c.Was, c.Is)
		what := c.What
		if c.Was == "" {
			what += ", now"
		} else if c.Is == "" {
			what += ", as recorded"
		}
		fmt.Fprintf(&b, "  %s:\n", visible(what))
		for _, line := range lines[:min(len(lines), mostLines)] {
			fmt.Fprintf(&b, "    %s\n", line)
		}
		if more := len(lines) - mostLines; more > 0 {
			fmt.Fprintf(&b, "    … %d lines more\n", more)
		}
	}
	return b.String()
}

// changed are the lines of two texts that are not in both.
func changed(was, is string) (lines []string) {
	var before, after strings.Builder // of the lines that began since the last one that both have
	differs := false
	flush := func() {
		if differs {
			was, is := near(before.String(), after.String())
			lines = append(append(lines, marked("- ", was)...), marked("+ ", is)...)
		}
		before.Reset()
		after.Reset()
		differs = false
	}
	whole := func(line, other *strings.Builder) { // lines that stand by themselves
		if differs = true; other.Len() == 0 && strings.HasSuffix(line.String(), "\n") {
			flush()
		}
	}
	for _, h := range diff.Words(was, is) {
		switch h.Op {
		case diff.Removed:
			before.WriteString(h.Text)
			whole(&before, &after)
		case diff.Added:
			after.WriteString(h.Text)
			whole(&after, &before)
		default:
			for line := range strings.Lines(h.Text) {
				before.WriteString(line)
				after.WriteString(line)
				if strings.HasSuffix(line, "\n") {
					flush()
				}
			}
		}
	}
	flush()
	return lines
}

func marked(mark, text string) (lines []string) {
	for line := range strings.Lines(text) {
		lines = append(lines, mark+cut(visible(strings.TrimRight(line, "\r\n"))))
	}
	return lines
}

// near leaves out what two long lines begin with before what they differ in, but for some
// words.
func near(was, is string) (string, string) {
	const most, leave = 80, 40 // bytes
	same := 0
	for same < min(len(was), len(is)) && was[same] == is[same] {
		same++
	}
	if same <= most {
		return was, is
	}
	from := strings.LastIndexByte(was[:same-leave], ' ') + 1
	if from == 0 || strings.Contains(was[:same], "\n") {
		return was, is
	}
	return "… " + was[from:], "… " + is[from:]
}

// cut shortens a line.
func cut(line string) string {
	if runes := []rune(line); len(runes) > mostCells {
		return string(runes[:mostCells]) + " …"
	}
	return line
}

// visible is a line with what steers a terminal written out.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r != ' ' && !unicode.IsGraphic(r) {
			return '�'
		}
		return r
	}, strings.ReplaceAll(s, "\t", "    "))
}
