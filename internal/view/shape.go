package view

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/shape"
)

// Shape returns what a flow may do, as its code says, with the steps of a run counted in it if
// one is given, as a view shows it. Of a flow that carries no code it is what happened in that
// run; without one either it is nil. flows are those that it may call.
func Shape(f pawl.Flow, flows []pawl.Flow, run *pawl.RunRecord) *shape.Shape {
	infos := make([]pawl.FlowInfo, len(flows))
	for i, other := range flows {
		infos[i] = other.Describe()
	}
	s := shape.OfSource(f.Describe(), infos)
	switch {
	case run == nil:
	case s == nil:
		return shape.OfRun(*run)
	default:
		s.Mark(*run)
	}
	return s
}
