package host

import (
	"encoding/json"
	"time"

	"github.com/pawlrun/pawl/schema"
)

// Wait is a step in which the run itself does nothing: time passes, or someone
// outside acts.
type Wait struct {
	Name    string
	Purpose string  // a line; empty: made from the name
	Was     string  // the name it had before, under which the run may know it; empty: none
	Caller  uintptr // program counter of the call in flow code, see Place; 0: not known
	Kind    Kind    // KindSleep, KindApprove, KindInput or KindAwait

	// For is how long a sleep lasts, from when the step is first reached. Of the
	// others it is how long an answer may take; 0: for ever.
	For time.Duration

	Try bool // of await: that For is over is returned as an error; it is then final and journaled as such

	// These are of approve, input and await.
	Question string
	Who      string          // is asked; empty: anyone
	NotBy    []string        // may not decide
	Proposal json.RawMessage // what is shown: of approve the proposal, of input what the answer is about; nil: nothing
	Schema   *schema.Schema  // of a proposal and its edits, or of the answer; nil: any JSON
	Gates    []Gate          // all run on an edit and on an answer, after the schema has accepted it
	Reasons  []string        // of approve: what a rejection says, one of them; empty: nothing

	// Default is what counts when For is over: of approve true or false, of input the
	// answer. With For it is required. Await has none: it fails.
	Default json.RawMessage

	Sensitive bool // of input: what is shown has a field that views must not show
}
