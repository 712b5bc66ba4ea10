package limit

import (
	"fmt"

	"github.com/pawlrun/pawl"
)

// Call is a call of a model that leaves when its batch is stored.
type Call struct {
	Key    pawl.Key
	Number int   // of its attempt
	May    Taken // what it may take at most

	// Beyond: somebody has allowed its run to pass limits by it. It is counted all the same.
	Beyond bool
}

// Ended is such a call that has ended.
type Ended struct {
	Key    pawl.Key
	Number int
	Took   Taken
}

// Exceeded is why a batch was refused: calls in it do not fit limits beside those before
// them. Nothing of the batch is stored and the claim holds, so that it can be appended
// without them. It is found with errors.As.
type Exceeded struct {
	Calls []Over // in the order of the batch
}

// Over is a call that does not fit a limit: of several, the one that is in its way longest.
type Over struct {
	Key   pawl.Key
	Limit Tally // as it stands with the calls of the batch before this one

	// Waits: it would fit if the calls in flight took nothing, so that it may when they have
	// ended. Unpriced: the limit is in dollars, and what the call may cost, or what others
	// took before, is not known.
	Waits, Unpriced bool
}

func (e *Exceeded) Error() string {
	first := e.Calls[0]
	return fmt.Sprintf("%d calls do not fit what %s may take, first that of step %q", len(e.Calls), first.Limit.Name().Whose(), first.Key)
}

// refusal is e as Append returns it.
func (e *Exceeded) refusal(run pawl.RunID) error {
	return &pawl.Error{Kind: pawl.ErrConflict, Run: run, Step: e.Calls[0].Key, Message: e.Error(), Err: e}
}

// outlasts reports whether o is in the way longer than other.
func (o *Over) outlasts(other *Over) bool {
	switch {
	case o.Waits != other.Waits:
		return other.Waits
	case o.Limit.Until.IsZero() || other.Limit.Until.IsZero():
		return o.Limit.Until.IsZero() && !other.Limit.Until.IsZero()
	}
	return o.Limit.Until.After(other.Limit.Until.Time)
}
