package checktest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// spoiled is a journal that shows something else than it has.
type spoiled struct {
	*journal.Memory
	row    func(*journal.Row)
	events func([]pawl.Event) []pawl.Event
}

func (s spoiled) Runs(ctx context.Context, f pawl.RunFilter) ([]journal.Row, error) {
	rows, err := s.Memory.Runs(ctx, f)
	if s.row != nil {
		s.row(&rows[0])
	}
	return rows, err
}

func (s spoiled) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	events, err := s.Memory.Read(ctx, id, after, limit)
	if s.events != nil {
		events = s.events(events)
	}
	return events, err
}

func draft(typ pawl.EventType, body any) journal.Draft {
	return journal.Draft{Type: typ, Key: "a", Body: body}
}

// history is a run as an engine writes it, with a question that was answered.
func history(t *testing.T, more ...journal.Draft) *journal.Memory {
	t.Helper()
	j := journal.NewMemory()
	created := journal.Created{Flow: "f", Model: "m", Input: json.RawMessage(`{}`)}
	running := journal.Summary{Status: pawl.StatusRunning}
	c, err := j.Create(t.Context(), journal.NewRun{ID: "r1", Flow: "f", Summary: running}, []journal.Draft{{Type: pawl.EventCreated, Body: created}})
	if err != nil {
		t.Fatal(err)
	}
	message := []byte(`{"role":"user","parts":[{"type":"text","text":"hello"}]}`)
	drafts := append([]journal.Draft{
		draft(pawl.EventIntent, journal.Intent{Step: journal.Step{Kind: pawl.KindAsk}, Number: 1, Request: &journal.Request{Messages: []string{journal.Digest(message)}}}),
		draft(pawl.EventAttempt, journal.Attempt{Number: 1, Outcome: pawl.OutcomeAccepted, Result: json.RawMessage("1")}),
	}, more...)
	if _, err := j.Append(t.Context(), c, journal.Batch{Drafts: drafts, Blobs: [][]byte{message}, Summary: &running}); err != nil {
		t.Fatal(err)
	}
	return j
}

// reseal makes the chain fit again, so that only what is behind it is wrong.
func reseal(events []pawl.Event) []pawl.Event {
	prev := ""
	for i := range events {
		events[i].Seq = pawl.Seq(i + 1)
		events[i].Hash = journal.Hash(prev, events[i])
		prev = events[i].Hash
	}
	return events
}

func TestProblems(t *testing.T) {
	for _, tt := range []struct {
		name string
		j    spoiled
		want string // empty: nothing is wrong
	}{
		{"sound", spoiled{Memory: history(t)}, ""},
		{"a gap", spoiled{Memory: history(t), events: func(e []pawl.Event) []pawl.Event { return append(e[:1], e[2], e[3], e[3]) }}, "has number 3"},
		{"a changed body", spoiled{Memory: history(t), events: func(e []pawl.Event) []pawl.Event {
			e[3].Body = json.RawMessage(`{}`)
			return e
		}}, "does not match its hash"},
		{"a lost end", spoiled{Memory: history(t), events: func(e []pawl.Event) []pawl.Event { return e[:3] }}, "3 events, the list of runs knows of 4"},
		{"time goes back", spoiled{Memory: history(t), events: func(e []pawl.Event) []pawl.Event {
			e[2].At = pawl.At(e[2].At.Add(-time.Hour))
			return reseal(e)
		}}, "before the one ahead of it"},
		{"two results", spoiled{Memory: history(t, draft(pawl.EventAttempt, journal.Attempt{Number: 2, Outcome: pawl.OutcomeAccepted, Result: json.RawMessage("2")}))}, `step "a" has two results, events 4 and 5`},
		{"an event that cannot be", spoiled{Memory: history(t, draft("nonsense", struct{}{}))}, "nonsense"},
		{"a missing blob", spoiled{Memory: history(t, draft(pawl.EventIntent, journal.Intent{Request: &journal.Request{Schema: "sha256:none"}}))}, `no blob "sha256:none"`},
		{"another status", spoiled{Memory: history(t), row: func(r *journal.Row) { r.Summary.Status = pawl.StatusDone }}, "it is listed as f {Status:done"},
		{"another time", spoiled{Memory: history(t), row: func(r *journal.Row) { r.UpdatedAt = pawl.At(r.UpdatedAt.Add(time.Hour)) }}, "the list of runs says it is of"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			problems := Problems(t.Context(), tt.j, summary)
			if tt.want == "" && len(problems) > 0 || tt.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), tt.want)) {
				t.Errorf("problems are %v, wants %q", problems, tt.want)
			}
		})
	}
}

// TestPeople: an inbox that is not the fold, and runs that nobody can go on with.
func TestPeople(t *testing.T) {
	failed := draft(pawl.EventFailed, journal.Failed{Error: journal.Failure{Kind: pawl.ErrGate, Message: "no"}})
	opened := failed
	opened.Opens = true
	lifted := draft(pawl.EventDecision, journal.Decision{What: pawl.DecideRetry, Who: "anna"})
	rests := func(s pawl.Status) journal.Draft {
		return draft(pawl.EventReleased, journal.Released{Status: s})
	}
	for _, tt := range []struct {
		name   string
		drafts []journal.Draft
		is     pawl.Status
		want   string // empty: nothing is wrong
	}{
		{"open", []journal.Draft{opened, rests(pawl.StatusFailed)}, pawl.StatusFailed, ""},
		{"not listed", []journal.Draft{failed, rests(pawl.StatusFailed)}, pawl.StatusFailed, "the inbox has []"},
		{"listed still", []journal.Draft{opened, lifted, rests(pawl.StatusQueued)}, pawl.StatusQueued, "its events say []"},
		{"failed without a way on", []journal.Draft{rests(pawl.StatusFailed)}, pawl.StatusFailed, "nothing says what makes it go on"},
		{"waits for nothing", []journal.Draft{rests(pawl.StatusWaiting)}, pawl.StatusWaiting, "nothing says what makes it go on"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := history(t, tt.drafts...)
			rows, err := j.Runs(t.Context(), pawl.RunFilter{})
			if err != nil {
				t.Fatal(err)
			}
			events, err := j.Read(t.Context(), rows[0].ID, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			rows[0].Summary.Status = tt.is
			err = people(t.Context(), j, rows[0], events)
			if err == nil != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, wants %q", err, tt.want)
			}
		})
	}
}
