package tree

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// wide is how wide the lines of answers are where there is no terminal.
const wide = 100

// Answers prints answers while they arrive, each line as soon as it is whole, behind the
// key of its step. Its fields are set before the first piece. It belongs to one goroutine.
type Answers struct {
	Out     io.Writer
	Columns func() int // of the terminal that Out is; nil or 0: it is none

	begun map[pawl.Key]*begun
}

// begun is the line of an answer that is not whole.
type begun struct {
	name string
	text string
}

// Piece prints what a piece, as it may be shown, makes whole.
func (a *Answers) Piece(p pawl.Piece) {
	b := a.begun[p.Key]
	if b == nil {
		if p.Text == "" {
			return
		}
		b = &begun{name: string(p.Key)}
		if p.Attempt > 1 {
			b.name = fmt.Sprintf("%s (attempt %d)", p.Key, p.Attempt)
		}
		if a.begun == nil {
			a.begun = map[pawl.Key]*begun{}
		}
		a.begun[p.Key] = b
	}
	b.text += p.Text
	for a.line(b) {
	}
	if p.End {
		a.Flush(p.Key)
	}
}

// Flush prints what there is of an answer's last line: nothing more comes.
func (a *Answers) Flush(key pawl.Key) {
	if b := a.begun[key]; b != nil {
		a.print(b, b.text)
		delete(a.begun, key)
	}
}

// line prints a line that is whole, or as much as there is room for.
func (a *Answers) line(b *begun) bool {
	room := wide
	if a.Columns != nil && a.Columns() > 0 {
		room = a.Columns() - 1
	}
	room = max(term.LeastRoom, room-term.Cells(term.Plain(b.name))-2)
	line, rest, whole := strings.Cut(b.text, "\n")
	if cut := fold(line, room); cut > 0 {
		line, rest, whole = line[:cut], b.text[cut:], true
	}
	if !whole {
		return false
	}
	a.print(b, line)
	b.text = rest
	return true
}

// fold returns where a line is to be broken that is wider than there is room: at a space;
// 0: nowhere.
func fold(line string, room int) int {
	cut := 0
	for i, r := range line {
		if r != ' ' || i == 0 {
			continue
		}
		if term.Cells(line[:i]) > room {
			return cmp.Or(cut, i) // a word that is too long stays whole
		}
		cut = i
	}
	if term.Cells(line) > room {
		return cut
	}
	return 0
}

// print prints a line, unless it is blank.
func (a *Answers) print(b *begun, line string) {
	if line = term.Plain(line); line != "" {
		fmt.Fprintf(a.Out, "%s: %s\n", term.Plain(b.name), line)
	}
}
