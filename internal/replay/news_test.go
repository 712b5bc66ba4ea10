package replay_test

import (
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
)

// TestNews says which rests are news, by what was before.
func TestNews(t *testing.T) {
	at := pawl.At(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	ask := func(key pawl.Key, kind pawl.BlockerKind) journal.Draft {
		return journal.Draft{Type: pawl.EventBlocker, Key: key, Opens: kind != pawl.BlockerEvent, Body: journal.Blocker{Kind: kind, Question: "ok?", Digest: "d"}}
	}
	fail := journal.Draft{Type: pawl.EventFailed, Key: "a", Opens: true, Body: journal.Failed{Error: journal.Failure{Kind: pawl.ErrStep, Message: "broke"}}}
	fatal := journal.Draft{Type: pawl.EventFailed, Body: journal.Failed{Error: journal.Failure{Kind: pawl.ErrFlow, Message: "broke"}, Final: true}}
	decide := func(key pawl.Key, what pawl.DecisionKind) journal.Draft {
		return journal.Draft{Type: pawl.EventDecision, Key: key, Lifts: true, Body: journal.Decision{What: what, Who: "ada"}}
	}
	rests := func(s pawl.Status) journal.Draft {
		return journal.Draft{Type: pawl.EventReleased, Body: journal.Released{Status: s, WakeAt: at}}
	}
	claimed := journal.Draft{Type: pawl.EventClaimed, Body: journal.Claimed{Epoch: 2}}
	done := journal.Draft{Type: pawl.EventDone, Body: journal.Done{Output: []byte("1")}}
	canceled := journal.Draft{Type: pawl.EventCanceled, Body: journal.Canceled{Reason: "no"}}
	question, event, waits := ask("q", pawl.BlockerApproval), ask("e", pawl.BlockerEvent), rests(pawl.StatusWaiting)
	asked := []journal.Draft{question, waits, claimed} // and taken up again
	failed := []journal.Draft{fail, rests(pawl.StatusFailed), claimed}
	type drafts = []journal.Draft
	atLimit := func(per limit.Period) journal.Draft {
		return journal.Draft{Type: pawl.EventBlocker, Key: "b", Opens: true, Body: journal.Blocker{Kind: pawl.BlockerBudget, Question: "over", Digest: "d", Limit: &limit.Name{Per: per}, Raise: &pawl.Budget{}}}
	}
	again := journal.Draft{Type: pawl.EventDecision, Key: "b", Lifts: true, Body: journal.Decision{What: pawl.DecideRetry, Who: replay.LimitActor}}
	leaves := journal.Draft{Type: pawl.EventIntent, Key: "b", Body: journal.Intent{Step: journal.Step{Kind: pawl.KindAsk, Digest: "d"}, Number: 1}}
	limited := drafts{atLimit(limit.PerDay), waits, claimed, again}
	for name, tt := range map[string]struct {
		before, next drafts
		want         pawl.Status
	}{
		"done":                                {nil, drafts{done}, pawl.StatusDone},
		"canceled":                            {asked, drafts{canceled}, pawl.StatusCanceled},
		"failed for good":                     {nil, drafts{fatal}, pawl.StatusFailed},
		"asks":                                {drafts{question}, drafts{waits}, pawl.StatusWaiting},
		"asks in the same batch":              {nil, drafts{question, waits}, pawl.StatusWaiting},
		"sleeps":                              {nil, drafts{waits}, ""},
		"awaits an event":                     {drafts{event}, drafts{waits}, ""},
		"awaits in the same batch":            {nil, drafts{event, waits}, ""},
		"does not rest":                       {asked, drafts{question}, ""},
		"is queued":                           {drafts{question}, drafts{rests(pawl.StatusQueued)}, ""},
		"is paused":                           {drafts{question}, drafts{rests(pawl.StatusPaused)}, ""},
		"comes back":                          {asked, drafts{waits}, ""},
		"comes back after a pause":            {append(asked[:2:2], claimed, rests(pawl.StatusPaused), claimed), drafts{waits}, ""},
		"comes back, queued meanwhile":        {append(asked[:3:3], rests(pawl.StatusQueued), claimed), drafts{waits}, ""},
		"asks what it asked when it was lost": {drafts{question, claimed}, drafts{waits}, pawl.StatusWaiting},
		"asks something else beside":          {append(asked[:3:3], ask("p", pawl.BlockerInput)), drafts{waits}, pawl.StatusWaiting},
		"awaits something beside":             {append(asked[:3:3], event), drafts{waits}, ""},
		"an event came beside":                {append(drafts{event}, append(asked[:3:3], decide("e", pawl.DecideAnswer))...), drafts{waits}, ""},
		"one of two was decided":              {append(drafts{ask("p", pawl.BlockerInput)}, append(asked[:3:3], decide("p", pawl.DecideAnswer))...), drafts{waits}, pawl.StatusWaiting},
		"decided, and sleeps":                 {append(asked[:3:3], decide("q", pawl.DecideApprove)), drafts{waits}, ""},
		"asks anew":                           {append(asked[:3:3], decide("q", pawl.DecideApprove), question), drafts{waits}, pawl.StatusWaiting},
		"a raise changes nothing":             {append(asked[:3:3], journal.Draft{Type: pawl.EventDecision, Body: journal.Decision{What: pawl.DecideRaise, Who: "ada"}}), drafts{waits}, ""},
		"failed":                              {drafts{fail}, drafts{rests(pawl.StatusFailed)}, pawl.StatusFailed},
		"failed in the same batch":            {nil, drafts{fail, rests(pawl.StatusFailed)}, pawl.StatusFailed},
		"stands at the same failure":          {failed, drafts{rests(pawl.StatusFailed)}, ""},
		"failed again":                        {append(failed[:3:3], decide("a", pawl.DecideRetry), fail), drafts{rests(pawl.StatusFailed)}, pawl.StatusFailed},
		"failed, while a timer runs":          {drafts{fail}, drafts{waits}, ""},
		"failed, and the timer has run out":   {drafts{fail, waits, claimed}, drafts{rests(pawl.StatusFailed)}, pawl.StatusFailed},
		"stands at a limit":                   {nil, drafts{atLimit(limit.PerDay), waits}, pawl.StatusWaiting},
		"stands at it again":                  {limited, drafts{atLimit(limit.PerDay), waits}, ""},
		"and again":                           {append(limited[:4:4], append(limited, atLimit(limit.PerDay))...), drafts{waits}, ""},
		"stands at another one":               {limited, drafts{atLimit(limit.PerMonth), waits}, pawl.StatusWaiting},
		"stands at it after a call":           {append(limited[:4:4], leaves, atLimit(limit.PerDay)), drafts{waits}, pawl.StatusWaiting},
		"stands at it after a call just now":  {limited, drafts{leaves, atLimit(limit.PerDay), waits}, pawl.StatusWaiting},
		"stands at it, as somebody asked":     {append(limited[:3:3], decide("b", pawl.DecideRetry)), drafts{atLimit(limit.PerDay), waits}, pawl.StatusWaiting},
		"waited, and has failed":              {drafts{fail, question, waits, claimed}, drafts{rests(pawl.StatusFailed)}, pawl.StatusFailed},
	} {
		first := drafts{{Type: pawl.EventCreated, At: at, Body: journal.Created{Flow: "f", Input: []byte("1")}}, {Type: pawl.EventClaimed, At: at, Body: journal.Claimed{Epoch: 1}}}
		events, _, err := journal.Seal(journal.Claim{Run: "0123456789ab"}, append(first, tt.before...))
		if err != nil {
			t.Fatal(err)
		}
		st, err := replay.Fold(events)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := st.News(tt.next); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
