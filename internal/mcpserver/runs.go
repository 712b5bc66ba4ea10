package mcpserver

import (
	"context"
	"encoding/json"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

type getRun struct {
	Run pawl.RunID `json:"run" jsonschema:"The run's id, whole." pawl:"len=1..64"`
	Key pawl.Key   `json:"step,omitempty" jsonschema:"The key of one step: then the answer is that step whole, with what was sent and answered." pawl:"len=..4096"`
}

type listRuns struct {
	Flow   string   `json:"flow,omitempty" jsonschema:"Only runs of this flow."`
	Status []string `json:"status,omitempty" jsonschema:"Only runs that stand at one of these." pawl:"enum=queued|running|waiting|pausing|paused|canceling|canceled|failed|done"`
	Since  string   `json:"since,omitempty" jsonschema:"Only runs made since: an age as in 90m, 12h or 2d, a date, or a time of RFC 3339."`
	Search string   `json:"search,omitempty" jsonschema:"Only runs with this text in id, model, input or reason." pawl:"len=..1000"`
	Limit  int64    `json:"limit" jsonschema:"At most this many." pawl:"min=1,max=100,default=20"`
	Cursor string   `json:"cursor,omitempty" jsonschema:"Where the list goes on: next of the answer before." pawl:"len=..64"`
}

type listEvents struct {
	Run   pawl.RunID `json:"run" jsonschema:"The run's id, whole." pawl:"len=1..64"`
	After int64      `json:"after,omitempty" jsonschema:"Only events behind the one of this number." pawl:"min=0"`
	Limit int64      `json:"limit" jsonschema:"At most this many; fewer come if they are long." pawl:"min=1,max=500,default=100"`
}

// stepAnswer is a step whole.
type stepAnswer struct {
	view.Step
	LeftOut []string `json:"left_out"` // what is too large to be told here
}

// runLine is a run in a list: where it stands, without the whole of its input.
type runLine struct {
	pawl.RunSummary
	About string `json:"about"` // the first text of its input; may be cut
}

type eventsAnswer struct {
	Events  []pawl.Event `json:"events"`
	After   pawl.Seq     `json:"after"`    // the last of them: call again with it for more
	More    bool         `json:"more"`     // there are more by now
	LeftOut []pawl.Seq   `json:"left_out"` // events whose body is too large to be told here
}

func (s *Server) runTools() {
	add(s, definition{name: "run_get", title: "Get a run",
		about: "Get where a run stands: status, input, output, error, what it waits for, what it took, and its steps in short. With step, that step whole. To wait for a run use run_wait."},
		func(ctx context.Context, c *call, in getRun) (any, error) {
			if in.Key != "" {
				return s.step(ctx, in)
			}
			return c.run(ctx, in.Run, true)
		})
	add(s, definition{name: "run_list", title: "List runs",
		about: "List runs, the newest first. Use it to find a run whose id was lost before you start another one."}, s.listRuns)
	add(s, definition{name: "run_events", title: "List the events of a run",
		about: "List what happened in a run, event by event. For most questions run_get is enough."}, s.listEvents)
}

func (s *Server) step(ctx context.Context, in getRun) (any, error) {
	step, err := s.view.Step(ctx, in.Run, in.Key)
	if err != nil {
		return nil, err
	}
	a := stepAnswer{step, []string{}}
	if sizeOf(a) > mostResult { // what was sent is the longest, and the answer the most wanted
		a.Requests, a.LeftOut = []view.Request{}, append(a.LeftOut, "requests")
	}
	if sizeOf(a) > mostResult {
		a.Step.Step.Attempts, a.LeftOut = []pawl.Attempt{}, append(a.LeftOut, "step.attempts")
	}
	if sizeOf(a) > mostResult {
		a.Step.Step.Output, a.LeftOut = json.RawMessage("null"), append(a.LeftOut, "step.output")
	}
	return a, nil
}

func (s *Server) listRuns(ctx context.Context, c *call, in listRuns) (any, error) {
	sel := view.Selection{RunFilter: pawl.RunFilter{Flow: in.Flow, Limit: int(in.Limit), Program: s.o.Program, After: pawl.RunID(in.Cursor), Text: in.Search}}
	for _, status := range in.Status {
		sel.Statuses = append(sel.Statuses, pawl.Status(status))
	}
	if in.Since != "" && !sel.SetSince(in.Since, time.Now(), time.UTC) {
		return nil, badArgument("since", "wants an age as in 90m, 12h or 2d, a date as in 2026-01-31, or a time as in 2026-01-31T12:00:00Z")
	}
	list, next, err := s.view.Part(ctx, sel)
	if err != nil {
		return nil, err
	}
	lines := []runLine{}
	for _, r := range list {
		r.Reason = cut(r.Reason, 500)
		lines = append(lines, runLine{r.RunSummary, cut(r.About, 200)})
	}
	return struct {
		Runs []runLine  `json:"runs"`
		Next pawl.RunID `json:"next"` // cursor of the next part; empty: there is none
	}{lines, next}, nil
}

func (s *Server) listEvents(ctx context.Context, c *call, in listEvents) (any, error) {
	events, err := s.view.Events(ctx, in.Run, pawl.Seq(in.After), int(in.Limit)+1)
	if err != nil {
		return nil, err
	}
	a := eventsAnswer{Events: []pawl.Event{}, After: pawl.Seq(in.After), LeftOut: []pawl.Seq{}}
	size := 0
	for _, ev := range events {
		if len(a.Events) == int(in.Limit) || size > mostResult {
			a.More = true
			break
		}
		if len(ev.Body) > mostResult/4 {
			ev.Body, a.LeftOut = json.RawMessage("null"), append(a.LeftOut, ev.Seq)
		}
		size += len(ev.Body) + 200 // of what is around it
		a.Events, a.After = append(a.Events, ev), ev.Seq
	}
	return a, nil
}
