package pawl

import (
	"cmp"
	"fmt"
	"time"

	"github.com/pawlrun/pawl/host"
)

// Await waits for an event from a program and returns its value once it has the type T,
// satisfies its schema and passes its Validate method. It is a step like [Input], but no
// person is asked: it is in no inbox. The event comes from [Engine.Deliver], which a
// webhook calls with the address that [Run.Callback] gives, from [Engine.Decide] with
// DecideAnswer, or from the command answer. One that came before is taken at once.
//
// Without For it waits for as long as the journal is there. If For is over, the step
// stands still as one that failed: to retry it is to wait once more, and its value can be
// supplied.
func Await[T any](r *Run, name string, opts ...AwaitOption) T {
	raw, err := r.host.Wait(awaiting[T](name, calledFrom(), opts))
	must(err)
	return taken[T](name, raw)
}

// TryAwait is Await that returns an error of kind ErrExpired if For is over. It is then
// the step's result: a replay returns it again, and an event that comes later is refused.
func TryAwait[T any](r *Run, name string, opts ...AwaitOption) (event T, err error) {
	w := awaiting[T](name, calledFrom(), opts)
	w.Try = true
	raw, err := r.host.Wait(w)
	if err != nil {
		return event, err
	}
	return taken[T](name, raw), nil
}

// AwaitOption changes how an event is waited for: For, Was.
type AwaitOption interface{ applyAwait(*host.Wait) }

// For is how long an event may take, from when it is first awaited.
type For time.Duration

func (d For) applyAwait(w *host.Wait) {
	if d <= 0 {
		must(fmt.Errorf("step %q: to wait for %s", w.Name, time.Duration(d)))
	}
	w.For = time.Duration(d)
}

func awaiting[T any](name string, from uintptr, opts []AwaitOption) host.Wait {
	w := asking[T](name, host.KindAwait, "Waiting for "+name, from)
	for _, opt := range opts {
		opt.applyAwait(&w)
	}
	return w
}

// Callback returns the address of the next Await of that name in this scope, before it is
// awaited: give it to whoever is to tell of the event, behind the URL under which this
// program's own server takes it to [Engine.Deliver]. It is letters, digits and ".-_", for
// one segment of a URL's path; it says run and step, and is signed, so that none can be
// made for another. It is the same on every replay, and different in every other run:
// keep it out of prompts.
//
// If the Await says [Was], say it here too. An address that was given away keeps its event
// only if the run has come to the Await, or an event has: until then the name is best left.
func (r *Run) Callback(name string, was ...Was) string {
	return r.host.Callback(name, string(cmp.Or(was...)))
}
