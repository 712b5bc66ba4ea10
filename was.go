package pawl

import (
	"runtime"

	"github.com/pawlrun/pawl/host"
)

// Was is the name that a step or scope had before: a run in flight that knows it under
// that name goes on with what is recorded there. It is an option of Do, Exec, Map, Call,
// Approve, Input and Await; of a question it is [Question.Was]. No other step of the
// scope may have the old name.
type Was string

func (w Was) applyDo(s *host.Step)      { s.Was = string(w) }
func (w Was) applyMap(f *host.Fork)     { f.Was = string(w) }
func (w Was) applyCall(f *host.Fork)    { f.Was = string(w) }
func (w Was) applyApprove(q *host.Wait) { q.Was = string(w) }
func (w Was) applyInput(q *host.Wait)   { q.Was = string(w) }
func (w Was) applyAwait(q *host.Wait)   { q.Was = string(w) }

// Was is the name that the step had before; see [Was].
func (q Question[Out]) Was(name string) Question[Out] {
	q.was = name
	return q
}

// calledFrom returns where the function was called that calls this one.
func calledFrom() uintptr {
	var pc [1]uintptr
	runtime.Callers(3, pc[:])
	return pc[0]
}
