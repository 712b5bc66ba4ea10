// Package observe says what an engine tells of its work while it works: for traces, metrics
// and logs. The journal is the truth, and what is told here is a copy of it for operators.
// Losing it changes no run.
//
// No event holds an input, a prompt, an answer, a result, a question, a purpose (which of a
// wait is its question) or the text of an error: what must not leave cannot leave by an
// observer that forgets to hide it. Keys, names of gates and flows, and who decided, are what
// authors and people have written.
package observe

import (
	"context"

	"github.com/pawlrun/pawl"
)

// Observer is told what an engine does.
//
// What an event says is durable when it is told, and told once: a replay tells nothing
// again. Only an [AttemptBegan] and a [ScopeOpened] may be told of something of which the
// journal knows nothing yet. Events of a run come in the order of its journal, those of all runs of an
// engine one after another, from one goroutine at a time.
//
// An Observer cannot hold a run up. The engine keeps events that it has not taken yet, at
// most some thousands; what comes then is dropped, and [Missed] says how many. A panic is
// logged once and the next event is told. An engine that closes waits a second, at most, for
// what it has still to tell.
type Observer interface {
	Observe(Event)
}

// Carrier is an Observer that gives attempts a context of its own: for the code of a Do and
// for calls of models, so that what they call can go on with a trace.
type Carrier interface {
	Observer

	// Carry returns ctx, or one made of it, for an attempt whose AttemptBegan it was told
	// last. It is called as Observe is, and must return soon: the attempt waits for it, for
	// at most a second, and leaves with ctx then.
	Carry(ctx context.Context, run pawl.RunID, key pawl.Key, attempt int) context.Context
}
