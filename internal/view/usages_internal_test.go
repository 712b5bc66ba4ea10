package view

import (
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

// Of a run that was removed and begun anew with its id, and is as far, is not told what the
// other one took.
func TestUsageOfARunBegunAnew(t *testing.T) {
	var kept usages
	was := pawl.RunRecord{ID: "same", CreatedAt: pawl.At(time.Unix(1_000, 0)), LastSeq: 9, Usage: pawl.UsageRecord{ModelCalls: 7}}
	kept.keep(was)
	listed := pawl.RunSummary{ID: was.ID, CreatedAt: was.CreatedAt, LastSeq: was.LastSeq}
	if u := kept.of(listed); u == nil || u.ModelCalls != 7 {
		t.Fatalf("the run itself has taken %+v, want 7 calls", u)
	}
	listed.CreatedAt = pawl.At(time.Unix(2_000, 0))
	if u := kept.of(listed); u != nil {
		t.Errorf("another run is said to have taken %+v", u)
	}
}
