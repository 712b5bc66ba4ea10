package term

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// Stream is where a command writes to.
type Stream struct {
	io.Writer
	Terminal bool
	Width    int  // of the terminal in columns; 0: unknown
	Dumb     bool // a terminal that knows no escape sequences

	// Size asks the terminal for its columns and rows; nil or zeros: unknown.
	Size func() (columns, rows int)

	// Entered says how many bytes of whole lines have been typed at the terminal that nobody
	// has read yet, each of them with its end; nil: unknown.
	Entered func() int
}

// Columns is how wide a terminal is now; 0: unknown, or it is none.
func (s Stream) Columns() int {
	if !s.Terminal {
		return 0
	}
	if s.Size != nil {
		if n, _ := s.Size(); n > 0 {
			return n
		}
	}
	return s.Width
}

// isTerminal reports whether a person sits at the other end of a file.
func isTerminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()) }

// StreamOf returns what is known of a file that a command writes to. A Windows
// console is asked to obey escape sequences from now on.
func StreamOf(f *os.File) Stream {
	s := Stream{Writer: f, Terminal: isTerminal(f)}
	if s.Terminal {
		s.Dumb = !knowsEscapes(f)
		s.Size = func() (columns, rows int) { return terminalSize(f) }
		s.Width, _ = s.Size()
		s.Entered = enteredOn(f)
	}
	return s
}
