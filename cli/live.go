package cli

import (
	"context"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/cli/internal/tree"
	"github.com/pawlrun/pawl/internal/view"
)

// idleEvery is how often a frame is drawn when nothing but time changes.
const idleEvery = time.Second

// live shows a run as a tree at the end of a terminal, below the lines that
// stay. A nil one shows nothing. It belongs to the goroutine that follows the
// run; what others write meanwhile goes above the tree.
type live struct {
	app    *app
	mask   func(string) string
	tree   *tree.Tree
	screen *term.Screen // nil: the tree is not there

	timer *time.Timer
	drawn time.Time // the last frame
}

// newLive returns a live view, or nil where there can be none.
func (a *app) newLive(mask func(string) string) *live {
	if !a.hasTree() {
		return nil
	}
	return &live{app: a, mask: mask, tree: tree.New()}
}

// begin puts the tree on the terminal. It is to have the run's events up to one:
// those behind it come to event.
func (v *live) begin(ctx context.Context, run *view.Follower, upTo pawl.Seq) error {
	if v == nil || v.screen != nil {
		return nil
	}
	events, err := run.Before(ctx, upTo)
	if err != nil {
		return err
	}
	for _, ev := range events {
		if err := v.tree.Apply(ev); err != nil {
			return err
		}
	}
	v.screen = term.NewScreen(v.app.stderr, v.app.err, v.app.now)
	v.timer = time.NewTimer(term.FrameEvery)
	return nil
}

// event adds what happened to the tree; the next frame shows it.
func (v *live) event(ev pawl.Event) error {
	if v == nil {
		return nil
	}
	if err := v.tree.Apply(ev); err != nil {
		return err
	}
	v.soon()
	return nil
}

// piece adds a piece of an answer to the tree; the next frame shows it.
func (v *live) piece(p pawl.Piece) {
	v.tree.Piece(p)
	v.soon()
}

// soon has a frame drawn as soon as one may be.
func (v *live) soon() { v.timer.Reset(max(0, term.FrameEvery-v.app.now().Sub(v.drawn))) }

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
	v.screen.Draw(v.frame)
}

// end leaves the last frame where it stands. Repeating it does nothing.
func (v *live) end() {
	if v == nil || v.screen == nil {
		return
	}
	v.timer.Stop()
	v.tree.DropAnswers()
	v.screen.End(v.frame)
	v.screen = nil
}

// leave says how a run stands whose process has ended, which its events do not.
func (v *live) leave(s pawl.Status) {
	if v != nil {
		v.tree.Leave(s)
	}
}

// frame leaves the last column free: what is written there makes terminals
// differ in where the cursor stands.
func (v *live) frame(columns, rows int) []string {
	return v.tree.Frame(tree.Look{
		Now: v.app.now(), Columns: columns - 1, Rows: rows - 1, Ink: v.app.ink(v.app.stderr), Mask: v.mask,
	})
}
