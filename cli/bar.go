package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// bar is a line at the end of a terminal that is drawn again and again; what is
// written to stderr meanwhile stands above it. A nil bar draws nothing.
type bar struct {
	app    *app
	screen *screen
	line   func(columns int) string
	stop   chan struct{}
	down   sync.WaitGroup
	once   sync.Once
}

// newBar begins to draw the line that a function gives for a width, if stderr is
// a terminal that it can stand on. The function is called from a goroutine of
// the bar's until end.
func (a *app) newBar(line func(columns int) string) *bar {
	if !a.hasTree() {
		return nil
	}
	b := &bar{app: a, screen: a.newScreen(), line: line, stop: make(chan struct{})}
	b.down.Go(func() {
		tick := time.NewTicker(frameEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				b.draw(b.screen.draw)
			case <-b.stop:
				return
			}
		}
	})
	return b
}

// end leaves the last line where it stands. Repeating it does nothing.
func (b *bar) end() {
	if b == nil {
		return
	}
	b.once.Do(func() {
		close(b.stop)
		b.down.Wait()
		b.draw(b.screen.end)
		b.app.err.turn(b.screen.w)
	})
}

// draw makes the line before the screen is locked: who writes to the screen may
// hold what the line needs.
func (b *bar) draw(draw func(func(columns, rows int) []string) error) {
	columns, _ := b.screen.size()
	line := b.line(columns - 1)
	if err := draw(func(int, int) []string { return []string{line} }); err != nil {
		b.app.err.fail(err)
	}
}

// barLine draws how far a batch has come.
func (b *batch) barLine(columns int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.app
	said := fmt.Sprintf("%s of %s", grouped(int64(b.atRest)), b.standing())
	if n := len(b.live); n > 0 {
		said = fmt.Sprintf("%s; %d running", said, n)
	}
	room := min(columns-cells(said)-1, 30)
	if room < 5 {
		return cut(said, columns)
	}
	done := room * b.atRest / len(b.lines)
	ink := a.ink(a.stderr)
	return ink.paint(green, strings.Repeat("━", done)) + ink.paint(faint, strings.Repeat("─", room-done)) + " " + said
}
