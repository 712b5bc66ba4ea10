package replay

import (
	"slices"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
)

// Model is which models a run's asks go to: Name, above what prompts say if Forced, and
// where that cannot answer those of Fallback.
type Model struct {
	Name     string
	Forced   bool
	Fallback []string
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

// Chain returns the models that a step asks in turn, each once: its own, then those that
// its question names, unless one is forced upon the run, then those of the run. Of a step
// that asks none it is the empty name.
func (m Model) Chain(s host.Step) []string {
	all := []string{m.For(s)}
	if s.Ask == nil {
		return all
	}
	if !m.Forced {
		all = append(all, s.Ask.Fallback...)
	}
	all = append(all, m.Fallback...)
	unique := all[:0]
	for _, name := range all {
		if !slices.Contains(unique, name) {
			unique = append(unique, name)
		}
	}
	return unique
}

// With returns the models of a run that was resumed so.
func (m Model) With(d journal.Directive) Model {
	if d.Model != "" {
		m.Name, m.Forced = d.Model, !d.Default
	}
	if len(d.Fallback) > 0 {
		m.Fallback = d.Fallback
	}
	return m
}
