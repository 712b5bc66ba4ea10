package replay

import (
	"errors"

	"github.com/pawlrun/pawl"
)

// Fate is what a branch's end means for its run.
type Fate int

const (
	Joins    Fate = iota // the scope goes on, with the branch's error if there is one
	FailsRun             // the run stands still
	EndsRun              // a person turned it down: the run ends, canceled
)

// FateOf returns what it means that a branch ended with err, nil if it went
// well. A panic is the author's mistake even where failures are values, which is
// what try says.
func FateOf(err error, panicked, try bool) Fate {
	switch {
	case err == nil:
		return Joins
	case panicked:
		return FailsRun
	case try:
		return Joins
	case errors.Is(err, pawl.ErrRejected):
		return EndsRun
	}
	return FailsRun
}

// Joined returns the error with which a scope ends the branch around it, nil if
// that goes on: the first of its branches' errors, unless the scope returns them.
func Joined(f pawl.Fork, errs []error) *pawl.Error {
	for _, err := range errs {
		if err != nil && !f.Try {
			return pawl.AsError(err, pawl.ErrFlow)
		}
	}
	return nil
}

// Returned returns the error of a branch as Fork returns it: the *pawl.Error in
// it if there is one.
func Returned(err error) error {
	var own *pawl.Error
	if errors.As(err, &own) {
		return own
	}
	return err
}
