package cli

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// screen is a terminal with a region at its end that is drawn again and again.
// What is written to it stands above the region, whole line by whole line, and
// stays. The cursor rests on the line below the region, so that whatever ends
// the process, even unasked, leaves a terminal that one can go on with: nothing
// of it is switched to another mode.
//
// Draws and writes may come from any goroutine.
type screen struct {
	w    io.Writer
	size func() (columns, rows int)
	now  func() time.Time

	mu      sync.Mutex
	lines   []string // of the region, as they were drawn
	columns int      // of the terminal at that time
	rows    int
	text    []byte    // written, and not yet on the terminal
	wrote   time.Time // when text last went there
}

// newScreen has what is written to stderr, from whatever goroutine, go to a
// screen on it from now on.
func (a *app) newScreen() *screen {
	s := &screen{w: a.stderr, size: a.stderr.size, now: a.now}
	a.err.turn(s)
	return s
}

// textEvery is how often text goes to the terminal by itself; what comes faster
// is held until the next draw or write after that.
const textEvery = 50 * time.Millisecond

// Write adds text above the region.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, p...)
	if len(s.lines) > 0 && s.now().Sub(s.wrote) < textEvery {
		return len(p), nil
	}
	columns, rows := s.measure()
	return len(p), s.put(s.lines, columns, rows)
}

// draw makes a region of lines, which must fit. If they stand there already,
// nothing is written.
func (s *screen) draw(frame func(columns, rows int) []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	columns, rows := s.measure()
	return s.put(frame(columns, rows), columns, rows)
}

// end draws a last time and leaves the region as lines like others.
func (s *screen) end(frame func(columns, rows int) []string) error {
	if err := s.draw(frame); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
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
func (s *screen) measure() (columns, rows int) {
	if columns, rows = s.size(); columns < 1 || rows < 1 {
		return s.columns, s.rows
	}
	return columns, rows
}

// put writes the whole lines of text, and below them the region, in one go.
func (s *screen) put(lines []string, columns, rows int) error {
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
		drawn = append(drawn, cut(line, columns-1))
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

// height is how many rows the region takes on a terminal of so many columns: one
// that was made narrower has broken its lines.
func (s *screen) height(columns int) int {
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
