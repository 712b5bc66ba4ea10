package replay

import (
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
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
	case err == nil, try && !panicked:
		return Joins
	case panicked || !errors.Is(err, pawl.ErrRejected):
		return FailsRun
	}
	if own, ok := errors.AsType[*pawl.Error](err); ok && own.Final { // its failure ends the run for good
		return FailsRun
	}
	return EndsRun
}

// Joined returns the error with which a scope ends the branch around it, nil if
// that goes on: the first of its branches' errors, unless the scope returns them.
func Joined(f host.Fork, errs []error) *pawl.Error {
	for _, err := range errs {
		if err != nil && !f.Try {
			return pawl.AsError(err, pawl.ErrFlow)
		}
	}
	return nil
}

// Returned returns the error of a branch as Fork returns it, nil for nil: the
// *pawl.Error in it if there is one, and otherwise one of what the branch returned.
// If it does not say where, it has the branch's key.
func Returned(err error, branch pawl.Key) error {
	if err == nil {
		return nil
	}
	return located(err, branch)
}

// Failed returns an error as it fails a run: with the key of the branch whose code
// came to it, unless it has that of a step. Of one that the code returned it says
// that resuming leads to it again.
func Failed(err error, branch pawl.Key, panicked bool) *pawl.Error {
	e := pawl.AsError(err, pawl.ErrFlow)
	at := *located(e, branch)
	if !panicked && !e.Final && (e.Step != "" || e.Hint == "") { // its step's hint, to resume, has no meaning now
		at.Hint = "resuming repeats it unless the code changes"
	}
	return &at
}

// Panicked turns what flow code panicked with into its failure. It is for the deferred
// function that recovers it.
func Panicked(p any) error {
	if err, ok := p.(*pawl.Error); ok && err != nil {
		return err
	}
	return &pawl.Error{Kind: pawl.ErrFlow, Message: "panic: " + host.PanicText(p) + host.PanicPlace(), Hint: "mend the flow, then resume"}
}

// located returns an error with the key of the branch whose code came to it, unless
// it has that of a step.
func located(err error, branch pawl.Key) *pawl.Error {
	e := pawl.AsError(err, pawl.ErrFlow)
	if e.Step != "" || branch == "" {
		return e
	}
	at := *e
	at.Step = branch
	return &at
}
