package replay

import (
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Called is a step that flow code waits for, and that would be executed.
type Called struct {
	Key     pawl.Key
	Head    journal.Step
	Request *pawl.Request // nil: it is a wait
}

// Plan returns what is expected of the steps of a run whose state is own after it was
// rehearsed, and asked what its code waits for then: in the order of the base, and those
// that the base lacks behind. ended says that its code has ended. A nil base has nothing.
func (b *Base) Plan(own *State, asked []Called, ended bool) []pawl.PlannedStep {
	if b == nil {
		b = &Base{st: &State{}}
	}
	plan := []pawl.PlannedStep{}
	used := map[*Step]bool{}
	for _, s := range own.order {
		if s.From != nil {
			used[b.st.Steps[s.From.Key]] = true
		}
	}
	add := func(key pawl.Key, head journal.Step, expect pawl.Expectation, there *Step) {
		p := pawl.PlannedStep{Key: key, Kind: head.Kind, Purpose: head.Purpose, Expect: expect}
		if there != nil {
			p.Took = there.took()
			p.InDoubt = expect != pawl.ExpectSet && there.isInDoubt()
		}
		if expect == pawl.ExpectReuse {
			p.From = new(string(b.st.Run) + "/" + string(there.Key))
		}
		plan = append(plan, p)
	}
	isAsked := func(key pawl.Key) bool {
		return slices.ContainsFunc(asked, func(a Called) bool { return a.Key == key })
	}
	for _, there := range b.st.order {
		switch s := own.Steps[there.Key]; {
		case there.Head.Kind.Scope():
		case s != nil && s.From != nil:
			add(s.Key, s.Head, pawl.ExpectReuse, b.st.Steps[s.From.Key])
		case s != nil && s.Result != nil:
			add(s.Key, s.Head, pawl.ExpectSet, there)
		case isAsked(there.Key):
			add(there.Key, there.Head, pawl.ExpectRun, there)
		case used[there]:
		case ended:
			add(there.Key, there.Head, pawl.ExpectRemoved, there)
		default:
			add(there.Key, there.Head, pawl.ExpectUnknown, there)
		}
	}
	for _, s := range own.order {
		if s.From != nil && b.st.Steps[s.Key] == nil {
			add(s.Key, s.Head, pawl.ExpectReuse, b.st.Steps[s.From.Key])
		}
	}
	for _, a := range asked {
		if b.st.Steps[a.Key] == nil {
			add(a.Key, a.Head, pawl.ExpectRun, nil)
		}
		for i := range plan {
			if plan[i].Key == a.Key {
				plan[i].Request = a.Request
			}
		}
	}
	return plan
}

// isInDoubt reports whether a step's code may have been executed without a result: it is in
// flight, or nobody knows how it ended.
func (s *Step) isInDoubt() bool {
	n := len(s.Attempts)
	return s.Head.Kind == pawl.KindDo && s.Result == nil && (s.Open != nil || n > 0 && s.Attempts[n-1].Outcome == pawl.OutcomeUnknown)
}

// took is what a step's calls took, in the run that made them; nil: there were none.
func (s *Step) took() *pawl.UsageRecord {
	if usage := s.Usage(); usage.ModelCalls > 0 {
		return &usage
	}
	if s.From != nil {
		return s.From.Usage
	}
	return nil
}
