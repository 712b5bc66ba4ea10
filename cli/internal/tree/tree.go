package tree

import (
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// Tree is a run as the live view sees it: the fold of its events, and how the
// steps stand beneath each other. An event costs the same however many steps
// there are, a frame goes once through all of them and makes nothing for those
// that it does not show.
type Tree struct {
	st       replay.State
	nodes    []node           // the steps in the order of their first events
	place    map[pawl.Key]int // of scopes in nodes
	branches []branch         // of all scopes
	branchAt map[pawl.Key]int // by what the keys in it begin with
	roots    branch           // the steps that are in no scope
	clock    clock
	people   humanSteps
	answers  map[pawl.Key]*answer // under way
	left     pawl.Status          // how the run stands if its process has ended; empty: as its events say
	inFlight int64                // model calls, by the last look

	order []int // scratch: the nodes as the tree shows them
}

// none stands for no node and no branch.
const none = -1

// node is a step in the tree.
type node struct {
	step   *replay.Step
	branch int           // that it is in; none: the run's own
	first  int           // child
	next   int           // in the same scope
	ends   int           // of a scope: its last child
	from   time.Duration // how long the run had been executed when it began
	until  time.Duration // and when it was closed, of a scope

	// What the last look found.
	status pawl.StepStatus
	counts counts // of a scope: its branches by where they stand; of a call: its steps
	done   int    // steps and scopes beneath it that are done
	leaves int    // of those, the steps
	gone   int    // of done, those that are hidden by a fold beneath it
	fold   bool   // hides what is done beneath it
	folded bool   // something above it is folded
	shown  bool
}

// branch is one of a scope's, or the run's own.
type branch struct {
	scope int // its node
	last  int // the last of its steps in the scope; none: it has none yet

	stands pawl.StepStatus // by the last look; empty: nothing is known
	lost   bool            // a step in it stands still
}

// counts says how many there are in each state.
type counts struct{ done, running, retrying, waiting, failed int }

func (c *counts) add(s pawl.StepStatus) {
	switch s {
	case pawl.StepDone, pawl.StepReused:
		c.done++
	case pawl.StepRunning:
		c.running++
	case pawl.StepRetrying:
		c.retrying++
	case pawl.StepWaiting, pawl.StepPending:
		c.waiting++
	case pawl.StepFailed:
		c.failed++
	}
}

// New returns the tree of a run of which nothing has happened.
func New() *Tree {
	return &Tree{place: map[pawl.Key]int{}, branchAt: map[pawl.Key]int{}, people: humanSteps{}, answers: map[pawl.Key]*answer{}, roots: branch{scope: none, last: none}}
}

// Leave says how a run stands whose process has ended, which its events do not.
func (t *Tree) Leave(s pawl.Status) {
	if t.st.Status != s {
		t.left = s
	}
}

// Apply adds the run's next event.
func (t *Tree) Apply(ev pawl.Event) error {
	if err := t.st.Apply(ev); err != nil {
		return err
	}
	t.clock.apply(ev)
	if err := t.people.apply(ev); err != nil {
		return err
	}
	if ev.Type == pawl.EventAttempt {
		delete(t.answers, ev.Key)
	}
	if len(t.st.Steps) > len(t.nodes) {
		t.add(t.st.Steps[ev.Key], ev.At.Time)
	}
	if i, known := t.place[ev.Key]; known && ev.Type == pawl.EventScope {
		t.nodes[i].until = t.clock.read(ev.At.Time)
	}
	return nil
}

// add puts a new step at its place: behind the others of its branch.
func (t *Tree) add(s *replay.Step, at time.Time) {
	i := len(t.nodes)
	n := node{step: s, branch: t.branchOf(s.Key), first: none, next: none, ends: none, from: t.clock.read(at)}
	b := &t.roots
	if n.branch != none {
		b = &t.branches[n.branch]
	}
	switch {
	case b.last != none:
		n.next, t.nodes[b.last].next = t.nodes[b.last].next, i
	case b.scope != none && t.nodes[b.scope].first == none:
		t.nodes[b.scope].first = i
	case b.scope != none:
		t.nodes[t.nodes[b.scope].ends].next = i
	}
	if b.scope != none && n.next == none {
		t.nodes[b.scope].ends = i
	}
	b.last = i
	t.nodes = append(t.nodes, n)
	if s.Head.Kind.Scope() {
		t.place[s.Key] = i
	}
}

// branchOf returns the branch that a step is in: "sections[3]" of a map,
// "checks/tone" of a parallel, the key itself of a call.
func (t *Tree) branchOf(key pawl.Key) int {
	begins, _, inside := cutLast(string(key), "/")
	if !inside {
		return none
	}
	prefix := pawl.Key(begins)
	if i, known := t.branchAt[prefix]; known {
		return i
	}
	scope, isScope := t.place[prefix]
	if !isScope {
		sep := "/"
		if strings.HasSuffix(begins, "]") {
			sep = "["
		}
		outer, _, _ := cutLast(begins, sep)
		scope, isScope = t.place[pawl.Key(outer)]
	}
	if !isScope {
		return none // a history that names no scope
	}
	t.branches = append(t.branches, branch{scope: scope, last: none})
	t.branchAt[prefix] = len(t.branches) - 1
	return len(t.branches) - 1
}

// parent returns the scope that a node is in.
func (t *Tree) parent(i int) int {
	if b := t.nodes[i].branch; b != none {
		return t.branches[b].scope
	}
	return none
}

// Look finds out where every step stands now.
func (t *Tree) look() {
	for i := range t.branches {
		t.branches[i].stands, t.branches[i].lost = "", false
	}
	t.inFlight = 0
	i := 0
	for s, status := range t.st.InOrder() {
		if s.Open != nil && t.left != "" {
			status = pawl.StepRetrying // by whoever goes on
		}
		n := &t.nodes[i]
		n.status, n.counts, n.done, n.leaves, n.gone, n.fold, n.folded, n.shown = status, counts{}, 0, 0, 0, false, false, false
		if s.Open != nil && s.Open.Model != "" && !t.resting() {
			t.inFlight++
		}
		if !s.Head.Kind.Scope() {
			t.tell(n)
		}
		i++
	}
	for _, b := range t.branches {
		if scope := &t.nodes[b.scope]; scope.step.Head.Kind != pawl.KindCall && b.stands != "" {
			scope.counts.add(b.stands)
		}
	}
}

// tell has the branches around a step know where it stands.
func (t *Tree) tell(n *node) {
	if n.branch != none {
		if scope := &t.nodes[t.branches[n.branch].scope]; scope.step.Head.Kind == pawl.KindCall {
			scope.counts.add(n.status)
		}
	}
	for at := n.branch; at != none; at = t.nodes[t.branches[at].scope].branch {
		b := &t.branches[at]
		b.lost = b.lost || n.status == pawl.StepFailed && n.step.Result == nil
		switch {
		case urgency(n.status) > urgency(b.stands):
			b.stands = n.status
		case !busy(b.stands) && !b.lost:
			b.stands = n.status // a failure that the flow went on from
		}
	}
}

// urgency orders where steps stand by what a branch of them is said to be.
func urgency(s pawl.StepStatus) int {
	switch s {
	case pawl.StepRunning:
		return 5
	case pawl.StepRetrying:
		return 4
	case pawl.StepWaiting, pawl.StepPending:
		return 3
	case pawl.StepFailed:
		return 2
	case pawl.StepDone, pawl.StepReused:
		return 1
	}
	return 0
}

// busy reports whether a step's state is one that will change.
func busy(s pawl.StepStatus) bool { return urgency(s) > 2 }

// finished reports whether a step came to a good end.
func finished(s pawl.StepStatus) bool { return s == pawl.StepDone || s == pawl.StepReused }

// name is a step's key as it is said beneath a scope that is shown.
func name(s *replay.Step, above *replay.Step) string {
	if above == nil {
		return string(s.Key)
	}
	return strings.TrimPrefix(strings.TrimPrefix(string(s.Key), string(above.Key)), "/")
}

// clock measures how long a run was executed: without the time between the last
// event of one process and the claim of the next.
type clock struct {
	before time.Duration // under earlier claims
	begun  time.Time
	last   time.Time // event
	claims int
}

func (c *clock) apply(ev pawl.Event) {
	if c.begun.IsZero() {
		c.begun = ev.At.Time
	}
	if ev.Type == pawl.EventClaimed {
		if c.claims++; c.claims > 1 {
			c.before += c.last.Sub(c.begun)
			c.begun = ev.At.Time
		}
	}
	c.last = ev.At.Time
}

// read returns how long the run was executed until then, which is not before the
// current claim.
func (c *clock) read(at time.Time) time.Duration {
	return c.before + max(0, at.Sub(c.begun))
}
