package local

import (
	"fmt"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// The last state is kept even if it is a large one, all of them together are
// bounded, and what is too large even alone is not kept at all.
func TestRecallIsBounded(t *testing.T) {
	var r recall
	kept := func(id pawl.RunID) bool { return r.byRun[id] != nil }
	for i := range 100 {
		r.put(&replay.State{Run: pawl.RunID(fmt.Sprint("small", i)), Seq: 1, Bytes: recallBytes / 20})
	}
	if r.bytes > recallBytes || !kept("small99") || kept("small0") || r.kept.Len() < 10 {
		t.Errorf("%d states of %d bytes are kept", r.kept.Len(), r.bytes)
	}
	r.put(&replay.State{Run: "large", Seq: 1, Bytes: 2 * recallBytes})
	if !kept("large") || r.kept.Len() != 1 {
		t.Errorf("beside the large state %d are kept", r.kept.Len()-1)
	}
	r.put(&replay.State{Run: "small", Seq: 1})
	if kept("large") || !kept("small") {
		t.Error("the large state is kept when it is not the last")
	}
	r.put(&replay.State{Run: "huge", Seq: 1, Bytes: lastBytes})
	if r.kept.Len() != 0 || r.bytes != 0 {
		t.Errorf("%d states of %d bytes are kept behind a huge one", r.kept.Len(), r.bytes)
	}
}
