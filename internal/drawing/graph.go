package drawing

import (
	"strconv"

	"github.com/pawlrun/pawl/internal/shape"
)

// graph is a shape as vertices in clusters and edges between them, for programs that lay out
// on their own.
type graph struct {
	top   []item
	edges []edge
	n     int
	loops [][]exit // of the loops that are open, what leaves them from within
}

// item is a vertex, or a cluster of items.
type item struct {
	id    string
	form  form
	label string
	lane  Lane // of a step
	items []item
}

type form int

const (
	stepForm  form = iota
	frameForm      // a cluster
	forkForm       // where a choice is made, or a loop begins anew or ends
)

type edge struct {
	from, to string
	label    string // of the case by which it is taken
	back     bool   // it closes a loop
}

// exit is where the next step is reached from: a vertex, and the case that leads on from it.
type exit struct{ from, label string }

// first and last are the vertices where a flow begins and ends.
const first, last = "start", "finish"

func graphOf(s *shape.Shape) *graph {
	g := &graph{}
	items, out := g.sequence(s.Nodes, []exit{{from: first}})
	g.top = items
	g.join(out, last, false)
	return g
}

func (g *graph) item(f form, label string, lane Lane) item {
	g.n++
	return item{id: "n" + strconv.Itoa(g.n), form: f, label: label, lane: lane}
}

func (g *graph) join(from []exit, to string, back bool) {
	for _, e := range from {
		g.edges = append(g.edges, edge{e.from, to, e.label, back})
	}
}

// sequence adds nodes one after another, reached from in, and returns where they are left.
func (g *graph) sequence(nodes []*shape.Node, in []exit) (items []item, out []exit) {
	for _, n := range nodes {
		var more []item
		more, in = g.node(n, in)
		items = append(items, more...)
	}
	return items, in
}

func (g *graph) node(n *shape.Node, in []exit) ([]item, []exit) {
	switch {
	case leaf(n):
		it := g.item(stepForm, label(n), laneOf(n.Boundary))
		if m := Mark(n); m != "" {
			it.label += "  " + m
		}
		g.join(in, it.id, false)
		return []item{it}, []exit{{from: it.id}}
	case solo(n):
		return g.sequence(n.Nodes, in)
	case n.Type == shape.Choice:
		return g.choice(n, in)
	case n.Type == shape.Loop:
		return g.loop(n, in)
	}
	it := g.item(frameForm, label(n), 0)
	var out []exit
	branches := parts(n)
	for _, c := range branches { // side by side
		branch := g.item(frameForm, c.Text, 0)
		var left []exit
		branch.items, left = g.sequence(c.Nodes, in)
		it.items, out = append(it.items, branch), append(out, left...)
	}
	if len(branches) == 0 {
		it.items, out = g.sequence(n.Nodes, in)
	}
	return []item{it}, out
}

// choice adds the cases of a choice. They stand in no cluster: the edges to them say what
// they are.
func (g *graph) choice(n *shape.Node, in []exit) (items []item, out []exit) {
	at := g.item(forkForm, "", 0)
	g.join(in, at.id, false)
	items = append(items, at)
	always := false // one of the cases comes
	for _, c := range n.Nodes {
		more, left := g.sequence(c.Nodes, []exit{{at.id, c.Text}})
		items = append(items, more...)
		if c.Leaves && len(g.loops) > 0 {
			g.loops[len(g.loops)-1] = append(g.loops[len(g.loops)-1], left...)
		} else {
			out = append(out, left...)
		}
		always = always || c.Text == shape.Otherwise
	}
	if !always {
		out = append(out, exit{at.id, "else"})
	}
	return items, out
}

// loop adds a loop: it is left where it begins anew, or from within.
func (g *graph) loop(n *shape.Node, in []exit) ([]item, []exit) {
	it := g.item(frameForm, label(n), 0)
	at := g.item(forkForm, "", 0)
	g.join(in, at.id, false)
	g.loops = append(g.loops, nil)
	items, again := g.sequence(n.Nodes, []exit{{from: at.id}})
	it.items = append([]item{at}, items...)
	g.join(again, at.id, true)
	out := g.loops[len(g.loops)-1]
	g.loops = g.loops[:len(g.loops)-1]
	if n.Text != shape.Forever || len(out) == 0 { // what comes next is reached also where it is not seen how
		out = append(out, exit{at.id, "at the end"})
	}
	return []item{it}, out
}
