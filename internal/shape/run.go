package shape

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/late"
)

// OfRun returns the shape of what happened in a run: its steps in the order of their first
// events, each once however often it came.
func OfRun(rec pawl.RunRecord) *Shape {
	s := &Shape{Flow: rec.Flow, From: FromRun, Whole: true, Nodes: []*Node{}}
	at := map[string]*Node{} // by key
	var put func(n *Node)
	put = func(n *Node) {
		at[n.Key] = n
		outer, _ := path.Split(n.Key)
		outer = strings.TrimSuffix(outer, "/")
		if outer == "" {
			s.Nodes = append(s.Nodes, n)
			return
		}
		around := at[strings.TrimSuffix(outer, "[]")]
		if around == nil { // a branch of a parallel scope has no step of its own
			around = &Node{Type: Branch, Key: outer, Text: path.Base(outer), Nodes: []*Node{}}
			put(around)
		}
		around.Nodes = append(around.Nodes, n)
	}
	for _, step := range rec.Steps {
		key := general(step.Key)
		if at[key] != nil {
			continue
		}
		if len(at) >= maxNodes {
			s.Whole = false
			break
		}
		n := &Node{Type: Step, Kind: step.Kind, Boundary: step.Boundary, Key: key, Text: path.Base(key), Purpose: step.Purpose, Nodes: []*Node{}}
		n.Source, n.last = place(step.Source)
		if step.Kind.Scope() {
			n.Type = Scope
		}
		put(n)
	}
	s.Mark(rec)
	return s
}

// Mark counts the steps of a run at the nodes that they are of: by their keys and, where
// several have the same, by the line of code that called for them and by the step before.
// Steps of no node come last, as nodes of their own: the code is not the one that the run was
// executed with, or makes names that are only known then.
func (s *Shape) Mark(rec pawl.RunRecord) {
	s.Run = string(rec.ID)
	m := newMarker(s)
	for i := range rec.Steps {
		step := &rec.Steps[i]
		nodes := m.named(general(step.Key), step.Source)
		if len(nodes) == 0 {
			n := &Node{Type: Step, Kind: step.Kind, Boundary: step.Boundary, Key: general(step.Key), Purpose: step.Purpose, Nodes: []*Node{}}
			n.Text = n.Key
			n.Source, n.last = place(step.Source)
			s.Nodes, nodes = append(s.Nodes, n), []*Node{n}
			m.byKey[n.Key] = nodes
		}
		m.pick(nodes, step).see(step)
	}
}

// marker finds the nodes of a run's steps.
type marker struct {
	byKey map[string][]*Node
	wild  []*Node          // with "*" in their keys
	order map[*Node]int    // their places in the shape
	loop  map[*Node]*Node  // the innermost loop around each
	scope map[*Node]*Node  // the innermost scope around each
	at    map[string]*Node // of each scope so far, by its key in the run
	last  map[string]*Node // of the step before, by the scope that both are in
}

func newMarker(s *Shape) *marker {
	m := &marker{byKey: map[string][]*Node{}, order: map[*Node]int{}, loop: map[*Node]*Node{}, scope: map[*Node]*Node{}, at: map[string]*Node{}, last: map[string]*Node{}}
	m.add(s.Nodes, nil, nil)
	return m
}

func (m *marker) add(nodes []*Node, loop, scope *Node) {
	for _, n := range nodes {
		inner, within := loop, scope
		switch n.Type {
		case Step, Scope:
			m.byKey[n.Key] = append(m.byKey[n.Key], n)
			m.order[n], m.loop[n], m.scope[n] = len(m.order), loop, scope
			if strings.Contains(n.Key, "*") {
				m.wild = append(m.wild, n)
			}
		case Loop:
			inner = n
		}
		if n.Type == Scope {
			within = n
		}
		m.add(n.Nodes, inner, within)
	}
}

func (m *marker) named(key, source string) []*Node {
	wild := slices.DeleteFunc(slices.Clone(m.wild), func(n *Node) bool { return !fits(n.Key, key) })
	nodes := m.byKey[key]
	switch called := func(n *Node) bool { return n.calls(source) }; {
	case len(nodes) == 0, !slices.ContainsFunc(nodes, called) && slices.ContainsFunc(wild, called):
		return wild
	}
	return nodes
}

// pick is the node of those that the step is of.
func (m *marker) pick(nodes []*Node, step *pawl.StepRecord) *Node {
	scope := path.Dir(string(step.Key))
	if around := m.around(scope); around != nil {
		if in := slices.DeleteFunc(slices.Clone(nodes), func(n *Node) bool { return m.scope[n] != around }); len(in) > 0 {
			nodes = in
		}
	}
	if at := slices.DeleteFunc(slices.Clone(nodes), func(n *Node) bool { return !n.calls(step.Source) }); len(at) > 0 {
		nodes = at
	}
	last := m.last[scope]
	n := nodes[0]
	if last != nil && len(nodes) > 1 {
		n = m.after(nodes, last)
	}
	m.last[scope] = n
	if n.Type == Scope {
		m.at[string(step.Key)] = n
	}
	return n
}

// around is the node of the innermost scope that a key is, or is in; nil: of none. An item
// and a branch have no step of their own.
func (m *marker) around(key string) *Node {
	for ; key != "." && key != "/"; key = path.Dir(key) {
		if n := m.at[trailing().ReplaceAllString(key, "")]; n != nil {
			return n
		}
	}
	return nil
}

// after is the node of those that comes after another: of the loop that this is in, or the
// next in the shape.
func (m *marker) after(nodes []*Node, last *Node) *Node {
	for _, n := range nodes {
		if loop := m.loop[n]; loop != nil && loop == m.loop[last] {
			return n
		}
	}
	for _, n := range nodes {
		if m.order[n] > m.order[last] {
			return n
		}
	}
	return nodes[0]
}

// calls reports whether a step that was called for at source is called for by the node's code.
func (n *Node) calls(source string) bool {
	where, line := place(source)
	file, _, _ := strings.Cut(where, ":")
	at, from, _ := strings.Cut(n.Source, ":")
	first, err := strconv.Atoi(from)
	return err == nil && at == file && first <= line && line <= n.last
}

// mostKeys is how many keys a node keeps.
const mostKeys = 20

func (n *Node) see(step *pawl.StepRecord) {
	if n.Seen == nil {
		n.Seen = &Seen{Keys: []string{}}
	}
	seen := n.Seen
	seen.Steps++
	done := step.Status == pawl.StepDone || step.Status == pawl.StepReused
	switch step.Status {
	case pawl.StepReused:
		seen.Reused++
		seen.Done++
	case pawl.StepDone:
		seen.Done++
	case pawl.StepWaiting:
		seen.Waiting++
	case pawl.StepFailed:
		seen.Failed++
	default:
		seen.Running++
	}
	if step.Boundary == pawl.BoundaryModel {
		seen.Calls += len(step.Attempts)
	}
	at := len(seen.Keys)
	if !done { // before those that are
		at = min(at, seen.Steps-1-seen.Done)
	}
	seen.Keys = slices.Insert(seen.Keys, at, string(step.Key))
	seen.Keys = seen.Keys[:min(mostKeys, len(seen.Keys))]
}

var (
	items    = late.Regexp(`\[[^\]/]*\]`)
	trailing = late.Regexp(`\[[^\]/]*\]$`)
	repeats  = late.Regexp(`#[0-9]+(/|\[|$)`)
)

// general is a key for all items and repeats: "sections[3]/write#2" is "sections[]/write".
func general(k pawl.Key) string {
	return repeats().ReplaceAllString(items().ReplaceAllString(string(k), "[]"), "$1")
}

// fits reports whether a key is one of those that a node's key with "*" stands for.
func fits(wild, key string) bool {
	parts := strings.Split(wild, "*")
	if !strings.HasPrefix(key, parts[0]) {
		return false
	}
	key = key[len(parts[0]):]
	for i, p := range parts[1:] {
		if i == len(parts)-2 {
			return strings.HasSuffix(key, p) && strings.Count(key, "/") == strings.Count(p, "/")
		}
		at := strings.Index(key, p)
		if at < 0 || strings.Contains(key[:at], "/") {
			return false
		}
		key = key[at+len(p):]
	}
	return key == ""
}

// place takes the folder off a step's source: "article/flow.go:31" is "flow.go:31", line 31.
func place(source string) (string, int) {
	where := path.Base(source)
	if source == "" {
		return "", 0
	}
	_, line, _ := strings.Cut(where, ":")
	n, _ := strconv.Atoi(line)
	return where, n
}
