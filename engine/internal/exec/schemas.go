package exec

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// checkSchemas refuses the models that a directive gives the run, where a schema cannot be
// said to them.
func (r *Run) checkSchemas(d pawl.Directive) error {
	if r.code.flow == nil || d.Model == "" && len(d.Fallback) == 0 {
		return nil
	}
	err := r.st.Model().With(journal.Directive{Model: d.Model, Fallback: d.Fallback}).CheckSchemas(r.deps.Models, r.code.flow.Describe())
	if e, ok := err.(*pawl.Error); ok {
		e.Run = r.id
	}
	return err
}
