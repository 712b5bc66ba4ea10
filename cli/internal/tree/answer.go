package tree

import (
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

const (
	maxTail        = 4 << 10 // bytes of an answer under way that are kept
	maxAnswerLines = 10      // of it that are shown

	// besideState is where the names of steps begin.
	besideState = 11
)

// answer is the end of what has come of an answer under way.
type answer struct {
	attempt int
	tail    string
}

// Piece adds a piece of an answer under way, as it may be shown. Its end, or that of the
// attempt among the events, drops the answer.
func (t *Tree) Piece(p pawl.Piece) {
	a := t.answers[p.Key]
	switch {
	case p.End:
		if a != nil && a.attempt == p.Attempt {
			delete(t.answers, p.Key)
		}
		return
	case a == nil || a.attempt != p.Attempt:
		a = &answer{attempt: p.Attempt}
		t.answers[p.Key] = a
	}
	a.tail += p.Text
	if over := len(a.tail) - maxTail; over > 0 {
		for over < len(a.tail) && !utf8.RuneStart(a.tail[over]) {
			over++
		}
		a.tail = a.tail[over:]
	}
}

// DropAnswers drops all answers under way.
func (t *Tree) DropAnswers() { clear(t.answers) }

// withAnswers are the lines of steps, and below each as many of its answer under way as
// it gets of those that are to spare.
func (t *Tree) withAnswers(l Look, rows []row, spare int) []string {
	growing := 0
	for _, r := range rows {
		if t.answers[r.node.step.Key] != nil {
			growing++
		}
	}
	var lines []string
	for _, r := range rows {
		lines = append(lines, r.line)
		a := t.answers[r.node.step.Key]
		if a == nil {
			continue
		}
		most := min(maxAnswerLines, (spare+growing-1)/growing)
		text := a.lines(l, besideState+len(r.name)-len(strings.TrimLeft(r.name, " ")), most)
		lines = append(lines, text...)
		spare -= len(text)
		growing--
	}
	return lines
}

// lines are the last lines of an answer, at most so many.
func (a *answer) lines(l Look, indent, most int) []string {
	width := l.Columns - indent
	if width < term.LeastRoom {
		return nil
	}
	var lines []string
	for line := range strings.Lines(a.tail) {
		if line = term.Plain(line); line != "" {
			lines = append(lines, strings.Split(term.Hang(line, 0, width), "\n")...)
		}
	}
	lines = lines[max(0, len(lines)-max(0, most)):]
	for i := range lines {
		lines[i] = strings.Repeat(" ", indent) + l.Ink.Paint(term.Faint, term.Cut(lines[i], width))
	}
	return lines
}
