package enginetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

// Overdue are questions that stand open for as long as patience, and then count as decided. Got is
// what flow code gets where nobody has.
func Overdue(patience time.Duration) []Blocking {
	return []Blocking{{
		Name: "approval", Kind: pawl.BlockerApproval,
		Ask: func(r *pawl.Run, name, title string) string {
			a := pawl.Approve(r, name, Post{Title: title, Words: 1}, "Publish it?", pawl.Reasons("late"), pawl.RejectAfter(patience))
			return fmt.Sprintf("%v %s %s %v", a.Approved, a.Value.Title, a.Reason, a.Expired)
		},
		Lift: func(key pawl.Key) pawl.Decision { return pawl.Decision{Key: key, What: pawl.DecideApprove} },
		Got:  func(pawl.Key) string { return "false A late true" },
	}, {
		Name: "input", Kind: pawl.BlockerInput,
		Ask: func(r *pawl.Run, name, title string) string {
			return pawl.Input[Post](r, name, "Which post?", pawl.AnswerAfter(patience, Post{Title: "none"})).Title
		},
		Lift: func(key pawl.Key) pawl.Decision {
			return pawl.Decision{Key: key, What: pawl.DecideAnswer, Value: Titled(key)}
		},
		Got: func(pawl.Key) string { return "none" },
	}}
}

// IsExpired checks the end of a run that nobody decided in time, and that who decides now
// learns so.
func (c Cell) IsExpired(t *testing.T, sees, decides pawl.Engine, id pawl.RunID) {
	t.Helper()
	Until(t, "the time of each question has come", func() bool { return Status(t, sees, id).Status == pawl.StatusDone })
	c.IsDone(t, sees, id, c.Count())
	for _, d := range Status(t, sees, id).Decisions {
		if !d.Expired || d.Who != "the deadline" {
			t.Errorf("decision %+v", d)
		}
		Refused(t, decides.Decide(t.Context(), id, c.Lift(d.Key)), pawl.ErrConflict, "by the deadline at ")
	}
}
