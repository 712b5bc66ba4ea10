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
// of it is switched to another mode. So the terminal echoes what is typed meanwhile; a
// line that is entered moves the cursor away, which the screen sees and makes good.
//
// Draws and writes may come from any goroutine. An error goes to the sink that the
// screen is laid over.
type Screen struct {
	w    io.Writer
	size func() (columns, rows int)
	now  func() time.Time
	over *Sink // that has the errors, too

	entered func() int    // how much has been typed in whole lines, see Stream
	ended   chan struct{} // closed at the end

	mu      sync.Mutex
	seen    int      // what entered said last
	lines   []string // of the region, as they were drawn
	columns int      // of the terminal at that time
	rows    int
	text    []byte    // written, and not yet on the terminal
	wrote   time.Time // When text last went there
}

// NewScreen lays a screen over the sink of a stream that knows its size: what is
// written to the sink, from whatever goroutine, goes to the screen until its end.
func NewScreen(on Stream, over *Sink, now func() time.Time) *Screen {
	s := &Screen{w: on.Writer, size: on.Size, over: over, now: now, entered: on.Entered, ended: make(chan struct{})}
	if s.entered != nil {
		s.seen = s.entered()
		go s.watchEntered()
	}
	over.Turn(s)
	return s
}

// enteredEvery is how often it is looked whether a line was entered: a key that is held
// comes again less often.
const enteredEvery = 25 * time.Millisecond

// watchEntered draws the region anew where it stands as soon as a line is entered below it.
func (s *Screen) watchEntered() {
	for tick := time.NewTicker(enteredEvery); ; {
		select {
		case <-tick.C:
		case <-s.ended:
			tick.Stop()
			return
		}
		if err := s.redraw(); err != nil {
			s.over.fail(err)
			return
		}
	}
}

func (s *Screen) redraw() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) == 0 || s.entered() == s.seen {
		return nil
	}
	columns, rows := s.measure()
	return s.put(s.lines, columns, rows)
}

// below is how many rows below its place the cursor stands: one, where a line was entered
// since it was looked last. Of several at once, which a person does not type, the others
// stay to be seen: to go up too far would overwrite what stands above the region.
func (s *Screen) below() int {
	if s.entered == nil {
		return 0
	}
	n := s.entered()
	more := n > s.seen
	if s.seen = n; more {
		return 1
	}
	return 0
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
	select {
	case <-s.ended:
	default:
		close(s.ended)
	}
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
	below := s.below()
	if len(text) == 0 && same && below == 0 && slices.Equal(lines, s.lines) {
		return nil
	}
	var b strings.Builder
	b.WriteString(ansi.SetModeSynchronizedOutput)
	b.WriteByte('\r')
	if up := s.height(columns); up > 0 {
		b.WriteString(ansi.CursorUp(up + below))
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
