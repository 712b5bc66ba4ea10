// Package triage is a workflow that goes through tickets side by side: it reads and answers
// each, and has a person look at those that must be escalated, while the others go on.
// README.md beside it explains it on a page.
package triage

import (
	"embed"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

//go:embed *.go prompts
var files embed.FS

var (
	readP    = pawl.MustPrompt[Ticket, Reading](files, "prompts/read.md")
	respondP = pawl.MustPrompt[respondData, Response](files, "prompts/respond.md")
)

// Flow triages tickets.
var Flow = pawl.New("triage", "Sum up, sort and answer tickets; a person looks at those to escalate.", triage,
	pawl.Prompts(readP, respondP), pawl.Sources(files),
	pawl.Doc{Level: "intermediate", Pattern: "fan-out with people beside", Visible: "each ticket's intent, urgency and response, and which ones wait for a person",
		Why: "a person is asked about one ticket of many, and holds up none of the others"},
	pawl.Example(Input{Tickets: []Ticket{
		{ID: "A-1", Text: "How do I set the kettle to 80 degrees?"},
		{ID: "A-2", Text: "My parcel has not come. Where is it?"},
		{ID: "A-3", Text: "The kettle has burnt my hand. My lawyer will write to you."},
	}}))

func triage(r *pawl.Run, in Input) (Output, error) {
	tickets := in.all()
	results := pawl.TryMap(r, "tickets", tickets, one, pawl.By(Ticket.Key), pawl.Limit(8))
	out := Output{Outcomes: make([]Outcome, len(tickets))}
	for i, result := range results {
		out.Outcomes[i] = result.Value
		if result.Err != nil { // this one alone; trouble of the surroundings stands still instead
			out.Outcomes[i] = Outcome{ID: tickets[i].ID, Failure: pawl.AsError(result.Err, pawl.ErrFlow).Message}
		}
	}
	return out, nil
}

// one triages a ticket.
func one(r *pawl.Run, t Ticket) (Outcome, error) {
	reading := pawl.Ask(r, "read", readP.With(t))
	response := pawl.Ask(r, "respond", written(respondP.With(respondData{t.Text, reading.Summary, reading.Intent, reading.Urgency})))
	o := Outcome{ID: t.ID, Summary: reading.Summary, Intent: reading.Intent, Urgency: reading.Urgency, Response: response.Text}
	if o.Escalated = whyEscalate(reading, response); o.Escalated == "" {
		return o, nil
	}
	a := pawl.Approve(r, "escalation", Proposal{t.ID, t.Text, reading.Summary, response.Text},
		prose.Line("Send this response? "+o.Escalated), pawl.Who("the duty desk"))
	o.Response, o.By, o.Comment = "", a.Who, a.Comment
	if a.Approved {
		o.Response = a.Value.Response // perhaps they have changed it
	}
	return o, nil
}

// whyEscalate says in a sentence why a person must look at a ticket; empty: nobody must. It is
// policy, in which a model has no part.
func whyEscalate(t Reading, r Response) string {
	switch {
	case t.Intent == Legal:
		return "It speaks of the law, the press or an injury."
	case t.Urgency == High:
		return "It is urgent."
	case !r.Settled:
		return "The response does not settle it: " + r.Open
	}
	return ""
}
