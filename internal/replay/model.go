package replay

import "github.com/pawlrun/pawl/host"

// Model is which model a run's asks go to: Name, above what prompts say if
// Forced.
type Model struct {
	Name   string
	Forced bool
}

// For returns the model of one step; empty for a step that asks none.
func (m Model) For(s host.Step) string {
	if s.Ask == nil {
		return ""
	}
	if s.Ask.Model != "" && !m.Forced {
		return s.Ask.Model
	}
	return m.Name
}
