// Package drawing lays out the shape of a flow and draws it: as an SVG picture, and as text for
// Mermaid and Graphviz. The command draws its picture in a terminal from the same rows.
//
// A picture is read from top to bottom. It has three lanes, for code, models and people, and
// a step stands in the lane of who acts. Loops, choices, maps, parallel branches, called
// flows and patterns are frames across all lanes, one in the other:
//
//	    code          model        human
//	                ( write )                  a row: a step
//	┌ refine: again and again ────────────┐    a row that opens a frame
//	│               ( review )            │
//	│ ┌ unless approved ────────────────┐ │
//	│ │             ( revise )          │ │
//	│ └─────────────────────────────────┘ │    a row that closes one
//	└─────────────────────────────────────┘
//
// The same shape is the same picture, byte for byte. Nothing is placed by trial.
package drawing

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/shape"
)

// Row is one line of a picture.
type Row struct {
	Kind  RowKind
	Depth int    // how many frames are around it, its own not counted
	Label string // of a step, a frame or a case
	Lane  Lane   // of a step

	// Node is the step, or what the frame is of; where a frame is of several nodes in one
	// another, the outermost.
	Node *shape.Node
}

// RowKind is what a row is.
type RowKind int

const (
	StepRow   RowKind = iota // a step
	OpenRow                  // a frame begins
	DivideRow                // its next case or branch begins
	CloseRow                 // it ends
)

// Lane is a column of a picture: who acts.
type Lane int

const (
	CodeLane Lane = iota
	ModelLane
	HumanLane
)

// Lanes are the lanes by name, from left to right.
var Lanes = [3]pawl.Boundary{pawl.BoundaryCode, pawl.BoundaryModel, pawl.BoundaryHuman}

func laneOf(b pawl.Boundary) Lane {
	for i, l := range Lanes {
		if l == b {
			return Lane(i)
		}
	}
	return CodeLane
}

// Rows returns the rows of a shape's picture.
func Rows(s *shape.Shape) []Row { return rows(nil, s.Nodes, 0) }

func rows(list []Row, nodes []*shape.Node, depth int) []Row {
	for _, n := range nodes {
		switch {
		case leaf(n):
			list = append(list, Row{Kind: StepRow, Depth: depth, Label: label(n), Lane: laneOf(n.Boundary), Node: n})
		case solo(n):
			list = rows(list, n.Nodes, depth)
		default:
			list = frame(list, n, depth)
		}
	}
	return list
}

// leaf reports whether a node is drawn as a step.
func leaf(n *shape.Node) bool {
	switch n.Type {
	case shape.Step, shape.Again:
		return true
	case shape.Scope, shape.Opaque:
		return len(n.Nodes) == 0
	}
	return false
}

// solo reports whether a node is a group of one step: a frame around it would say no more.
func solo(n *shape.Node) bool {
	return n.Type == shape.Group && len(n.Nodes) == 1 && leaf(n.Nodes[0])
}

// frame draws a node that stands around others. A frame whose only node is a frame is one
// with it.
func frame(list []Row, n *shape.Node, depth int) []Row {
	title, inside := label(n), n
	for inside.Type == shape.Group && len(inside.Nodes) == 1 && !leaf(inside.Nodes[0]) && len(parts(inside.Nodes[0])) < 2 {
		inside = inside.Nodes[0]
		title += ": " + label(inside)
	}
	cases := parts(inside)
	if len(cases) > 0 && inside.Type == shape.Choice {
		title = strings.TrimPrefix(strings.TrimSuffix(title, ": ")+": "+cases[0].Text, ": ")
	}
	list = append(list, Row{Kind: OpenRow, Depth: depth, Label: title, Node: n})
	if len(cases) == 0 {
		list = rows(list, inside.Nodes, depth+1)
	}
	for i, c := range cases {
		if i > 0 || inside.Type != shape.Choice {
			list = append(list, Row{Kind: DivideRow, Depth: depth, Label: c.Text, Node: c})
		}
		list = rows(list, c.Nodes, depth+1)
	}
	return append(list, Row{Kind: CloseRow, Depth: depth, Node: n})
}

// parts are a frame's branches, or its cases in which something happens; none: it has one part.
func parts(n *shape.Node) []*shape.Node {
	if n.Type == shape.Choice || n.Type == shape.Scope && n.Kind == pawl.KindParallel {
		return slices.DeleteFunc(slices.Clone(n.Nodes), func(c *shape.Node) bool { return len(c.Nodes) == 0 })
	}
	return nil
}

// label is what a node says of itself.
func label(n *shape.Node) string {
	switch n.Type {
	case shape.Scope:
		switch {
		case n.Kind == pawl.KindMap:
			return n.Text + ": for each item"
		case n.Kind == pawl.KindParallel:
			return n.Text + ": side by side"
		case n.Purpose != "":
			return n.Text + ": " + n.Purpose
		}
		return n.Text
	case shape.Again:
		return n.Text + " again"
	case shape.Opaque:
		return n.Text + "(…), not followed"
	case shape.Choice:
		return ""
	}
	return n.Text
}

// Mark is what a run made of a node, "✓3 ✗1"; empty: no run is counted, or it has none of it.
func Mark(n *shape.Node) string {
	if n.Seen == nil || leaf(n) && n.Type != shape.Step && n.Type != shape.Scope {
		return ""
	}
	var all []string
	for _, one := range []struct {
		sign string
		n    int
	}{{"✗", n.Seen.Failed}, {"?", n.Seen.Waiting}, {"▸", n.Seen.Running}, {"✓", n.Seen.Done}} {
		switch {
		case one.n == 1 && n.Seen.Steps == 1:
			all = append(all, one.sign)
		case one.n > 0:
			all = append(all, one.sign+strconv.Itoa(one.n))
		}
	}
	return strings.Join(all, " ")
}
