package replay

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// FailedOf returns how a step fails. Where the flow takes failures as values, which is
// what try says, one that lies in the question is final: the step's result. At any other
// the step stands still.
func FailedOf(err *pawl.Error, key pawl.Key, try bool) journal.Failed {
	final := try && err.Kind.OfQuestion()
	return journal.Failed{Error: FailureOf(err, key), Final: final, Try: try && !final}
}

// Skipped returns the failure of a step that stands still, as its result: a person has
// decided that the flow is to take it so. b is what stands in the way.
func (st *State) Skipped(b pawl.Blocker) journal.Failed {
	f, ok := st.failures[b.Key]
	if !ok {
		f = journal.Failure{Kind: pawl.ErrUnknown, Message: strings.TrimSuffix(b.Question, askAgain)}
	}
	f.Step = b.Key
	return journal.Failed{Error: f, Final: true}
}

// askAgain ends the question of an unknown blocker.
const askAgain = ": make it again?"

// Blocker returns what opens where a plan is to ask a person, since nobody knows how the
// calls of a step ended. try is as of FailedOf.
func (p Plan) Blocker(key pawl.Key, try bool) journal.Blocker {
	return journal.Blocker{Kind: pawl.BlockerUnknown, Question: p.Err.Message + askAgain, Try: try,
		Digest: journal.Digest([]byte(fmt.Sprint(key, p.Number)))}
}
