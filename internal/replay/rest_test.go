package replay_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// told returns what drafts say of a run: the events with the status and reason that
// they carry.
func told(drafts []journal.Draft) string {
	var all []string
	for _, d := range drafts {
		switch b := d.Body.(type) {
		case journal.Released:
			all = append(all, fmt.Sprintf("released %s: %s", b.Status, b.Reason))
		case journal.Canceled:
			all = append(all, fmt.Sprintf("canceled: %s", b.Reason))
		case journal.Failed:
			all = append(all, fmt.Sprintf("failed: %s", b.Error.Message))
		case journal.Done:
			all = append(all, fmt.Sprintf("done %s %v", b.Output, b.Unused))
		default:
			all = append(all, fmt.Sprintf("%T", b))
		}
	}
	return strings.Join(all, ", ")
}

// TestRest says how a run rests, from each phase and with each end of its code.
func TestRest(t *testing.T) {
	at := pawl.At(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	failure := journal.Draft{Type: pawl.EventFailed, Key: "a", Body: journal.Failed{Error: journal.Failure{Kind: pawl.ErrStep, Message: "broke"}}}
	question := journal.Draft{Type: pawl.EventBlocker, Key: "b", Body: journal.Blocker{Kind: pawl.BlockerApproval, Question: "publish?", Digest: "d"}}
	pause := journal.Draft{Type: pawl.EventDirective, Body: journal.Directive{What: pawl.DirectPause, Who: "me"}}
	cancel := journal.Draft{Type: pawl.EventDirective, Body: journal.Directive{What: pawl.DirectCancel, Who: "me", Text: "too dear"}}
	returned := &replay.Ending{Output: []byte("1"), Unused: []pawl.Key{"old"}}
	rejected := &replay.Ending{Rejected: errors.New("not this")}
	broken := &replay.Ending{Failure: &pawl.Error{Kind: pawl.ErrFlow, Message: "panic: oh"}}
	changed := &replay.Ending{Failure: &pawl.Error{Kind: pawl.ErrMismatch, Message: "no longer fits"}}
	waited := journal.Summary{Status: pawl.StatusWaiting, Reason: "publish?"}
	paused := journal.Summary{Status: pawl.StatusPaused, Reason: "pause asked for by you"}
	for _, tt := range []struct {
		name   string
		before []journal.Draft
		rest   replay.Rest
		want   string
	}{
		{"recorded only, as it was", []journal.Draft{question}, replay.Rest{Phase: replay.Recorded, Before: waited}, "released waiting: publish?"},
		{"recorded only, whatever its code came to", nil, replay.Rest{Phase: replay.Recorded, Before: waited, Ending: broken}, "released waiting: publish?"},
		{"recorded only, of a run that was under way", nil, replay.Rest{Phase: replay.Recorded, Before: journal.Summary{Status: pawl.StatusQueued}}, "released queued: the process that executed it ended"},
		{"recorded only, paused", nil, replay.Rest{Phase: replay.RecordedPaused, Before: paused}, "released paused: pause asked for by you"},
		{"paused again", []journal.Draft{question}, replay.Rest{Phase: replay.Repausing, Before: paused}, "released paused: pause asked for by you"},
		{"pausing", []journal.Draft{pause}, replay.Rest{Phase: replay.Pausing}, "released paused: pause asked for by me"},
		{"pausing, and the code returned", []journal.Draft{pause}, replay.Rest{Phase: replay.Pausing, Ending: returned}, "done 1 [old]"},
		{"pausing, and the code failed", []journal.Draft{pause}, replay.Rest{Phase: replay.Pausing, Ending: broken}, "failed: panic: oh, released failed: panic: oh"},
		{"canceling", []journal.Draft{cancel}, replay.Rest{Phase: replay.Canceling, Ending: broken}, "canceled: by me: too dear"},
		{"returned", nil, replay.Rest{Phase: replay.Executing, Ending: returned}, "done 1 [old]"},
		{"rejected", nil, replay.Rest{Phase: replay.Executing, Ending: rejected}, "canceled: not this"},
		{"failed", nil, replay.Rest{Phase: replay.Executing, Ending: broken}, "failed: panic: oh, released failed: panic: oh"},
		{"does not fit another program", nil, replay.Rest{Phase: replay.Executing, Ending: changed, Foreign: true}, "released queued: left to another program: no longer fits"},
		{"does not fit its own program", nil, replay.Rest{Phase: replay.Executing, Ending: changed}, "failed: no longer fits, released failed: no longer fits"},
		{"fails in another program", nil, replay.Rest{Phase: replay.Executing, Ending: broken, Foreign: true}, "failed: panic: oh, released failed: panic: oh"},
		{"waits for a person", []journal.Draft{question}, replay.Rest{Phase: replay.Executing}, "released waiting: publish?"},
		{"stands at a failure", []journal.Draft{failure, question}, replay.Rest{Phase: replay.Executing}, "released failed: a: broke"},
		{"sleeps", nil, replay.Rest{Phase: replay.Executing, Timer: "nap", WakeAt: at}, "released waiting: nap: until 2026-01-02T03:04:05Z"},
		{"sleeps beside a failure", []journal.Draft{failure}, replay.Rest{Phase: replay.Executing, Timer: "nap", WakeAt: at}, "released waiting: nap: until 2026-01-02T03:04:05Z"},
		{"sleeps beside a question", []journal.Draft{question}, replay.Rest{Phase: replay.Executing, Timer: "nap", WakeAt: at}, "released waiting: publish?"},
		{"closed, with work left", []journal.Draft{question}, replay.Rest{Phase: replay.Executing, Closed: true, Held: true}, "released queued: interrupted"},
		{"closed, with nothing known of what is left", nil, replay.Rest{Phase: replay.Executing, Closed: true}, "released queued: interrupted"},
		{"closed, waiting for a person", []journal.Draft{question}, replay.Rest{Phase: replay.Executing, Closed: true}, "released waiting: publish?"},
		{"nothing stands in its way", nil, replay.Rest{Phase: replay.Executing},
			"failed: the run stands still and nothing stands in its way, released failed: the run stands still and nothing stands in its way"},
	} {
		first := []journal.Draft{{Type: pawl.EventCreated, At: at, Body: journal.Created{Flow: "f", Input: []byte("1")}}, {Type: pawl.EventClaimed, At: at, Body: journal.Claimed{Epoch: 1}}}
		events, _, err := journal.Seal(journal.Claim{Run: "0123456789ab"}, append(first, tt.before...))
		if err != nil {
			t.Fatal(err)
		}
		st, err := replay.Fold(events)
		if err != nil {
			t.Fatal(err)
		}
		if got := told(tt.rest.Drafts(st)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// TestEndingsRank: a rejection counts above a failure, that above an output, and of
// two alike the first.
func TestEndingsRank(t *testing.T) {
	ranks := []*replay.Ending{nil, {}, {Failure: &pawl.Error{}}, {Rejected: errors.New("no")}}
	for i, e := range ranks[1:] {
		for j, other := range ranks {
			if got, want := e.Outranks(other), i+1 > j; got != want {
				t.Errorf("ending %d above %d: %v", i+1, j, got)
			}
		}
	}
}

// TestSummary says how a run is listed while it is executed, and once it rests.
func TestSummary(t *testing.T) {
	waited := journal.Summary{Status: pawl.StatusWaiting, Reason: "publish?"}
	paused := journal.Summary{Status: pawl.StatusPaused, Reason: "for lunch"}
	running := journal.Summary{Status: pawl.StatusRunning}
	for _, tt := range []struct {
		name     string
		phase    replay.Phase
		before   journal.Summary
		executes bool
		drafts   []journal.Draft
		want     journal.Summary
	}{
		{"recorded only", replay.Recorded, waited, false, nil, waited},
		{"recorded only, its code executes", replay.Recorded, waited, true, nil, running},
		{"paused, its code executes", replay.RecordedPaused, paused, true, nil, paused},
		{"paused again", replay.Repausing, paused, true, nil, paused},
		{"executing", replay.Executing, waited, true, nil, running},
		{"pausing", replay.Pausing, waited, true, nil, journal.Summary{Status: pawl.StatusPausing}},
		{"canceling", replay.Canceling, waited, true, nil, journal.Summary{Status: pawl.StatusCanceling}},
		{"released", replay.Pausing, waited, true, []journal.Draft{{Body: journal.Released{Status: paused.Status, Reason: paused.Reason}}}, paused},
		{"done", replay.Executing, waited, true, []journal.Draft{{Body: journal.Done{}}}, journal.Summary{Status: pawl.StatusDone}},
		{"canceled", replay.Canceling, waited, true, []journal.Draft{{Body: journal.Canceled{Reason: "by me"}}}, journal.Summary{Status: pawl.StatusCanceled, Reason: "by me"}},
		{"failed", replay.Executing, waited, true, (&replay.Ending{Failure: &pawl.Error{Message: "oh"}}).Drafts(), journal.Summary{Status: pawl.StatusFailed, Reason: "oh"}},
		{"failed for good", replay.Executing, waited, true, (&replay.Ending{Failure: &pawl.Error{Message: "oh", Final: true}}).Drafts(), journal.Summary{Status: pawl.StatusFailed, Reason: "oh", Final: true}},
	} {
		if got := replay.Summary(tt.phase, tt.before, tt.executes, tt.drafts); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	for is, want := range map[pawl.Status]pawl.Status{
		pawl.StatusRunning: pawl.StatusQueued, pawl.StatusCanceling: pawl.StatusQueued, pawl.StatusPausing: pawl.StatusPaused,
		pawl.StatusQueued: pawl.StatusQueued, pawl.StatusWaiting: pawl.StatusWaiting, pawl.StatusPaused: pawl.StatusPaused,
		pawl.StatusFailed: pawl.StatusFailed, pawl.StatusDone: pawl.StatusDone, pawl.StatusCanceled: pawl.StatusCanceled,
	} {
		if got := replay.Unheld(journal.Summary{Status: is}); got.Status != want {
			t.Errorf("%s that nobody holds is %s, want %s", is, got.Status, want)
		}
	}
}
