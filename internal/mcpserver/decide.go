package mcpserver

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

type decideRun struct {
	Run     pawl.RunID `json:"run" jsonschema:"The run's id, whole." pawl:"len=1..64"`
	Key     pawl.Key   `json:"step,omitempty" jsonschema:"The key of the step that waits; left out: the flow itself." pawl:"len=..4096"`
	What    string     `json:"what,omitempty" jsonschema:"One of the blocker's actions. Where the person at this client is asked it is what you propose to them, and may be left out." pawl:"enum=approve|reject|answer|retry|supply|raise|continue|skip"`
	Digest  string     `json:"digest,omitempty" jsonschema:"The blocker's, of what was shown by inbox_get. It is wanted where nobody is asked here, but for a raise of the run's own budget." pawl:"len=..200"`
	Reason  string     `json:"reason,omitempty" jsonschema:"Of a rejection: one of the blocker's reasons."`
	Comment string     `json:"comment,omitempty" jsonschema:"Why; it is kept with the decision." pawl:"len=..60000"`
	Budget  *limits    `json:"budget,omitempty" jsonschema:"Of a raise: the limits that it sets."`
}

// outcome says what became of a wish to decide.
type outcome string

const (
	outcomeDecided  outcome = "decided"  // it is recorded
	outcomeDeclined outcome = "declined" // the person was asked and would not decide: it is open
	outcomeCanceled outcome = "canceled" // the person closed the question without an answer: it is open
	outcomeOpen     outcome = "open"     // nobody could be asked here: it is open
)

// decideAnswer is what became of it, with the run as it stands.
type decideAnswer struct {
	Outcome  outcome  `json:"outcome"`
	Commands []string `json:"commands"` // command lines by which a person decides; empty: it is decided, or there are none
	*runAnswer
}

func (s *Server) decideTool() {
	value := free{"value", "", "Of an approval the proposal as edited, left out: as it is; of an answer or a supply the value, as the schema of inbox_get says."}
	add(s, definition{name: "inbox_decide", title: "Decide what waits for a person", operates: true, destructive: true, open: true, free: []free{value},
		about: "Have an open blocker decided. It works only where this server's operator has allowed it. Where the client can ask its person, that person sees the question and decides, " +
			"whatever you propose; declining or closing the question leaves it open. Otherwise the decision is recorded as yours: make it only when the person told you what to decide."},
		func(ctx context.Context, c *call, in decideRun) (any, error) {
			b, err := s.view.Open(ctx, in.Run, in.Key)
			if err != nil {
				return nil, c.tooLate(ctx, in.Run, in.Key, err)
			}
			switch {
			case !s.o.AllowDecisions:
				return nil, c.forbidden(b)
			case canAsk(c.request) && isAskable(b):
				return c.decideAsked(ctx, in, b)
			case in.What == "", canAsk(c.request): // what no form may show is the person's to decide elsewhere
				return c.undecided(ctx, in.Run, b, outcomeOpen)
			}
			return c.decideItself(ctx, in)
		})
}

// forbidden is why no agent decides here, with how a person does.
func (c *call) forbidden(b *view.Blocker) error {
	hint := "a person decides"
	if link := c.link(b.Run.ID); link != "" {
		hint += " at " + link
	}
	if commands := c.commands(b); len(commands) > 0 {
		hint += " or with: " + strings.Join(commands, "; ")
	}
	return &faulty{fault{Kind: kindForbidden, Message: "no agent decides here: the operator of this server has not allowed it", Hint: hint, Run: b.Run.ID, Step: b.Key, Errors: []place{}}}
}

// commands are the command lines by which a person lifts a blocker.
func (c *call) commands(b *view.Blocker) []string {
	all := []string{}
	for _, act := range c.commanded(pawl.InboxItem{Run: b.Run.ID, Flow: b.Run.Flow, Blocker: b.Blocker}).Actions {
		if act.Command != "" && act.Name != pawl.DecideCancel {
			all = append(all, act.Command)
		}
	}
	return all
}

// undecided answers with a blocker that is open as it was, and how a person lifts it.
func (c *call) undecided(ctx context.Context, id pawl.RunID, b *view.Blocker, what outcome) (any, error) {
	a, err := c.run(ctx, id, false)
	if err != nil {
		return nil, err
	}
	return decideAnswer{what, c.commands(b), a}, nil
}

// decideItself takes the agent's own decision.
func (c *call) decideItself(ctx context.Context, in decideRun) (any, error) {
	d := pawl.Decision{Key: in.Key, What: pawl.DecisionKind(in.What), Digest: in.Digest, Value: c.free["value"], Reason: in.Reason, Budget: in.Budget.budget(),
		Comment: strings.TrimSpace(in.Comment + " (decided by the agent of mcp: " + c.client + ")")}
	switch {
	case d.What == pawl.DecideRaise && d.Budget == nil:
		return nil, badArgument("budget", "is missing: a raise sets limits")
	case d.What != pawl.DecideRaise && d.Digest == "":
		return nil, badArgument("digest", "is missing: it is that of the blocker as inbox_get shows it")
	case len(d.Value) == 0 && (d.What == pawl.DecideAnswer || d.What == pawl.DecideSupply):
		return nil, badArgument("value", "is missing")
	}
	return c.decide(ctx, in.Run, d)
}

// decide makes a decision in the name of who sends the request.
func (c *call) decide(ctx context.Context, id pawl.RunID, d pawl.Decision) (any, error) {
	d.Who, d.Trace = c.actor.Name, c.trace()
	if d.What == pawl.DecideRaise { // which is of the run, and checked by the engine
		d.Key = ""
	} else {
		b, err := c.view.Blocker(ctx, id, d)
		if err == nil {
			err = b.Check(d.Value)
		}
		if err != nil {
			return nil, c.tooLate(ctx, id, d.Key, err)
		}
	}
	if err := c.o.Engine.Decide(ctx, id, d); err != nil {
		return nil, c.tooLate(ctx, id, d.Key, c.view.Error(ctx, id, err))
	}
	a, err := c.run(ctx, id, false)
	if err != nil {
		return nil, err
	}
	return decideAnswer{outcomeDecided, []string{}, a}, nil
}

// tooLate adds to why a decision is refused what was decided instead.
func (c *call) tooLate(ctx context.Context, id pawl.RunID, key pawl.Key, err error) error {
	f := faultOf(err).in("value")
	if !errors.Is(err, pawl.ErrConflict) && !errors.Is(err, pawl.ErrNotFound) {
		return f
	}
	rec, err := c.view.Run(ctx, id)
	if err != nil {
		return f
	}
	for i := len(rec.Decisions) - 1; i >= 0 && f.Decided == nil; i-- {
		if rec.Decisions[i].Key == key {
			f.Decided = &rec.Decisions[i]
		}
	}
	if f.Decided != nil {
		f.Hint = fmt.Sprintf("%s has said %s", f.Decided.Who, f.Decided.What)
	}
	return f
}
