package host

// Kind is what sort of step it is.
type Kind string

const (
	KindAsk      Kind = "ask"      // a model answers
	KindDo       Kind = "do"       // code with effects runs
	KindApprove  Kind = "approve"  // a person approves or rejects a proposal
	KindInput    Kind = "input"    // a person answers
	KindAwait    Kind = "await"    // a program answers
	KindSleep    Kind = "sleep"    // a timer runs out
	KindMap      Kind = "map"      // a scope: one branch per item
	KindParallel Kind = "parallel" // a scope: named branches
	KindCall     Kind = "call"     // a scope: another flow, inline
)

// Scope reports whether steps of this kind only hold other steps.
func (k Kind) Scope() bool { return k == KindMap || k == KindParallel || k == KindCall }
