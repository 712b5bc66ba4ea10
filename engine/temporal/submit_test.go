package temporal

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	updatepb "go.temporal.io/api/update/v1"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// TestSettled: of a command whose workflow is not there any more it is found what came of it,
// wherever that stands, and it is not sent for ever when nothing can come.
func TestSettled(t *testing.T) {
	no := answer{Refused: &journal.Failure{Kind: pawl.ErrConflict, Message: "no"}}
	came := func(a answer) *updatepb.Outcome {
		return &updatepb.Outcome{Value: &updatepb.Outcome_Success{Success: payloadsOf(t, a)}}
	}
	began := newborn(t)
	began.Answers = []answered{{"carried", no}, {"twice", no}}
	running := []*historypb.HistoryEvent{
		begunWith(t, began), updated("done", came(answer{})), updated("delivered", came(answer{Delivered: true})), updated("twice", came(answer{})),
		updated("moved", came(answer{Moved: true})),
		updated("failed", &updatepb.Outcome{Value: &updatepb.Outcome_Failure{Failure: &failurepb.Failure{Message: "no handler"}}}),
	}
	with := func(more ...*historypb.HistoryEvent) []*historypb.HistoryEvent {
		return numbered(append(append([]*historypb.HistoryEvent{}, running...), more...)...)
	}
	over := &journal.Summary{Status: pawl.StatusDone}
	histories := map[string][]*historypb.HistoryEvent{
		"running":   with(),
		"continued": with(continuedAs("next")),
		"ended":     with(markerOf(t, entry{Summary: over, Released: true}), endedWith(t, ended{Status: pawl.StatusDone, Answers: []answered{{"first", no}}})),
	}
	for _, kind := range []enumspb.EventType{enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT} {
		histories[kind.String()] = with(&historypb.HistoryEvent{EventType: kind})
	}
	known := map[string]answer{"carried": no, "twice": no, "done": {}, "delivered": {Delivered: true}}
	for name, history := range histories {
		for _, id := range []string{"carried", "twice", "done", "delivered", "first", "moved", "failed", "never"} {
			for _, taken := range []bool{false, true} {
				at := fmt.Sprintf("%s: %s, taken %v", name, id, taken)
				k := stubbed(t, &stub{run: "one", history: history})
				a, settled, hopeless := k.settled(t.Context(), "r", id, fmt.Errorf("update: %w", serviceerror.NewNotFound("no such workflow")), taken)
				want, has := known[id]
				if name == "ended" && id == "first" {
					want, has = no, true
				}
				if settled != has || has && (!reflect.DeepEqual(a, want) || hopeless != nil) {
					t.Errorf("%s: %v %+v, %v", at, settled, a, hopeless)
				}
				says := ""
				switch {
				case has:
				case name == "ended":
					says = "run r is done"
				case name != "running" && name != "continued" && !taken:
					says = "was ended from outside"
				}
				if !has && says == "" && hopeless != nil || says != "" && (!errors.Is(hopeless, pawl.ErrConflict) || !strings.Contains(hopeless.Error(), says)) {
					t.Errorf("%s: got %v, want %q", at, hopeless, says)
				}
			}
		}
	}
}

// TestIsSentAgain: an error that says nothing of the workflow has a command be sent again, and
// one that will not pass ends it: neither asks how the run stands.
func TestIsSentAgain(t *testing.T) {
	gone := numbered(begunWith(t, newborn(t)), &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED})
	for _, test := range []struct {
		err  error
		kind pawl.ErrorKind // empty: it is sent again
	}{
		{serviceerror.NewInvalidArgument("too large"), pawl.ErrInput},
		{serviceerror.NewPermissionDenied("no", "policy"), pawl.ErrStorage},
		{serviceerror.NewNamespaceNotFound("default"), pawl.ErrStorage},
		{serviceerror.NewUnimplemented("updates"), pawl.ErrStorage},
		{serviceerror.NewUnavailable("later"), ""},
		{serviceerror.NewDeadlineExceeded("late"), ""},
		{serviceerror.NewWorkflowNotReady("soon"), ""},
		{serviceerror.NewInternal("oops"), ""},
		{context.DeadlineExceeded, ""},
	} {
		s := &stub{run: "one", history: gone}
		_, known, hopeless := stubbed(t, s).settled(t.Context(), "r", "never", fmt.Errorf("update: %w", test.err), false)
		if known || s.looked > 0 || (hopeless == nil) != (test.kind == "") || hopeless != nil && (!errors.Is(hopeless, test.kind) || !errors.Is(hopeless, test.err)) {
			t.Errorf("%T: known %v, asked %d times, %v", test.err, known, s.looked, hopeless)
		}
	}
}
