package pawl

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/llm"
)

// ErrorKind sorts errors once. The kinds of llm.ErrorKind are kinds here too,
// with the same words; the constants below are the others. A kind is itself an
// error, so that errors.Is(err, pawl.ErrNotFound) tells whether err is an
// *Error of that kind. HTTPStatus, Exit, Transient and OfQuestion say what each means
// outside; the example lists them.
type ErrorKind string

const (
	ErrInput     ErrorKind = "input"     // the caller's input: a flow, field, model, run or file
	ErrNotFound  ErrorKind = "not_found" // no such run
	ErrDatabase  ErrorKind = "database"  // the file is not ours, damaged, or from a newer version
	ErrStorage   ErrorKind = "storage"   // the journal could not be read or written
	ErrConflict  ErrorKind = "conflict"  // someone else holds or has decided it
	ErrGate      ErrorKind = "gate"      // no answer passed its gates
	ErrStep      ErrorKind = "step"      // a do step's code returned an error
	ErrTransient ErrorKind = "transient" // a do step's code returned an error that it says will pass; see Transient
	ErrFlow      ErrorKind = "flow"      // the flow returned an error or panicked
	ErrMismatch  ErrorKind = "mismatch"  // the journal no longer fits the code
	ErrWaiting   ErrorKind = "waiting"   // the run waits, for a person or for a time
	ErrExpired   ErrorKind = "expired"   // the event that a step awaits did not come in time
	ErrUnknown   ErrorKind = "unknown"   // a crash hid a paid call's outcome, a person is asked
	ErrStopped   ErrorKind = "stopped"   // the run rests before its end: paused, or its engine closed
	ErrCanceled  ErrorKind = "canceled"  // the run was canceled
	ErrRejected  ErrorKind = "rejected"  // a person turned it down; a flow that returns it ends its run as canceled
	ErrInterrupt ErrorKind = "interrupt" // a signal stopped the command
	ErrInternal  ErrorKind = "internal"  // a defect in Pawl
)

// Error makes a kind an error, for errors.Is and for flows that return one.
func (k ErrorKind) Error() string { return string(k) }

// Error is the one error type of this module above the wire.
type Error struct {
	Kind    ErrorKind
	Message string // for people; names the field or file
	Hint    string // what to do about it, or the command that goes on; may be empty

	// Flow is that of a run that came to this error, whose Message then does not say
	// where. It is empty in every other error: what that is about its Message names.
	Flow string

	Run  RunID // may be empty
	Step Key   // or a branch's key; may be empty
	Err  error // the cause; may be nil

	Final bool // the run ends with it for good; see Fail

	// RetryAfter is how long the service that was asked wants us to wait before the
	// same is tried again; 0: it has not said. It is heeded where the kind is transient.
	RetryAfter time.Duration
}

// Fail returns the error with which a flow, or a branch outside of a Try form, ends
// its run for good: the run is failed, nobody is asked about it and nothing resumes
// it. It has err's kind and text, and is nil for nil.
//
// A run that fails with any other error stands still until somebody resumes it, and
// then comes to the same again if the code is the same.
func Fail(err error) error {
	if err == nil {
		return nil
	}
	err, _ = host.Sound(err)
	e := *AsError(err, ErrFlow)
	e.Message, e.Err, e.Final = err.Error(), err, true
	e.Hint = cmp.Or(e.Hint, "the flow ended the run with it: nothing resumes it")
	return &e
}

// Error returns the message, of an error with a Flow behind the place where it
// happened: `run 3586lpa76r21 of article, step "draft": no answer passed …`. An error
// that flow code gets has no Flow, so that what the code makes of its text is the same
// in every run; it carries the key as Step.
func (e *Error) Error() string {
	if e.Flow == "" {
		return e.Message
	}
	where := fmt.Sprintf("run %s of %s", e.Run, e.Flow)
	if e.Step != "" && e.Kind != ErrMismatch { // the messages of that kind name it
		where += fmt.Sprintf(", step %q", e.Step)
	}
	return where + ": " + e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Is matches the error's kind.
func (e *Error) Is(target error) bool { return target == e.Kind }

// ErrorRecord is an error as records show it.
type ErrorRecord struct {
	Kind    ErrorKind `json:"kind"`    // see the exit codes
	Message string    `json:"message"` // for people; names the field, file or step
	Hint    string    `json:"hint"`    // what to do about it; may be empty
	Step    Key       `json:"step"`    // where it came about; empty: the run as a whole

	Final bool `json:"final,omitempty"` // of a run: it has ended with it; see pawl.Fail
}

// String returns the error in a line: its kind, unless the message begins with that, and
// the message.
func (e *ErrorRecord) String() string { return llm.ErrorKind(e.Kind).Line(e.Message) }

// Record returns the error as records show it.
func (e *Error) Record() *ErrorRecord {
	return &ErrorRecord{Kind: e.Kind, Message: e.Message, Hint: e.Hint, Step: e.Step, Final: e.Final}
}

// AsError finds the *Error in err's chain. An *llm.Error becomes one of its
// kind; any other error becomes one of the given kind with err as its cause.
// It returns nil for nil. An err that cannot be asked, such as a nil pointer, becomes one
// that says so; see [host.Sound].
func AsError(err error, kind ErrorKind) *Error {
	if err == nil {
		return nil
	}
	err, _ = host.Sound(err)
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var wire *llm.Error
	if errors.As(err, &wire) {
		return &Error{Kind: ErrorKind(wire.Kind), Message: err.Error(), Hint: wire.Hint, Err: err, RetryAfter: wire.RetryAfter}
	}
	errors.As(err, &kind)
	return &Error{Kind: kind, Message: err.Error(), Err: err}
}

// facts is the one table of what a kind of error means outside.
type facts struct {
	exit, http int
	transient  bool
	question   bool // as the failure of a step it lies in the question
}

var factsByKind = map[ErrorKind]facts{
	ErrInput:     {2, http.StatusUnprocessableEntity, false, true},
	ErrNotFound:  {2, http.StatusNotFound, false, true},
	ErrDatabase:  {2, http.StatusServiceUnavailable, false, false},
	ErrStorage:   {1, http.StatusServiceUnavailable, false, false},
	ErrConflict:  {1, http.StatusConflict, false, true},
	ErrGate:      {1, http.StatusBadGateway, false, true},
	ErrStep:      {1, http.StatusInternalServerError, false, true},
	ErrTransient: {1, http.StatusBadGateway, true, false},
	ErrFlow:      {1, http.StatusInternalServerError, false, false},
	ErrMismatch:  {1, http.StatusConflict, false, false},
	ErrWaiting:   {3, http.StatusConflict, false, false},
	ErrExpired:   {1, http.StatusGatewayTimeout, false, true},
	ErrUnknown:   {3, http.StatusConflict, false, false},
	ErrStopped:   {1, http.StatusConflict, false, false},
	ErrCanceled:  {4, http.StatusGone, false, false},
	ErrRejected:  {4, http.StatusGone, false, true},
	ErrInterrupt: {130, http.StatusServiceUnavailable, false, false},
	ErrInternal:  {1, http.StatusInternalServerError, false, false},

	ErrorKind(llm.RateLimit):     {1, http.StatusTooManyRequests, true, false},
	ErrorKind(llm.Overloaded):    {1, http.StatusBadGateway, true, false},
	ErrorKind(llm.Timeout):       {1, http.StatusGatewayTimeout, true, false},
	ErrorKind(llm.Network):       {1, http.StatusBadGateway, true, false},
	ErrorKind(llm.Auth):          {1, http.StatusBadGateway, false, false},
	ErrorKind(llm.Quota):         {1, http.StatusBadGateway, false, false},
	ErrorKind(llm.Invalid):       {1, http.StatusBadGateway, false, false},
	ErrorKind(llm.ContextLength): {1, http.StatusBadGateway, false, true},
	ErrorKind(llm.TooLarge):      {1, http.StatusBadGateway, false, true},
	ErrorKind(llm.Filtered):      {1, http.StatusBadGateway, false, true},
	ErrorKind(llm.Refused):       {1, http.StatusBadGateway, false, true},
	ErrorKind(llm.Truncated):     {1, http.StatusBadGateway, false, true},
}

// Exit returns the exit code of a command that ends with an error of this kind.
func (k ErrorKind) Exit() int {
	if f, ok := factsByKind[k]; ok {
		return f.exit
	}
	return 1
}

// HTTPStatus returns the status of a response that reports such an error.
func (k ErrorKind) HTTPStatus() int {
	if f, ok := factsByKind[k]; ok {
		return f.http
	}
	return http.StatusInternalServerError
}

// Transient reports whether the same attempt may succeed later, so that the
// engine tries it again by itself.
func (k ErrorKind) Transient() bool { return factsByKind[k].transient }

// OfQuestion reports where such a failure of a step lies: in the question, that is in
// what was asked or what the step's own code made of it, or else in the surroundings:
// the account, its rate, the network, the model's name, the program. A Try form returns
// the former as a value, which asking again would not change. At the latter the step
// stands still within a Try form too, so that it is tried again when the trouble is
// over. A kind that is unknown is of the surroundings.
func (k ErrorKind) OfQuestion() bool { return factsByKind[k].question }
