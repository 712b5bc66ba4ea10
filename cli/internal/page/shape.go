package page

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/drawing"
	"github.com/pawlrun/pawl/internal/shape"
)

// lanes are how a step stands in each lane, and what colour it has.
var lanes = [3]struct{ open, close, style string }{{"[ ", " ]", ""}, {"( ", " )", term.Cyan}, {"< ", " >", term.Magenta}}

const (
	leastLane  = 16 // columns: where lanes would be narrower, steps name them instead
	widestDraw = 80 // columns of a picture, also where there are more
)

// Shape draws a shape: from top to bottom, in three lanes where there is room for them.
func (p *Page) Shape(s *shape.Shape) {
	rows := drawing.Rows(s)
	deep := 0
	for _, r := range rows {
		deep = max(deep, r.Depth)
	}
	d := drawn{Page: p, width: widestDraw, deep: deep + 1}
	if p.Width > 0 {
		d.width = min(p.Width, widestDraw)
	}
	if d.lane = (d.width - 4*d.deep) / 3; d.lane < leastLane {
		d.lane = 0
	}
	d.heading()
	for _, r := range rows {
		d.row(r)
	}
	if s.Run != "" {
		p.line("  ✓ done  ? waits  ▸ under way  ✗ failed; without a sign: not in run %s", s.Run)
	}
	if !s.Whole {
		p.line("  … the flow is larger than what is drawn")
	}
}

// drawn is a picture being printed.
type drawn struct {
	*Page
	width int
	deep  int // the most frames in one another
	lane  int // width of a lane; 0: there are none
}

func (d *drawn) heading() {
	names := [3]string{}
	for i, l := range lanes {
		names[i] = l.open + string(drawing.Lanes[i]) + l.close
	}
	if d.lane == 0 {
		fmt.Fprintln(d.Out, d.Ink.Paint(term.Faint, "  "+strings.Join(names[:], " ")))
		return
	}
	fmt.Fprintln(d.Out, strings.Repeat(" ", 2*d.deep)+d.Ink.Paint(term.Faint, strings.TrimRight(term.Pad(names[0], d.lane)+term.Pad(names[1], d.lane)+names[2], " ")))
}

func (d *drawn) row(r drawing.Row) {
	sides := strings.Repeat("│ ", r.Depth)
	right := strings.Repeat(" │", r.Depth)
	if d.lane == 0 {
		right = ""
	}
	room := d.width - 2*2*r.Depth
	if d.lane == 0 {
		room = d.width - 2*r.Depth
	}
	text, style := "", term.Faint
	switch r.Kind {
	case drawing.StepRow:
		text, style = d.step(r)
	case drawing.OpenRow:
		text = d.line("┌", "┐", r, room)
	case drawing.DivideRow:
		text = d.line("├", "┤", r, room)
	case drawing.CloseRow:
		text = "└" + strings.Repeat("─", room-2) + "┘"
		if d.lane == 0 {
			text = "└"
		}
	}
	pad := ""
	if right != "" {
		pad = strings.Repeat(" ", max(0, room-term.Cells(text)))
	}
	fmt.Fprintln(d.Out, strings.TrimRight(d.Ink.Paint(term.Faint, sides)+d.Ink.Paint(style, text)+pad+d.Ink.Paint(term.Faint, right), " "))
}

// line is the upper edge of a frame or a case, with its title.
func (d *drawn) line(left, right string, r drawing.Row, room int) string {
	mark := drawing.Mark(r.Node)
	if mark != "" {
		mark = " " + mark
	}
	title := left + " " + term.Cut(term.Plain(r.Label), max(4, room-6-term.Cells(mark))) + mark + " "
	if d.lane == 0 {
		return strings.TrimRight(title, " ")
	}
	return title + strings.Repeat("─", max(0, room-1-term.Cells(title))) + right
}

// step is a step in its lane.
func (d *drawn) step(r drawing.Row) (text, style string) {
	form, mark := lanes[r.Lane], drawing.Mark(r.Node)
	if mark != "" {
		mark = " " + mark
	}
	before, room := 2*(d.deep-r.Depth)+int(r.Lane)*d.lane, d.lane-1
	if d.lane == 0 {
		before, room = 2, d.width-2*r.Depth-2
	}
	name := term.Cut(term.Plain(r.Label), max(4, room-4-term.Cells(mark)))
	return strings.Repeat(" ", before) + form.open + name + form.close + mark, form.style
}
