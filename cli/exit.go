package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// ending is how a command ends when it does not end with 0.
type ending struct {
	err  *pawl.Error
	code int      // 0: the one of err's kind
	next string   // the command that goes on; empty: none
	more []remark // lines of their own behind the message
	bare bool     // err begins with the run that it is about, so the program's name is left out
}

// remark is something else to be said of an error.
type remark struct {
	text string
	hint bool // it says what to do about what was said before it
}

func (r remark) String() string {
	if r.hint {
		return "hint: " + r.text
	}
	return r.text
}

func (e *ending) Error() string { return e.err.Message }
func (e *ending) Unwrap() error { return e.err }

// badInput is a refusal of what the user gave.
func badInput(format string, args ...any) error {
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf(format, args...)}
}

// finish says on stderr how the command ended and returns the exit code.
func (a *app) finish(err error) int {
	if err == nil {
		err = a.undelivered()
	}
	if err == nil {
		return 0
	}
	var e *ending
	if !errors.As(err, &e) {
		e = &ending{err: pawl.AsError(err, pawl.ErrInternal)}
	}
	if e.code == 0 {
		e.code = e.err.Kind.Exit()
	}
	if a.jsonWanted() {
		a.finishJSON(e)
	} else {
		a.finishText(e)
	}
	return e.code
}

// signalExit is the exit code of a command that a signal ended: 128 and its number.
func signalExit(sig os.Signal) int {
	if s, ok := sig.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return 130
}

// undelivered is why stdout did not take all of the result. A reader that went
// away had enough; that is not an error.
func (a *app) undelivered() error {
	err := a.out.Err()
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("write standard output: %v", err), Err: err}
}

// finishText prints the message, what to do about it and the command that goes
// on, each in lines of its own. When nothing goes on, the message comes last.
func (a *app) finishText(e *ending) {
	prefix := ""
	if !e.bare {
		prefix = a.ink(a.stderr).Paint(term.Bold+term.Red, a.program+":") + " "
	}
	if e.next == "" && e.err.Hint != "" && len(e.more) == 0 {
		a.sayBehindMark(prefix, "%s; %s", e.err.Message, e.err.Hint)
		return
	}
	for line := range strings.Lines(e.err.Message) {
		a.sayBehindMark(prefix, "%s", line)
	}
	more := e.more
	if e.err.Hint != "" {
		more = append(slices.Clone(more), remark{e.err.Hint, true})
	}
	for _, r := range more {
		mark := prefix
		if r.hint {
			mark = ""
		}
		a.sayBehindMark(mark, "%s", r)
	}
	if e.next != "" {
		fmt.Fprintln(a.err, e.next)
	}
}

// lastError is the last line on stderr of a command that does not end with 0, with --json,
// as the one field "error" of an object.
type lastError struct {
	Kind    pawl.ErrorKind `json:"kind"`    // see the exit codes
	Message string         `json:"message"` // for people
	Hint    string         `json:"hint"`    // the command that goes on, if there is one; else what to do; may be empty
	Run     pawl.RunID     `json:"run"`     // the run that it is about; empty: none
}

func (a *app) finishJSON(e *ending) {
	hint, message := e.err.Hint, strings.ReplaceAll(e.err.Message, "\n", "; ")
	for _, r := range e.more {
		message += "; " + r.String()
	}
	if e.next != "" {
		if hint != "" {
			message += "; " + hint
		}
		hint = e.next
	}
	doc := struct {
		Error lastError `json:"error"`
	}{lastError{e.err.Kind, message, hint, e.err.Run}}
	_ = writeJSON(a.err, doc, "") // plain strings; a sink does not fail
}

// jsonWanted also sees a --json that stands behind what could not be parsed.
func (a *app) jsonWanted() bool {
	for _, arg := range a.args {
		if arg == "--" {
			break
		}
		if arg == "--json" || arg == "--json=true" {
			return true
		}
	}
	return a.json
}
