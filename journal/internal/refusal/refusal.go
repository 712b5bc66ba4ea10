// Package refusal words the errors that every journal gives alike.
//
// Each function makes one [pawl.Error]: what cannot be had, of which run, and
// what to do about it. A journal adds its own only for what lies beneath it.
//
//	return nil, refusal.NotFound(id)
package refusal

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/limit"
)

// of is an error about a run.
func of(kind pawl.ErrorKind, run pawl.RunID, format string, args ...any) *pawl.Error {
	return &pawl.Error{Kind: kind, Message: fmt.Sprintf(format, args...), Run: run}
}

// NotFound says that there is no such run.
func NotFound(run pawl.RunID) error {
	return of(pawl.ErrNotFound, run, "no run %q", run)
}

// NoBlob says that nothing is stored under that digest.
func NoBlob(digest string) error {
	return &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no blob %q", digest)}
}

// Exists says that a new run's id is taken.
func Exists(run pawl.RunID) error {
	return of(pawl.ErrConflict, run, "run %q exists already", run)
}

// Held says that a live process has the run's claim; cause is journal.ErrHeld.
func Held(run pawl.RunID, holder string, cause error) error {
	e := of(pawl.ErrConflict, run, "run %q is held by %s", run, holder)
	e.Err = cause
	return e
}

// Imported says that a run came from a file, and does nothing more here.
func Imported(run pawl.RunID) error {
	return of(pawl.ErrConflict, run, "run %q was imported: it can be read and taken over from, and is never gone on with or decided here", run)
}

// OtherHistory says that a run which is to be imported is there with another history.
func OtherHistory(run pawl.RunID) error {
	e := of(pawl.ErrConflict, run, "run %q is there already, with another history", run)
	e.Hint = "remove that one first, if this is the one to keep"
	return e
}

// Lost says that a claim no longer holds; cause is journal.ErrLost.
func Lost(run pawl.RunID, cause error) error {
	e := of(pawl.ErrConflict, run, "append to run %q: %v: another process took the run, or it was released", run, cause)
	e.Err = cause
	return e
}

// Second says that a step already has its result.
func Second(run pawl.RunID, key pawl.Key) error {
	e := of(pawl.ErrConflict, run, "step %q of run %q has its result already", key, run)
	e.Step = key
	return e
}

// RunEnded says that a run has ended: ending says how, such as "is done".
func RunEnded(run pawl.RunID, ending string) *pawl.Error {
	return of(pawl.ErrConflict, run, "run %s %s", run, ending)
}

// Changed says that a run is not as it was shown: it stands at that status now.
func Changed(run pawl.RunID, status pawl.Status) error {
	return of(pawl.ErrConflict, run, "run %q is %s now, which is not what was shown", run, status)
}

// NoCommand says that no command has that number.
func NoCommand(command int64) error {
	return &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no command %d", command)}
}

// Handled says that a command of a run was handled before.
func Handled(run pawl.RunID, command int64) error {
	return of(pawl.ErrConflict, run, "command %d to run %q is handled already", command, run)
}

// NotSubmitted says that a command which is to be handled is none of the run's.
func NotSubmitted(run pawl.RunID, command int64) error {
	return of(pawl.ErrInternal, run, "handle command %d: it is none of run %q", command, run)
}

// NotCreated says that a new run's first event is not of type created.
func NotCreated(run pawl.RunID) error {
	return of(pawl.ErrInternal, run, "create run %q: the first event must be of type %s", run, pawl.EventCreated)
}

// NoID says that a new run has no id.
func NoID() error {
	return &pawl.Error{Kind: pawl.ErrInternal, Message: "create run: the id is empty"}
}

// NoLimit says that there is no such limit.
func NoLimit(n limit.Name) error {
	return &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("there is no limit on what %s may take %s", n.Whose(), n.Per.Each())}
}

// ScheduleExists says that a new schedule's name is taken.
func ScheduleExists(name string) error {
	return &pawl.Error{Kind: pawl.ErrConflict, Message: fmt.Sprintf("schedule %q exists already", name)}
}

// NoSchedule says that there is no such schedule.
func NoSchedule(name string) error {
	return &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no schedule %q", name)}
}

// ScheduleChanged says that a schedule is not as it was read.
func ScheduleChanged(name string) error {
	return &pawl.Error{Kind: pawl.ErrConflict, Message: fmt.Sprintf("schedule %q was changed by somebody else meanwhile", name)}
}

// NoNotice says that there is no such notice of a run, or no run.
func NoNotice(run pawl.RunID) error {
	return of(pawl.ErrNotFound, run, "run %q has no such notice", run)
}

// NoticeTaken says that somebody else has taken a notice of a run meanwhile.
func NoticeTaken(run pawl.RunID) error {
	return of(pawl.ErrConflict, run, "a notice of run %q was taken by somebody else meanwhile", run)
}

// Closed says that the journal was closed before.
func Closed() error {
	return &pawl.Error{Kind: pawl.ErrStorage, Message: "the journal is closed"}
}

// Ended says that the caller's context ended before the operation began.
func Ended(operation string, cause error) error {
	return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("%s: %v", operation, cause), Err: cause}
}

// ReadOnly says that a journal that was opened for reading alone stores nothing.
func ReadOnly(operation string) error {
	return &pawl.Error{Kind: pawl.ErrStorage, Message: operation + ": the journal is open for reading alone"}
}
