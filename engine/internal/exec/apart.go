package exec

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
)

// gateTime is how long the gates of a decided value may take. They are pure functions;
// while they run the run does nothing else.
const gateTime = time.Minute

// judgeApart judges the value that a decision carries, see replay.JudgeDecided, on a
// goroutine of its own: a gate that ends its goroutine, or does not come back, must not
// take the run's with it.
func (w *waiting) judgeApart(judge func() (json.RawMessage, error)) (json.RawMessage, error) {
	type verdict struct {
		value json.RawMessage
		err   error
	}
	said := make(chan verdict, 1)
	go func() {
		v := verdict{err: w.gateFailed("ended its goroutine (runtime.Goexit, t.FailNow)")}
		defer func() { said <- v }()
		v.value, v.err = judge()
	}()
	select {
	case v := <-said:
		return v.value, v.err
	case <-time.After(gateTime):
		return nil, w.gateFailed("has not come back within " + gateTime.String())
	}
}

// gateFailed is why a decided value was not judged. It may not be taken, nor turned down
// for what it is.
func (w *waiting) gateFailed(how string) error {
	return &pawl.Error{Kind: pawl.ErrFlow, Step: w.key, Message: fmt.Sprintf("the value for step %q was not judged: a gate of the flow, or Validate of its type, %s", w.key, how),
		Hint: "mend the flow, then decide again"}
}
