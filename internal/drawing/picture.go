package drawing

import "github.com/pawlrun/pawl/internal/shape"

// Picture is a shape laid out, in units that SVG calls pixels.
type Picture struct {
	Width  int     `json:"width"`
	Height int     `json:"height"`
	Lanes  []Strip `json:"lanes"`
	Frames []Frame `json:"frames"` // outer ones before those in them
	Boxes  []Box   `json:"boxes"`  // in the order of the code
	Links  []Link  `json:"links"`
}

// Strip is a lane in a picture.
type Strip struct {
	Name string `json:"name"` // code, model or human
	X    int    `json:"x"`
	W    int    `json:"w"`
}

// Frame stands around boxes and frames.
type Frame struct {
	X       int         `json:"x"`
	Y       int         `json:"y"`
	W       int         `json:"w"`
	H       int         `json:"h"`
	Label   string      `json:"label"`
	Key     string      `json:"key"` // of the node in the shape; empty: it is no scope
	Divides []Divide    `json:"divides"`
	Node    *shape.Node `json:"-"`
}

// Divide is the line in a frame above a case or a branch.
type Divide struct {
	Y     int    `json:"y"`
	Label string `json:"label"`
}

// Box is a step.
type Box struct {
	X     int         `json:"x"`
	Y     int         `json:"y"`
	W     int         `json:"w"`
	H     int         `json:"h"`
	Lane  Lane        `json:"lane"`
	Label string      `json:"label"`
	Mark  string      `json:"mark"` // what a run made of it; may be empty
	Key   string      `json:"key"`
	Node  *shape.Node `json:"-"`
}

// Link leads from what stands above to what comes next: down, across and down again.
type Link struct {
	X1 int `json:"x1"`
	Y1 int `json:"y1"`
	X2 int `json:"x2"`
	Y2 int `json:"y2"`
}

const (
	laneWidth = 200
	boxHeight = 34
	inset     = 12 // of a frame in another, on each side
	gap       = 22 // above a box or frame
	title     = 24 // of a frame or a case
	head      = 40 // of the lanes
)

// Layout places the rows of a shape.
func Layout(s *shape.Shape) Picture {
	rows := Rows(s)
	deep := 0
	for _, r := range rows {
		if r.Kind == OpenRow {
			deep = max(deep, r.Depth+1)
		}
	}
	margin := inset * (deep + 1)
	p := Picture{Width: 2*margin + 3*laneWidth, Lanes: []Strip{}, Frames: []Frame{}, Boxes: []Box{}, Links: []Link{}}
	for i, l := range Lanes {
		p.Lanes = append(p.Lanes, Strip{string(l), margin + i*laneWidth, laneWidth})
	}
	l := layout{Picture: &p, margin: margin, y: head}
	for _, r := range rows {
		l.place(r)
	}
	p.Height = l.y + gap
	return p
}

// layout goes down a picture.
type layout struct {
	*Picture
	margin int
	y      int   // where the last row ended
	open   []int // the frames that are open, by their places
	from   *spot // what the next row is linked from; nil: a frame or a case has just begun
}

// spot is where a link begins. A frame's is below its whole width.
type spot struct {
	x, y int
	wide bool
}

func (l *layout) place(r Row) {
	switch r.Kind {
	case StepRow:
		w := laneWidth - 2*inset
		b := Box{X: l.margin + int(r.Lane)*laneWidth + inset, Y: l.y + gap, W: w, H: boxHeight,
			Lane: r.Lane, Label: r.Label, Mark: Mark(r.Node), Key: r.Node.Key, Node: r.Node}
		l.link(b.X+w/2, b.Y, false)
		l.Boxes = append(l.Boxes, b)
		l.y = b.Y + boxHeight
		l.from = &spot{b.X + w/2, l.y, false}
	case OpenRow:
		x := inset * (r.Depth + 1)
		f := Frame{X: x, Y: l.y + gap, W: l.Width - 2*x, Label: r.Label, Key: r.Node.Key, Divides: []Divide{}, Node: r.Node}
		l.link(l.Width/2, f.Y, true)
		l.open, l.Frames = append(l.open, len(l.Frames)), append(l.Frames, f)
		l.y, l.from = f.Y+title, nil
	case DivideRow:
		f := &l.Frames[l.open[len(l.open)-1]]
		if l.y > f.Y+title {
			l.y += inset
		}
		f.Divides = append(f.Divides, Divide{l.y, r.Label})
		l.y, l.from = l.y+title, nil
	case CloseRow:
		f := &l.Frames[l.open[len(l.open)-1]]
		l.open = l.open[:len(l.open)-1]
		l.y += inset
		f.H = l.y - f.Y
		l.from = &spot{l.Width / 2, l.y, true}
	}
}

// link leads to where the next row begins. Between a box and a frame it goes straight down.
func (l *layout) link(x, y int, wide bool) {
	if l.from == nil {
		return
	}
	from := l.from.x
	switch {
	case wide:
		x = from
	case l.from.wide:
		from = x
	}
	l.Links = append(l.Links, Link{from, l.from.y, x, y})
}
