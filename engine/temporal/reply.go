package temporal

import (
	"context"
	"fmt"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// rawValue is a value that pack has made.
type rawValue = converter.RawValue

// keepTime is for how long an answer is tried to be kept in the store of blobs: less than
// margin, which Temporal waits for longer.
const keepTime = 20 * time.Second

// stored packs a reply, and sees to it that the store of blobs has it: what is paid is not to
// be lost since the store fails for a moment. If that fails for longer, no more is left of it than
// what it took.
func (s *settings) stored(ctx context.Context, r replay.Reply) (rawValue, error) {
	raw, err := bounded(r, s.most)
	if err != nil || s.blobs == nil {
		return raw, err
	}
	keeps := codec{context.WithoutCancel(ctx), s.keys, s.blobs, keepTime}
	kept, err := keeps.Encode([]*commonpb.Payload{raw.Payload()})
	if err != nil {
		return without(r, "the result could not be kept: "+err.Error(), "see to the store of blobs, then resume")
	}
	return converter.NewRawValue(kept[0]), nil
}

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
	return without(r, message, "give the engine a store of blobs, or keep the value elsewhere and use a reference to it")
}

// without packs a reply without what it brought: the step fails.
func without(r replay.Reply, message, hint string) (rawValue, error) {
	r.Text, r.Value, r.Advice = nil, nil, ""
	r.Unmetered = r.Usage == nil
	r.Error = &journal.Failure{Kind: pawl.ErrStep, Message: replay.CutText(message), Hint: hint}
	raw, _, err := pack(r)
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
