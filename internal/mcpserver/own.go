package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/pawlrun/pawl"
)

// ownWait is how long the tool of a flow waits for its run, in seconds.
const ownWait = 40

// ownAnswer is what the tool of a flow answers with.
type ownAnswer struct {
	ID     pawl.RunID      `json:"id"`     // the run's id
	Status pawl.Status     `json:"status"` // where it stands
	Output json.RawMessage `json:"output"` // the flow's output; null: the run is not done, or it is left out
	*runAnswer
}

// ownTools adds a tool for each flow that is to have one. It takes the flow's input as it is.
func (s *Server) ownTools() {
	for _, f := range s.o.Flows {
		if !slices.Contains(s.o.FlowTools, f.Name()) {
			continue
		}
		info := f.Describe()
		d := definition{name: OwnTool(f.Name()), title: "Flow " + f.Name(), operates: true, starts: true, open: true, waits: true,
			about: fmt.Sprintf("%s\n\nStarts a run of the flow %q and waits for it up to %d seconds. If it is not done by then, or waits for a person, the answer says where it stands, and run_wait follows it. It costs what its model calls cost.", info.Purpose, f.Name(), ownWait)}
		s.addTool(d, info.Input.JSON(), ownOutput(info.Output.JSON()), func(ctx context.Context, c *call) (any, error) {
			a, err := c.start(ctx, startRun{Flow: f.Name(), Wait: ownWait}, c.request.Params.Arguments)
			if err != nil {
				return nil, err
			}
			own := ownAnswer{a.ID, a.Run.Status, a.Run.Output, a.runAnswer}
			own.Run.Output = json.RawMessage("null") // it stands above
			return own, nil
		})
	}
}

// OwnTool is the name of the tool of a flow: that of the flow, in the letters that a function
// may have.
func OwnTool(flow string) string {
	return "flow_run_" + strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-') {
			return r
		}
		return '_'
	}, flow)
}

// ownOutput is the schema of what such a tool answers with.
func ownOutput(output json.RawMessage) json.RawMessage {
	var of struct {
		Defs json.RawMessage `json:"$defs,omitempty"`
	}
	_ = json.Unmarshal(output, &of) // it is one of ours
	doc, err := json.Marshal(struct {
		Type       string                     `json:"type"`
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
		Defs       json.RawMessage            `json:"$defs,omitempty"`
	}{"object", map[string]json.RawMessage{
		"id":     json.RawMessage(`{"type":"string","description":"The run's id."}`),
		"status": json.RawMessage(`{"type":"string","description":"Where the run stands."}`),
		"output": json.RawMessage(`{"description":"The flow's output; null: the run is not done, or it is too large.","anyOf":[` + string(output) + `,{"type":"null"}]}`),
	}, []string{"id", "status", "output"}, of.Defs})
	if err != nil {
		panic(fmt.Sprintf("mcpserver: schema of an output: %v", err)) // it is one of ours
	}
	return doc
}
