package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

// mostResult is about how many bytes of JSON a result has: it is to fit into what a model
// reads. What is larger is left out, and a resource has it.
const mostResult = 80_000

// mostSteps is how many steps of a run are told at once, the last ones.
const mostSteps = 200

// runAnswer is a run as tools answer with it: the record of the API, with its steps in short.
type runAnswer struct {
	Run     pawl.RunRecord     `json:"run"`      // the run's record, without its steps
	Seq     pawl.Seq           `json:"seq"`      // its last event, to read on from with run_events
	Steps   []view.StepSummary `json:"steps"`    // the last of its steps, in short; only where they were asked for
	Studio  string             `json:"studio"`   // where a person sees the run; empty: not known
	Next    string             `json:"next"`     // what to do now, for the client's model
	LeftOut []string           `json:"left_out"` // what is too large to be told here: the resource run://ID has it
}

// run answers with a run as it stands.
func (c *call) run(ctx context.Context, id pawl.RunID, steps bool) (*runAnswer, error) {
	if steps {
		p, err := c.view.Progress(ctx, id, 0)
		if err != nil {
			return nil, err
		}
		return c.answerOf(p.Run, p.Steps), nil
	}
	rec, err := c.view.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.answerOf(rec, nil), nil
}

func (c *call) answerOf(rec pawl.RunRecord, steps []view.StepSummary) *runAnswer {
	rec = c.shown(rec)
	a := &runAnswer{Run: rec, Seq: rec.LastSeq, Steps: append([]view.StepSummary{}, steps...), Studio: c.link(rec.ID), Next: c.next(rec), LeftOut: []string{}}
	a.Run.Steps = []pawl.StepRecord{}
	if n := len(a.Steps); n > mostSteps {
		a.Steps = a.Steps[n-mostSteps:]
		a.LeftOut = append(a.LeftOut, fmt.Sprintf("steps: %d before these", n-mostSteps))
	}
	a.leaveOut()
	if len(a.LeftOut) > 0 || rec.Status == pawl.StatusDone {
		c.links = append(c.links, &mcp.ResourceLink{URI: runURI + string(rec.ID), Name: "run " + string(rec.ID), MIMEType: jsonType})
	}
	return a
}

// shown is a record with the commands that lift its blockers.
func (s *Server) shown(rec pawl.RunRecord) pawl.RunRecord {
	if s.o.Commands != nil {
		rec = s.o.Commands(rec)
	}
	return rec
}

func (s *Server) link(id pawl.RunID) string {
	if s.o.Link == nil {
		return ""
	}
	return s.o.Link(id)
}

// leaveOut leaves out of a result what is too large, the largest first.
func (a *runAnswer) leaveOut() {
	type part struct {
		name  string
		value *json.RawMessage
	}
	parts := []part{{"run.input", &a.Run.Input}, {"run.output", &a.Run.Output}}
	a.Run.Blockers = slices.Clone(a.Run.Blockers)
	for i := range a.Run.Blockers {
		parts = append(parts, part{fmt.Sprintf("run.blockers[%d].proposal", i), &a.Run.Blockers[i].Proposal})
		if r := a.Run.Blockers[i].Request; r != nil && sizeOf(r) > mostResult/8 {
			a.Run.Blockers[i].Request = nil
			a.LeftOut = append(a.LeftOut, fmt.Sprintf("run.blockers[%d].request", i))
		}
	}
	a.Run.Decisions = slices.Clone(a.Run.Decisions)
	for i := range a.Run.Decisions {
		parts = append(parts, part{fmt.Sprintf("run.decisions[%d].value", i), &a.Run.Decisions[i].Value})
	}
	slices.SortStableFunc(parts, func(a, b part) int { return len(*b.value) - len(*a.value) })
	for _, p := range parts {
		if sizeOf(a) <= mostResult {
			return
		}
		if len(*p.value) > len("null") {
			*p.value = json.RawMessage("null")
			a.LeftOut = append(a.LeftOut, p.name)
		}
	}
	if sizeOf(a) > mostResult && len(a.Steps) > 0 {
		a.Steps, a.LeftOut = []view.StepSummary{}, append(a.LeftOut, "steps")
	}
	for _, list := range []struct {
		name string
		drop func()
		n    int
	}{
		{"run.decisions", func() { a.Run.Decisions = []pawl.Decision{} }, len(a.Run.Decisions)},
		{"run.guidance", func() { a.Run.Guidance = []pawl.Guidance{} }, len(a.Run.Guidance)},
		{"run.blockers", func() { a.Run.Blockers = a.Run.Blockers[:min(len(a.Run.Blockers), 5)] }, len(a.Run.Blockers)},
	} {
		if list.n > 0 && sizeOf(a) > mostResult {
			list.drop()
			a.LeftOut = append(a.LeftOut, list.name)
		}
	}
}

// sizeOf is how large a value is as JSON.
func sizeOf(v any) int {
	text, err := json.Marshal(v)
	if err != nil {
		return 0
	}
	return len(text)
}

// next says what a client's model can do about a run. It quotes nothing that models wrote.
func (c *call) next(rec pawl.RunRecord) string {
	switch rec.Status {
	case pawl.StatusQueued, pawl.StatusRunning, pawl.StatusPausing, pawl.StatusCanceling:
		return fmt.Sprintf("it goes on by itself; call run_wait with run %q until it is at rest", rec.ID)
	case pawl.StatusPaused:
		return "it is paused; run_control with action resume goes on with it"
	case pawl.StatusDone:
		return fmt.Sprintf("it is done; its result is run.output, and run_export or export://%s has the whole of it", rec.ID)
	case pawl.StatusCanceled:
		return "it was canceled and has no result"
	}
	asks := slices.ContainsFunc(rec.Blockers, func(b pawl.Blocker) bool { return !b.Kind.IsFailure() && b.Kind != pawl.BlockerEvent })
	switch {
	case rec.Status == pawl.StatusFailed && rec.Error != nil && rec.Error.Final:
		return "it failed for good; run.error says why"
	case rec.Status == pawl.StatusFailed:
		return "it stands still at a failure, which run.error and run.blockers say; run_control with action resume tries once more"
	case !asks:
		return fmt.Sprintf("it waits for a time or for another program; call run_wait with run %q", rec.ID)
	case c.o.AllowDecisions && canAsk(c.request):
		return "a person is to decide: show them what run.blockers ask, or call inbox_decide, which asks them here"
	}
	return "a person is to decide what run.blockers ask: give them the studio's address, or the command of an action there; then call run_wait"
}
