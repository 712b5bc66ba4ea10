package term

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// Screen is a terminal with a region at its end that is drawn again and again.
// What is written to it stands above the region, whole line by whole line, and
// stays. The cursor rests on the line below the region, so that whatever ends
// the process, even unasked, leaves a terminal that one can go on with: nothing
// of it is switched to another mode.
//
// Draws and writes may come from any goroutine. An error goes to the sink that the
// screen is laid over.
type Screen struct {
	w    io.Writer
	size func() (columns, rows int)
	now  func() time.Time
	over *Sink // that has the errors, too

	mu      sync.Mutex
	lines   []string // of the region, as they were drawn
	columns int      // of the terminal at that time
	rows    int
	text    []byte    // written, and not yet on the terminal
	wrote   time.Time // When text last went there
}

// NewScreen lays a screen over the sink of a stream that knows its size: what is
// written to the sink, from whatever goroutine, goes to the screen until its end.
func NewScreen(on Stream, over *Sink, now func() time.Time) *Screen {
	s := &Screen{w: on.Writer, size: on.Size, over: over, now: now}
	over.Turn(s)
	return s
}

// textEvery is how often text goes to the terminal by itself; what comes faster
// is held until the next draw or write after that.
const textEvery = 50 * time.Millisecond

// Write adds text above the region.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, p...)
	if len(s.lines) > 0 && s.now().Sub(s.wrote) < textEvery {
		return len(p), nil
	}
	columns, rows := s.measure()
	return len(p), s.put(s.lines, columns, rows)
}

// Draw makes a region of the lines that frame gives for the terminal's size. If
// they stand there already, nothing is written. It may be called from several
// goroutines; frame must write nothing to the sink.
func (s *Screen) Draw(frame func(columns, rows int) []string) {
	if err := s.draw(frame); err != nil {
		s.over.fail(err)
	}
}

func (s *Screen) draw(frame func(columns, rows int) []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	columns, rows := s.measure()
	return s.put(frame(columns, rows), columns, rows)
}

// End draws a last time, leaves the region as lines like others, and has the sink
// write to the stream again.
func (s *Screen) End(frame func(columns, rows int) []string) {
	err := s.end(frame)
	s.over.Turn(s.w)
	if err != nil {
		s.over.fail(err)
	}
}

func (s *Screen) end(frame func(columns, rows int) []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	columns, rows := s.measure()
	s.columns = 0 // it is drawn anew: what was typed, as ^C, may stand below
	if err := s.put(frame(columns, rows), columns, rows); err != nil {
		return err
	}
	s.lines = nil
	if len(s.text) == 0 {
		return nil
	}
	text := s.text // of a line that was never ended
	s.text = nil
	_, err := s.w.Write(text)
	return err
}

// measure returns the terminal's size, or the last one if it does not say.
func (s *Screen) measure() (columns, rows int) {
	if columns, rows = s.size(); columns < 1 || rows < 1 {
		return s.columns, s.rows
	}
	return columns, rows
}

// put writes the whole lines of text, and below them the region, in one go.
func (s *Screen) put(lines []string, columns, rows int) error {
	text := s.text[:bytes.LastIndexByte(s.text, '\n')+1]
	same := columns == s.columns && rows == s.rows
	if len(text) == 0 && same && slices.Equal(lines, s.lines) {
		return nil
	}
	var b strings.Builder
	b.WriteString(ansi.SetModeSynchronizedOutput)
	b.WriteByte('\r')
	if up := s.height(columns); up > 0 {
		b.WriteString(ansi.CursorUp(up))
		if len(text) > 0 || !same || len(lines) == 0 { // it moves, or may not stand as it was drawn
			// Not from the first row: some terminals take that for an end of the
			// picture and keep it.
			b.WriteString(ansi.EraseLineRight + "\n" + ansi.EraseScreenBelow + ansi.CursorUp(1))
		}
	}
	b.Write(text)
	var drawn []string
	for _, line := range lines[:min(len(lines), max(0, rows-1))] {
		drawn = append(drawn, Cut(guarded(line), columns-1))
		b.WriteString(drawn[len(drawn)-1])
		b.WriteString(ansi.EraseLineRight)
		b.WriteByte('\n')
	}
	if len(drawn) > 0 {
		b.WriteString(ansi.EraseScreenBelow)
	}
	b.WriteString(ansi.ResetModeSynchronizedOutput)
	if len(text) > 0 {
		s.text, s.wrote = append([]byte(nil), s.text[len(text):]...), s.now()
	}
	s.lines, s.columns, s.rows = drawn, columns, rows
	_, err := io.WriteString(s.w, b.String())
	return err
}

// Rows is how many rows a text takes on a terminal of so many columns; 0: that breaks
// no line.
func Rows(text string, columns int) int {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if columns > 0 {
			n += rowsOf(strings.TrimRight(line, "\n"), columns) - 1
		}
	}
	return n
}

// height is how many rows the region takes on a terminal of so many columns: one
// that was made narrower has broken its lines.
func (s *Screen) height(columns int) int {
	n := 0
	for _, line := range s.lines {
		n += rowsOf(line, columns)
	}
	return n
}

// rowsOf is how many rows a line takes. A wide character is not torn apart.
func rowsOf(line string, columns int) int {
	rows, at := 1, 0
	for s := ansi.Strip(line); s != ""; {
		c, wide := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		if s = s[len(c):]; at+wide > columns {
			rows, at = rows+1, 0
		}
		at += wide
	}
	return rows
}
