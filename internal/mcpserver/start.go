package mcpserver

import (
	"context"
	"encoding/json"
	"time"

	"github.com/pawlrun/pawl"
)

type startRun struct {
	Flow        string  `json:"flow" jsonschema:"The flow's name, of flow_list."`
	Idempotency string  `json:"idempotency_key,omitempty" jsonschema:"A text of your own for this piece of work. The same again, with the same arguments, is the same run: so nothing is started twice when an answer was lost." pawl:"len=..200"`
	Model       string  `json:"model,omitempty" jsonschema:"provider/model for every question to a model; left out: what the flow and the server say."`
	Budget      *limits `json:"budget,omitempty" jsonschema:"Bounds what the run may take; at a limit it stops and asks a person."`
	Wait        int64   `json:"wait_seconds,omitempty" jsonschema:"Wait up to this long for the run to be at rest; 0: answer at once." pawl:"min=0,max=45"`
}

// limits are a pawl.Budget, with limits that may be left out.
type limits struct {
	USD    *float64 `json:"usd,omitempty" jsonschema:"Dollars." pawl:"min=0"`
	Tokens *int64   `json:"tokens,omitempty" jsonschema:"Input and output together." pawl:"min=0"`
	Calls  *int64   `json:"calls,omitempty" jsonschema:"Of models: every attempt is one." pawl:"min=0"`
}

func (b *limits) budget() *pawl.Budget {
	if b == nil {
		return nil
	}
	return &pawl.Budget{USD: b.USD, Tokens: b.Tokens, Calls: b.Calls}
}

// startAnswer is a run that was started, or was there.
type startAnswer struct {
	ID    pawl.RunID `json:"id"`    // the run's id
	Again bool       `json:"again"` // it was there already, started with the same idempotency key
	*runAnswer
}

func (s *Server) startTool() {
	input := free{"input", "object", "The flow's input, an object as flow_get describes it."}
	add(s, definition{name: "run_start", title: "Start a run", operates: true, starts: true, open: true, waits: true, free: []free{input},
		about: "Start a run of a flow. It is durable when this answers, which is at once, with the run's id and where a person sees it; it goes on by itself. " +
			"It costs what its model calls cost. Follow it with run_wait. Give an idempotency_key."},
		func(ctx context.Context, c *call, in startRun) (any, error) {
			return c.start(ctx, in, c.free["input"])
		})
}

// start starts a run, and waits for it as long as was asked for.
func (c *call) start(ctx context.Context, in startRun, input json.RawMessage) (*startAnswer, error) {
	f, err := c.flow("flow", in.Flow)
	if err != nil {
		return nil, err
	}
	if len(input) == 0 {
		input = json.RawMessage("{}")
	}
	o := &pawl.StartOptions{Who: c.actor.Name, Trace: c.trace(), Queue: true, Model: in.Model, Budget: in.Budget.budget()}
	if in.Idempotency != "" {
		o.ID = pawl.RunIDOf("mcp", c.actor.Name, in.Idempotency)
	}
	starting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	id, again, err := c.view.Start(starting, f, input, o)
	if err != nil {
		f := faultOf(err)
		if o.ID != "" && f.Kind == pawl.ErrConflict {
			f.Message = "this idempotency_key was used with other arguments: " + f.Message
		}
		return nil, f.in("input")
	}
	a, err := c.wait(ctx, id, time.Duration(in.Wait)*time.Second, false)
	if err != nil {
		return nil, err
	}
	return &startAnswer{id, again, a}, nil
}
