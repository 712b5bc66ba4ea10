package local

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// A long run's state is kept until another's is, a huge one's never.
func TestRecallKeepsTheLast(t *testing.T) {
	var r recall
	keep := func(id pawl.RunID, bytes int) { r.put(&replay.State{Run: id, Seq: 1, Bytes: bytes}) }
	kept := func(id pawl.RunID) bool { return r.take(id).Seq == 1 }
	keep("short", 1)
	keep("long", 2*recallBytes)
	if kept("short") || !kept("long") || kept("long") {
		t.Error("the last state alone is to be kept, for one caller")
	}
	keep("long", 2*recallBytes)
	keep("other", 1)
	if kept("long") || !kept("other") {
		t.Error("a long run's state is kept beside another")
	}
	keep("huge", recallLast)
	if kept("huge") || r.bytes != 0 || r.kept.Len() != 0 {
		t.Errorf("of a huge state %d bytes are kept", r.bytes)
	}
}
