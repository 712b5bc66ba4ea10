// Package shape says what a flow may do before it has run: its steps in the order of its
// code, and around them the loops, the choices and the scopes in which they stand.
//
// It is read from the Go files that a flow carries ([pawl.Sources]), by following its code
// from the flow's function through its own functions, through closures and through package
// pattern, which hides nothing: a pattern is read like any other code. Nothing is executed,
// and no type is checked. What cannot be followed (a function of another package that is
// given the run) stands there as a node that says so.
//
//	pawl.New("email", …, email)         the flow whose name it is
//	  └ func email(r, in)                a statement after the other
//	      ├ pawl.Ask(r, "write", …)      a step
//	      └ pattern.Refine(r, …, f, g)   a group: the pattern's code, with f and g for its
//	          └ for … { review(draft) }  parameters: a loop with the steps of f and g
//
// A flow that carries no files has the shape of a run of it, see [OfRun]. A run is laid over a
// shape with [Shape.Mark].
package shape

import "github.com/pawlrun/pawl"

// Shape is what a flow may do.
type Shape struct {
	Flow  string  `json:"flow"`  // its name
	From  From    `json:"from"`  // what it was read from
	Run   string  `json:"run"`   // whose steps are counted in it; empty: none
	Whole bool    `json:"whole"` // false: it is larger than may be shown
	Nodes []*Node `json:"nodes"` // one after another
}

// From says what a shape was read from.
type From string

const (
	FromSource From = "source" // the flow's Go files: all that may happen
	FromRun    From = "run"    // what happened in a run
)

// Node is a step, or what stands around some.
type Node struct {
	Type     Type          `json:"type"`     // what sort of node it is
	Kind     pawl.Kind     `json:"kind"`     // of a step and a scope; else empty
	Boundary pawl.Boundary `json:"boundary"` // of a step and a scope; else empty

	// Key is that of a step or scope with "[]" for any item, without the numbers of repeats,
	// and with "*" for what is only known when it runs: "sections[]/write".
	Key string `json:"key"`

	// Text is what stands in the picture: a step's name, a loop's or a case's condition, a
	// pattern's name, or what could not be followed.
	Text    string  `json:"text"`
	Purpose string  `json:"purpose"` // of a step, if it is known without running; may be empty
	Prompt  string  `json:"prompt"`  // that an ask is asked with; empty: not known
	Source  string  `json:"source"`  // "flow.go:31"; empty: not known
	Leaves  bool    `json:"leaves"`  // of a case: behind it the loop that it stands in is over
	Seen    *Seen   `json:"seen"`    // what a run made of a step or scope; null: no run is counted, or it has none of it
	Nodes   []*Node `json:"nodes"`   // inside, one after another; of a choice its cases, of parallel its branches

	last int // the last line of the call at Source
}

// Type is what sort of node it is.
type Type string

const (
	Step   Type = "step"   // what a model, a person or code does
	Scope  Type = "scope"  // a map, a call, or parallel branches, see Kind
	Branch Type = "branch" // one of parallel branches
	Loop   Type = "loop"   // its nodes may come several times, or not at all
	Choice Type = "choice" // one of its cases comes, or none
	Case   Type = "case"   // of a choice
	Group  Type = "group"  // a pattern: its nodes are the pattern's
	Again  Type = "again"  // a function that calls itself: its nodes stand further out
	Opaque Type = "opaque" // code that is given the run and could not be followed
)

// Texts of nodes that others tell apart.
const (
	Forever   = "again and again" // of a loop that ends from within
	Otherwise = "otherwise"       // of the case that comes if none before it does
)

// Seen is what a run made of a node: how many of its steps there are, by their status, and
// what they took.
type Seen struct {
	Steps   int      `json:"steps"`   // all there are of it
	Done    int      `json:"done"`    // with a result
	Running int      `json:"running"` // begun and neither done nor standing still
	Waiting int      `json:"waiting"` // for a person, a program or a timer
	Failed  int      `json:"failed"`  // that stand still since something went wrong
	Reused  int      `json:"reused"`  // of those done: taken over from the run's base
	Calls   int      `json:"calls"`   // attempts that asked a model
	Keys    []string `json:"keys"`    // of the first steps, those that are not done before the others
}

// Walk calls fn for each node, outer ones before those in them.
func (s *Shape) Walk(fn func(*Node)) { walk(s.Nodes, fn) }

func walk(nodes []*Node, fn func(*Node)) {
	for _, n := range nodes {
		fn(n)
		walk(n.Nodes, fn)
	}
}
