package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/schema"
)

// askedID names the one question of a call.
const askedID = "decision"

// canAsk reports whether a client can show its person a form.
func canAsk(r *mcp.CallToolRequest) bool {
	caps := r.ClientCapabilities()
	return caps != nil && caps.Elicitation != nil && (caps.Elicitation.Form != nil || caps.Elicitation.URL == nil)
}

// isAskable reports whether a blocker may be decided through a client's form: nothing secret
// goes through one.
func isAskable(b *view.Blocker) bool {
	return !b.Sensitive && (b.Schema == nil || !b.Schema.Sensitive()) && len(choices(b)) > 0
}

// choices are what a person can decide in a form. To supply a step's result, or to end the run,
// is for those who see the whole of it.
func choices(b *view.Blocker) (all []string) {
	for _, act := range b.Actions {
		switch {
		case act.Name == pawl.DecideCancel, act.Name == pawl.DecideSupply, act.Name == pawl.DecideRaise && act.Budget == nil:
		default:
			all = append(all, string(act.Name))
		}
	}
	return all
}

// decideAsked asks the person at the client, and takes what they decide. The library asks, and
// calls once more with the answer.
func (c *call) decideAsked(ctx context.Context, in decideRun, b *view.Blocker) (any, error) {
	p := c.request.Params
	args, err := schema.Canonical(append([]byte{}, p.Arguments...))
	if err != nil {
		return nil, err
	}
	of := asked{Run: in.Run, Key: in.Key, Digest: b.Digest, Who: c.actor.Name, Arguments: argumentsOf(args), Until: time.Now().Add(answerable).Unix()}
	response, given := p.InputResponses[askedID]
	if !given || p.RequestState == "" {
		return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{askedID: c.form(in, b)}, RequestState: c.sign(of)}, nil
	}
	if err := c.verify(p.RequestState, of); err != nil {
		return nil, err
	}
	answer, ok := response.(*mcp.ElicitResult)
	if !ok {
		return nil, badArgument("inputResponses."+askedID, "is not the answer to a form")
	}
	switch answer.Action {
	case "decline":
		return c.undecided(ctx, in.Run, b, outcomeDeclined)
	case "cancel":
		return c.undecided(ctx, in.Run, b, outcomeCanceled)
	case "accept":
	default:
		return nil, badArgument("inputResponses."+askedID+".action", "wants accept, decline or cancel")
	}
	d, err := decisionOf(b, answer.Content)
	if err != nil {
		return nil, err
	}
	d.Comment = strings.TrimSpace(d.Comment + " (asked through mcp: " + c.client + ")")
	return c.decide(ctx, in.Run, d)
}

// mostShown is how many characters of a proposal a person is shown in a form.
const mostShown = 4000

// form is what the person is asked: a message, and flat fields.
func (c *call) form(in decideRun, b *view.Blocker) *mcp.ElicitParams {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n\nRun %s of flow %s", cut(plain(b.Question), mostShown), b.Run.ID, b.Run.Flow)
	if b.Key != "" {
		fmt.Fprintf(&text, ", step %s", cut(plain(string(b.Key)), 200))
	}
	text.WriteString(".\n")
	if len(b.Proposal) > 0 && string(b.Proposal) != "null" {
		fmt.Fprintf(&text, "\n%s\n", cut(plain(shownProposal(b.Proposal)), mostShown))
	}
	if link := c.link(b.Run.ID); link != "" {
		fmt.Fprintf(&text, "\nThe whole of it: %s\n", link)
	}
	return &mcp.ElicitParams{Mode: "form", Message: text.String(), RequestedSchema: c.fields(in, b)}
}

// shownProposal is a proposal for people: a text as it is, all else as JSON on several lines.
func shownProposal(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var v any
	if json.Unmarshal(raw, &v) == nil {
		if text, err := json.MarshalIndent(v, "", "  "); err == nil {
			return string(text)
		}
	}
	return string(raw)
}

// requested is the schema of a form: an object of plain fields.
type requested struct {
	Type       string           `json:"type"`
	Properties map[string]field `json:"properties"`
	Required   []string         `json:"required,omitempty"`
}

// field is a field of a form, in the words that every client knows.
type field struct {
	Type        string          `json:"type"`
	Description string          `json:"description,omitempty"`
	Enum        []string        `json:"enum,omitempty"`
	Minimum     json.Number     `json:"minimum,omitempty"`
	Maximum     json.Number     `json:"maximum,omitempty"`
	MinLength   *int            `json:"minLength,omitempty"`
	MaxLength   *int            `json:"maxLength,omitempty"`
	Default     json.RawMessage `json:"default,omitempty"`
}

// fields are those of the form for a blocker, with what the agent proposes filled in.
func (c *call) fields(in decideRun, b *view.Blocker) requested {
	form := requested{Type: "object", Properties: map[string]field{}}
	names := choices(b)
	if b.Kind == pawl.BlockerInput {
		if form.Properties, form.Required = plainFields(b.Schema); form.Properties != nil {
			return form
		}
		form.Properties = map[string]field{"value": {Type: "string", Description: valueHelp(b, "The answer")}}
		form.Required = []string{"value"}
		return form
	}
	chosen := in.What
	if !slices.Contains(names, chosen) {
		chosen = ""
	}
	decision := field{Type: "string", Description: "What is decided.", Enum: names}
	if chosen != "" {
		decision.Default, _ = json.Marshal(chosen) // a text is JSON
	}
	form.Properties["decision"], form.Required = decision, []string{"decision"}
	form.Properties["comment"] = field{Type: "string", Description: "Why; it is kept with the decision. May stay empty."}
	if b.Kind == pawl.BlockerApproval {
		edited := field{Type: "string", Description: valueHelp(b, "Of an approval: the proposal as edited") + " Empty: as it is."}
		if v := c.free["value"]; len(v) > 0 && len(v) < mostShown {
			edited.Default, _ = json.Marshal(shownProposal(v))
		}
		form.Properties["value"] = edited
	}
	if len(b.Reasons) > 1 {
		form.Properties["reason"] = field{Type: "string", Description: "Of a rejection: why.", Enum: b.Reasons}
	}
	return form
}

func isText(b *view.Blocker) bool { return b.Root() != nil && b.Root().Type == "string" }

func valueHelp(b *view.Blocker, what string) string {
	if isText(b) {
		return what + "."
	}
	return what + ", as JSON."
}

// plainFields are the fields of an answer that is an object of plain values; nil: it is not.
func plainFields(s *schema.Schema) (map[string]field, []string) {
	if s == nil || s.Root().Type != "object" || len(s.Fields()) == 0 {
		return nil, nil
	}
	fields, required := map[string]field{}, []string(nil)
	for _, f := range s.Fields() {
		n := f.Node
		if !slices.Contains([]string{"string", "number", "integer", "boolean"}, n.Type) {
			return nil, nil
		}
		fields[f.Name] = field{n.Type, n.Description, n.Enum, n.Min, n.Max, n.MinLen, n.MaxLen, n.Default}
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return fields, required
}

// decisionOf is what a filled-in form says.
func decisionOf(b *view.Blocker, content map[string]any) (d pawl.Decision, err error) {
	text := func(name string) string { s, _ := content[name].(string); return strings.TrimSpace(s) }
	d = pawl.Decision{Key: b.Key, Digest: b.Digest, Comment: text("comment"), Reason: text("reason")}
	if b.Kind == pawl.BlockerInput {
		d.Comment, d.Reason, d.What = "", "", pawl.DecideAnswer
		if plain, _ := plainFields(b.Schema); plain != nil {
			for name, v := range content {
				if v == nil {
					delete(content, name)
				}
			}
			d.Value, err = json.Marshal(content)
			return d, err
		}
		d.Value, err = valueOf(b, text("value"))
		return d, err
	}
	if d.What = pawl.DecisionKind(text("decision")); !slices.Contains(choices(b), string(d.What)) {
		return d, badArgument("decision", "wants one of "+strings.Join(choices(b), ", "))
	}
	switch d.What {
	case pawl.DecideApprove:
		d.Reason = ""
		if v := text("value"); v != "" {
			d.Value, err = valueOf(b, v)
		}
	case pawl.DecideRaise:
		d.Reason = ""
		for _, act := range b.Actions {
			if act.Name == pawl.DecideRaise {
				d.Budget = act.Budget
			}
		}
	case pawl.DecideReject:
	default:
		d.Reason = ""
	}
	return d, err
}

// valueOf is a value that a person has typed.
func valueOf(b *view.Blocker, text string) (json.RawMessage, error) {
	if isText(b) {
		return json.Marshal(text)
	}
	if err := schema.CheckSyntax([]byte(text)); err != nil {
		return nil, badArgument("value", err.Error())
	}
	return json.RawMessage(text), nil
}
