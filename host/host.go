// Package host is a run from inside: the contract between flow code and the engine that
// executes it. Those who write an engine, or another language for flows, stand on it;
// authors of flows use package pawl, whose functions make these values.
//
// All values are raw JSON with exact integers.
package host

import (
	"encoding/json"
	"time"
)

// Host is a run from inside: what flow code stands on. Each branch has its own
// Host, and only that branch may use it, while it is the one that executes. The typed
// functions of package pawl and scripts use the same Host; engines implement it.
//
// A method that cannot go on (the step failed, the run stops) does not return:
// it ends the branch's goroutine with runtime.Goexit, so deferred functions run
// and recover sees nothing.
type Host interface {
	// Step executes a step or takes its recorded result. It returns an error,
	// always a *pawl.Error, only if Step.Try is set.
	Step(Step) (json.RawMessage, error)

	// Wait waits for something outside, or takes what has come of it: for a sleep
	// null, for an approval a pawl.Approval, for an input or an event the answer. It
	// returns an error, always a *pawl.Error, only if Wait.Try is set.
	Wait(Wait) (json.RawMessage, error)

	// Callback returns the address of the next wait of that name, under which a program
	// delivers what it awaits: of one segment of a URL's path, and the same each time.
	Callback(name, was string) string

	// Fork opens a scope and runs its branches, one of them at a time between
	// their steps. It returns when all have ended: nil, or with Fork.Try one
	// entry for each branch, nil where the branch went well: a *pawl.Error of what it
	// returned, with the branch's key, or that of a step in it that could not
	// finish. Without Try a branch that returns an error fails the run.
	Fork(Fork) []error

	// Note adds a line to the run's history, once: a replay does not repeat it.
	Note(string)

	// Now is the time of the last event that the run has taken. It never goes back.
	Now() time.Time

	// Info says which run and branch this is.
	Info() Info
}

// Info is what a branch may know about itself.
type Info struct {
	Run   string // its id
	Flow  string
	Who   string // started the run; may be empty
	Scope string // the branch's key prefix; empty at the root
	Seed  uint64 // the run's seed; a rerun inherits it
}

// Fork opens a scope.
type Fork struct {
	Name    string
	Purpose string   // a line; empty: made from the name
	Was     string   // the name it had before, under which the run may know it; empty: none
	Caller  uintptr  // program counter of the call in flow code, see Place; 0: not known
	Kind    Kind     // KindMap, KindParallel or KindCall
	Names   []string // the branches' names, for KindParallel
	IDs     []string // of KindMap, what names each branch, as it stands in keys; nil: its place
	N       int      // how many branches
	Limit   int      // how many may work at once; 0 or less: all
	InOrder bool     // one after another, whatever the limit: a branch keeps its place while it stands
	Run     func(h Host, branch int) error
	Try     bool // a branch that fails does not fail the run
}
