package temporal

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/converter"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// rawValue is a value that pack has made.
type rawValue = converter.RawValue

// bounded packs a reply. Of one that is larger than Temporal keeps no more is left than what
// it took, and the step fails: an activity with such a result would be made again and again.
func bounded(r replay.Reply, most int) (rawValue, error) {
	raw, size, err := pack(r)
	if err == nil && size <= most {
		return raw, nil
	}
	message := fmt.Sprintf("the result takes %d bytes, Temporal keeps at most %d in one value", size, most)
	if err != nil {
		message = "the result has no form in JSON: " + err.Error()
	}
	r.Text, r.Value, r.Advice = nil, nil, ""
	r.Unmetered = r.Usage == nil
	r.Error = &journal.Failure{Kind: pawl.ErrStep, Message: message, Hint: "give the engine a store of blobs, or keep the value elsewhere and use a reference to it"}
	raw, _, err = pack(r)
	return raw, err
}

// refused is the reply of an attempt that did not come about.
func refused(key pawl.Key, err error, hint string) replay.Reply {
	return replay.Reply{Error: &journal.Failure{Kind: pawl.ErrStep, Message: replay.CutText(fmt.Sprintf("step %q: %v", key, err)), Hint: hint}}
}

// cut is the beginning of a text for people.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
