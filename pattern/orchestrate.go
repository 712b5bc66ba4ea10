package pattern

import "github.com/pawlrun/pawl"

// Orchestra is work that a planner divides, workers do and a reviewer joins.
type Orchestra[Plan, Part, Done, Joined any] struct {
	// Plan asks for the plan, in the step plan. How many parts it may have is a gate of
	// the question (Items): a plan is paid for part by part.
	Plan pawl.Question[Plan]

	// Parts are what is to be done by that plan, in order. It makes no steps.
	Parts func(Plan) []Part

	// Work does one part. The keys of its steps begin with parts[i]/.
	Work func(*pawl.Run, Part) (Done, error)

	// Join asks, in the step join, for what becomes of all parts, in the order of the plan.
	Join func(Plan, []Done) pawl.Question[Joined]
}

// Orchestrated is what became of it.
type Orchestrated[Plan, Done, Joined any] struct {
	Plan   Plan
	Parts  []Done // in the order of the plan
	Joined Joined
}

// Orchestrate has the work planned, done and joined. The parts are done side by side; opts
// say how, as for a [pawl.Map]: so many at once, or one after another.
func Orchestrate[Plan, Part, Done, Joined any](r *pawl.Run, o Orchestra[Plan, Part, Done, Joined], opts ...pawl.MapOption) Orchestrated[Plan, Done, Joined] {
	plan := pawl.Ask(r, "plan", o.Plan)
	done := pawl.Map(r, "parts", o.Parts(plan), o.Work, opts...)
	return Orchestrated[Plan, Done, Joined]{plan, done, pawl.Ask(r, "join", o.Join(plan, done))}
}
