package form

import (
	"encoding/json"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// Wanted is the value that a decision on a step may carry, and what a person may
// begin with.
type Wanted struct {
	Key      pawl.Key
	Shape    *schema.Node    // nil: not known
	Proposal json.RawMessage // null or empty: there is none
	Last     string          // the last answer that was turned down; empty: none
}

// start is what a change by parts begins with: the proposal, the last answer that
// was turned down, or an empty object.
func (w Wanted) start() (json.RawMessage, error) {
	switch last := []byte(strings.TrimSpace(w.Last)); {
	case !IsNone(w.Proposal):
		return w.Proposal, nil
	case len(last) > 0 && last[0] == '{' && json.Valid(last):
		return last, nil
	}
	if n := w.Shape; n != nil && n.Type != "object" {
		return nil, refuse("--set: step %q wants %s, which has no parts; give it with --value or --file", w.Key, Article(n.Type))
	}
	return json.RawMessage("{}"), nil
}
