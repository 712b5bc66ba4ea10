package tree

import (
	"cmp"
	"fmt"
	"io"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// wide is how wide the lines of answers are where there is no terminal.
const wide = 100

// maxLine is how many bytes a line has at most, whatever takes no room in them.
const maxLine = 4 << 10

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
	end, next := breakLine(b.text, room)
	if next == 0 {
		return false
	}
	a.print(b, b.text[:end])
	b.text = b.text[next:]
	return true
}

// breakLine returns where the first line of a text ends and where the next one begins: at
// a line break, or where there is no more room, at the last space if there is one and
// otherwise within the word. It looks no further. 0, 0: more of the line may come.
func breakLine(text string, room int) (end, next int) {
	space, cells := 0, 0
	for i, r := range text {
		switch {
		case r == '\n':
			return i, i + 1
		case r == ' ' && i > 0:
			space = i
		}
		if cells += term.Cells(string(r)); cells > room || i >= maxLine {
			end = cmp.Or(space, max(i, 1))
			return end, end
		}
	}
	return 0, 0
}

// print prints a line, unless it is blank.
func (a *Answers) print(b *begun, line string) {
	if line = term.Plain(line); line != "" {
		fmt.Fprintf(a.Out, "%s: %s\n", term.Plain(b.name), line)
	}
}
