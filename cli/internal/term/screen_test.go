package term

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl/internal/terminaltest"
)

// drawing is a screen on a terminal, and what is to be seen on it.
type drawing struct {
	t      *testing.T
	term   *terminaltest.Terminal
	screen *Screen
	sink   *Sink
	now    time.Time
	wrote  bytes.Buffer
	text   []string // that stays, in whole lines
	frame  []string
}

func newDrawing(t *testing.T, columns, rows int) *drawing {
	d := &drawing{t: t, term: terminaltest.New(columns, rows), now: time.Unix(0, 0)}
	w := io.MultiWriter(d.term, &d.wrote)
	on := Stream{Writer: w, Terminal: true, Size: d.term.Size}
	d.sink = NewSink(on)
	d.screen = NewScreen(on, d.sink, func() time.Time { return d.now })
	return d
}

func (d *drawing) write(text string) {
	d.t.Helper()
	if _, err := io.WriteString(d.screen, text); err != nil {
		d.t.Fatal(err)
	}
	d.text = append(d.text, strings.TrimSuffix(text, "\n"))
}

// Draw draws lines cut to the terminal.
func (d *drawing) draw(lines ...string) {
	d.t.Helper()
	d.screen.Draw(func(columns, rows int) []string {
		d.frame = nil
		for _, line := range lines[:min(len(lines), rows-1)] {
			d.frame = append(d.frame, strings.TrimRight(Cut(line, columns-1), " "))
		}
		return d.frame
	})
	if err := d.sink.Err(); err != nil {
		d.t.Fatal(err)
	}
}

// end leaves lines where they stand.
func (d *drawing) end(lines ...string) {
	d.t.Helper()
	d.screen.End(func(int, int) []string { d.frame = lines; return lines })
	if err := d.sink.Err(); err != nil {
		d.t.Fatal(err)
	}
}

// check compares the picture with what was written and the last frame.
func (d *drawing) check(what string) {
	d.t.Helper()
	want := append(append(slices.Clone(d.text), d.frame...), "")
	if got := d.term.Lines(); !slices.Equal(got, want) {
		d.t.Fatalf("%s: the terminal shows\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if x, _ := d.term.Cursor(); x != 0 {
		d.t.Fatalf("%s: the cursor is in column %d", what, x)
	}
}

func TestScreen(t *testing.T) {
	d := newDrawing(t, 20, 8)
	d.write("before\n")
	d.check("text without a region")
	d.draw("one", "two", "three")
	d.check("a first frame")
	d.draw("one", "2")
	d.check("a smaller frame")
	d.draw("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho")
	d.check("a frame that is too high")
	d.now = d.now.Add(time.Second)
	d.write("a line that is wider than the terminal is, twice at least\n")
	d.check("text above a full region")
	d.draw("日本語日本語日本語日本語", "e\u0301\u0301 x", "12345678901234567890")
	d.check("wide characters")
	d.wrote.Reset()
	d.draw("日本語日本語日本語日本語", "e\u0301\u0301 x", "12345678901234567890")
	if d.wrote.Len() > 0 {
		t.Errorf("the same frame again writes %q", d.wrote.String())
	}
	d.term.Resize(7, 8)
	d.draw("one", "two")
	d.check("a narrower terminal")
	d.term.Resize(40, 8)
	d.draw("one", "two")
	d.check("a wider terminal")
	d.end("the", "end")
	d.check("the end")
	d.text, d.frame = append(d.text, "the", "end"), nil
	d.write("after\n")
	d.check("text after the end")
}

// Text that comes fast is held, in order, and none of it is lost.
func TestScreenHoldsText(t *testing.T) {
	d := newDrawing(t, 40, 10)
	d.draw("tree")
	before := d.wrote.Len()
	for i := range 1000 {
		d.write(fmt.Sprintf("note %d\n", i))
	}
	if got := d.wrote.Len() - before; got > 1000 {
		t.Errorf("1,000 notes at once write %d bytes before a frame", got)
	}
	d.draw("tree", "grows")
	d.check("notes")
	d.now = d.now.Add(textEvery)
	d.write("half a line")
	d.text = d.text[:1000]
	d.check("half a line")
	d.write(", and its end\n")
	d.text[1000] = "half a line, and its end"
	d.check("a whole line")
	d.write("never ended")
	d.end("tree")
	if got := d.term.Lines(); got[len(got)-1] != "never ended" {
		t.Errorf("the last line is %q", got[len(got)-1])
	}
}

// Whatever is drawn and written in whatever order on terminals that change.
func TestScreenOfAnything(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 3))
	words := []string{"a", "日本", "é", "e\u0301", "word ", "👍", "1234567"}
	line := func() string {
		s := ""
		for range r.IntN(20) {
			s += words[r.IntN(len(words))]
		}
		return strings.TrimRight(s+".", " ")
	}
	for range 50 {
		columns, rows := 2+r.IntN(60), 2+r.IntN(20)
		d := newDrawing(t, columns, rows)
		for range 60 {
			d.now = d.now.Add(time.Duration(r.IntN(100)) * time.Millisecond)
			switch r.IntN(4) {
			case 0:
				d.write(line() + "\n")
			case 1:
				// The region must still be on the screen when it has been broken;
				// what has left it at the top cannot be drawn over.
				narrower := 2 + r.IntN(60)
				if d.screen.height(narrower) < rows {
					columns = narrower
					d.term.Resize(columns, rows)
				}
			}
			var lines []string
			for range r.IntN(rows + 3) {
				lines = append(lines, line())
			}
			d.draw(lines...)
			d.check(fmt.Sprintf("seed %d, %d columns, %d rows", seed, columns, rows))
		}
	}
}

// A terminal that became too small for the region keeps its picture whole: the
// last frame at its end, and all text in order.
func TestScreenBecomesTooSmall(t *testing.T) {
	d := newDrawing(t, 40, 12)
	for i := range 5 {
		d.write(fmt.Sprintf("note %d\n", i))
	}
	d.draw(slices.Repeat([]string{strings.Repeat("x", 39)}, 11)...)
	d.term.Resize(10, 5)
	d.draw("a", "b", "c", "d")
	rows := d.term.Rows()
	if got := strings.Join(rows, " "); got != "a b c d " {
		t.Errorf("the picture is %q", rows)
	}
	lines := d.term.Lines()
	for i, want := range d.text {
		if lines[i] != want {
			t.Errorf("line %d is %q, want %q", i, lines[i], want)
		}
	}
}

// Others may write to a sink while it becomes a screen, and while that ends.
func TestScreenComesAndGoes(t *testing.T) {
	var out strings.Builder
	on := Stream{Writer: &out, Size: func() (int, int) { return 80, 24 }}
	over := NewSink(on)
	var writers sync.WaitGroup
	const lines = 2000
	writers.Go(func() {
		for range lines {
			fmt.Fprintln(over, "a line")
		}
	})
	for range 50 {
		NewScreen(on, over, time.Now).End(func(int, int) []string { return nil })
	}
	writers.Wait()
	if err := over.Err(); err != nil {
		t.Error(err)
	}
	if n := strings.Count(out.String(), "a line\n"); n != lines {
		t.Errorf("%d lines arrived of %d", n, lines)
	}
}

// deaf is a writer that fails.
type deaf struct{}

func (deaf) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// A terminal that takes nothing any more is known to the sink, whoever met it first.
func TestScreenFails(t *testing.T) {
	frame := func(int, int) []string { return []string{"tree"} }
	on := Stream{Writer: deaf{}, Size: func() (int, int) { return 80, 24 }}
	for what, meet := range map[string]func(*Screen, *Sink){
		"a frame": func(s *Screen, _ *Sink) { s.Draw(frame) },
		"the end": func(s *Screen, _ *Sink) { s.End(frame) },
		"a write": func(_ *Screen, over *Sink) { fmt.Fprintln(over, "a line") },
	} {
		over := NewSink(on)
		if meet(NewScreen(on, over, time.Now), over); over.Err() != io.ErrClosedPipe {
			t.Errorf("%s: %v", what, over.Err())
		}
	}
}

// A bar draws its line again and again and leaves the last one; none draws nothing.
func TestBar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		terminal := terminaltest.New(40, 5)
		on := Stream{Writer: terminal, Size: terminal.Size}
		over := NewSink(on)
		var n atomic.Int64
		b := NewBar(on, over, time.Now, func(columns int) string { return fmt.Sprintf("%d of %d", n.Load(), columns) })
		for _, at := range []int64{3, 7} {
			n.Store(at)
			<-time.After(2 * FrameEvery)
			if got, want := terminal.Lines()[0], fmt.Sprintf("%d of 39", at); got != want {
				t.Errorf("the bar is %q, want %q", got, want)
			}
		}
		fmt.Fprintln(over, "above")
		n.Store(9)
		b.End()
		b.End()
		fmt.Fprintln(over, "below")
		if got, want := terminal.Lines(), []string{"above", "9 of 39", "below", ""}; !slices.Equal(got, want) {
			t.Errorf("the picture is %q, want %q", got, want)
		}
		var none *Bar
		none.End()
	})
}

// What a person typed meanwhile, as ^C, does not stay below the last region.
func TestScreenEndsClean(t *testing.T) {
	terminal := terminaltest.New(40, 5)
	on := Stream{Writer: terminal, Terminal: true, Size: terminal.Size}
	over := NewSink(on)
	frame := func(int, int) []string { return []string{"tree"} }
	s := NewScreen(on, over, time.Now)
	s.Draw(frame)
	fmt.Fprint(terminal, "^C") // the terminal's echo
	s.End(frame)
	fmt.Fprintln(over, "left")
	if got := terminal.Lines(); terminal.Err() != nil || !slices.Equal(got[:2], []string{"tree", "left"}) {
		t.Errorf("it shows %q, %v", got, terminal.Err())
	}
}

// A line that a person enters below the region moves the cursor away, and at the end of the
// terminal all that is there. The region is drawn anew where it stands, at once, and nothing
// of an older one stays; what stands above is left alone.
func TestScreenAfterEnter(t *testing.T) {
	for _, rows := range []int{8, 4} {
		synctest.Test(t, func(t *testing.T) {
			terminal := terminaltest.New(40, rows)
			var typed atomic.Int64
			on := Stream{Writer: terminal, Terminal: true, Size: terminal.Size, Entered: func() int { return int(typed.Load()) }}
			enter := func(line string) {
				fmt.Fprint(terminal, line+"\r\n") // the terminal's echo
				typed.Add(int64(len(line)) + 1)
			}
			shows := func(when string, want ...string) {
				t.Helper()
				want = append([]string{"typed before"}, want...)
				if got := terminal.Lines(); terminal.Err() != nil || !slices.Equal(got, append(want, "")) {
					t.Errorf("%d rows, %s: it shows %q, want %q, %v", rows, when, got, want, terminal.Err())
				}
			}
			over := NewSink(on)
			enter("typed before")
			s := NewScreen(on, over, time.Now)
			fmt.Fprintln(over, "above")
			frame := func(int, int) []string { return []string{"tree", "leaf"} }
			s.Draw(frame)
			for _, line := range []string{"", "abc", "", ""} {
				enter(line)
				<-time.After(2 * enteredEvery)
				shows("entered "+line, "above", "tree", "leaf")
			}
			typed.Store(0) // somebody has read it
			<-time.After(textEvery)
			enter("")
			fmt.Fprintln(over, "more")
			shows("and written", "above", "more", "tree", "leaf")
			enter("")
			s.End(frame)
			fmt.Fprintln(over, "left")
			shows("in the end", "above", "more", "tree", "leaf", "left")
		})
	}
}
