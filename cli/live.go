package cli

import (
	"context"
	"time"

	"github.com/pawlrun/pawl"
)

const (
	frameEvery = 100 * time.Millisecond // at most
	idleEvery  = time.Second            // when nothing but time changes
)

// live shows a run as a tree at the end of a terminal, below the lines that
// stay. A nil one shows nothing. It belongs to the goroutine that follows the
// run; what others write meanwhile goes above the tree.
type live struct {
	app    *app
	mask   func(string) string
	tree   *tree
	screen *screen // nil: the tree is not there

	timer *time.Timer
	drawn time.Time // the last frame
}

// hasTree reports whether stderr is a terminal that a tree can stand on. With
// --json it is a program that reads, whatever the stream is.
func (a *app) hasTree() bool {
	if a.quiet || a.json || !a.stderr.terminal || a.stderr.dumb || a.stderr.size == nil || a.getenv("TERM") == "dumb" {
		return false
	}
	columns, rows := a.stderr.size()
	return columns > 0 && rows > 0
}

// newLive returns a live view, or nil where there can be none.
func (a *app) newLive(mask func(string) string) *live {
	if !a.hasTree() {
		return nil
	}
	return &live{app: a, mask: mask, tree: newTree()}
}

// begin puts the tree on the terminal. It is to have the run's events up to one:
// those behind it come to event.
func (v *live) begin(ctx context.Context, s *store, id pawl.RunID, upTo pawl.Seq) error {
	if v == nil || v.screen != nil {
		return nil
	}
	if upTo > 0 {
		events, err := s.db.Read(ctx, id, 0, 0)
		if err != nil {
			return err
		}
		for _, ev := range events {
			if ev.Seq > upTo {
				break
			}
			if err := v.tree.apply(ev); err != nil {
				return err
			}
		}
	}
	v.screen = v.app.newScreen()
	v.timer = time.NewTimer(frameEvery)
	return nil
}

// event adds what happened to the tree; the next frame shows it.
func (v *live) event(ev pawl.Event) error {
	if v == nil {
		return nil
	}
	if err := v.tree.apply(ev); err != nil {
		return err
	}
	v.timer.Reset(max(0, frameEvery-v.app.now().Sub(v.drawn)))
	return nil
}

// due delivers when the next frame is due.
func (v *live) due() <-chan time.Time {
	if v == nil || v.timer == nil {
		return nil
	}
	return v.timer.C
}

// draw draws a frame and sets the time of the next.
func (v *live) draw() {
	v.drawn = v.app.now()
	v.timer.Reset(idleEvery)
	if err := v.screen.draw(v.frame); err != nil {
		v.app.err.fail(err)
	}
}

// end leaves the last frame where it stands. Repeating it does nothing.
func (v *live) end() {
	if v == nil || v.screen == nil {
		return
	}
	v.timer.Stop()
	err := v.screen.end(v.frame)
	v.app.err.turn(v.screen.w)
	v.screen = nil
	if err != nil {
		v.app.err.fail(err)
	}
}

// leave says how a run stands whose process has ended, which its events do not.
func (v *live) leave(s pawl.Status) {
	if v != nil && v.tree.st.Status != s {
		v.tree.left = s
	}
}

// frame leaves the last column free: what is written there makes terminals
// differ in where the cursor stands.
func (v *live) frame(columns, rows int) []string {
	return v.tree.frame(look{
		now: v.app.now(), columns: columns - 1, rows: rows - 1, ink: v.app.ink(v.app.stderr), mask: v.mask,
	})
}
