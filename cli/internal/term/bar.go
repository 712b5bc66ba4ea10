package term

import (
	"sync"
	"time"
)

// FrameEvery is how often at most what is redrawn is drawn.
const FrameEvery = 100 * time.Millisecond

// Bar is a line at the end of a terminal that is drawn again and again; what is
// written meanwhile stands above it. A nil bar draws nothing.
type Bar struct {
	screen *Screen
	line   func(columns int) string
	stop   chan struct{}
	down   sync.WaitGroup
	once   sync.Once
}

// NewBar begins to draw the line that a function gives for a width on a terminal,
// above which stands what is written to the sink. The function is called from a
// goroutine of the bar's until End.
func NewBar(on Stream, over *Sink, now func() time.Time, line func(columns int) string) *Bar {
	b := &Bar{screen: NewScreen(on, over, now), line: line, stop: make(chan struct{})}
	b.down.Go(func() {
		tick := time.NewTicker(FrameEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				b.draw(b.screen.Draw)
			case <-b.stop:
				return
			}
		}
	})
	return b
}

// End leaves the last line where it stands. Repeating it does nothing.
func (b *Bar) End() {
	if b == nil {
		return
	}
	b.once.Do(func() {
		close(b.stop)
		b.down.Wait()
		b.draw(b.screen.End)
	})
}

// draw makes the line before the screen is locked: who writes to the screen may
// hold what the line needs.
func (b *Bar) draw(draw func(func(columns, rows int) []string)) {
	columns, _ := b.screen.size()
	line := b.line(columns - 1)
	draw(func(int, int) []string { return []string{line} })
}
