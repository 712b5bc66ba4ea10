package pattern

import "github.com/pawlrun/pawl"

// Choice is a router's answer: one of a closed set of routes.
type Choice[K Routes] struct {
	Reason     string  `json:"reason" jsonschema:"why it belongs there, in one sentence" pawl:"len=1..500"`
	Route      K       `json:"route" jsonschema:"where it belongs"`
	Confidence float64 `json:"confidence" jsonschema:"how sure you are, from 0 to 1" pawl:"min=0,max=1"`
}

// Routes is the type of a closed set of routes: its method Enum lists those that a model may
// choose.
type Routes interface {
	~string
	Enum() []string
}

// Route asks where something belongs, in a step of that name, and returns the answer. One
// that is less sure than bar goes to the fallback, which need not be a route that the model
// may choose: a person's desk, say. What happens on a route is a switch in the flow.
func Route[K Routes](r *pawl.Run, name string, q pawl.Question[Choice[K]], bar float64, fallback K) Choice[K] {
	c := pawl.Ask(r, name, q)
	if c.Confidence < bar {
		r.Note("%s: %s, since %.2f for %s is under %.2f: %s", name, fallback, c.Confidence, c.Route, bar, c.Reason)
		c.Route = fallback
		return c
	}
	r.Note("%s: %s (%.2f): %s", name, c.Route, c.Confidence, c.Reason)
	return c
}
