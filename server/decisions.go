package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

type decide struct {
	InRun
	Body decision
}

// decision is pawl.Decision as a request says it.
type decision struct {
	Key     pawl.Key          `json:"key,omitempty" maxLength:"4096" doc:"The step's; empty: the flow itself stands still, or a budget is raised."`
	What    pawl.DecisionKind `json:"what" enum:"approve,reject,answer,retry,supply,raise,continue,skip" doc:"One of the blocker's actions."`
	Digest  string            `json:"digest,omitempty" doc:"The blocker's, of what was shown. It is wanted but for a raise of the run's own budget."`
	Value   json.RawMessage   `json:"value,omitempty" doc:"Of an approval the proposal as edited, absent: as it is; of an answer or a supply the value."`
	Reason  string            `json:"reason,omitempty" doc:"Of a rejection: one of the blocker's reasons."`
	Comment string            `json:"comment,omitempty" doc:"Why; it is kept with the decision."`
	Budget  *Limits           `json:"budget,omitempty" doc:"Of a raise: the limits that it sets."`
}

func (s *Server) decisionRoutes() {
	op := operation(http.MethodPost, "/runs/{run}/decisions", "decide", "Decide on an open blocker")
	op.Description = "It counts once, for what was shown: with another digest, or after somebody else, it is refused with 409, and decided says who decided what and when. Who decides is the name of the token. A token for one question is told of the run no more than where it stands."
	route(s, op, RoleBlocker, func(ctx context.Context, in *decide) (*body[pawl.RunRecord], error) {
		d := pawl.Decision{Key: in.Body.Key, What: in.Body.What, Digest: in.Body.Digest, Value: in.Body.Value, Reason: in.Body.Reason, Comment: in.Body.Comment, Budget: in.Body.Budget.budget()}
		return s.decide(ctx, in.Run, d)
	})
}

// decide makes a decision in the name of who sends the request.
func (s *Server) decide(ctx context.Context, id pawl.RunID, d pawl.Decision) (*body[pawl.RunRecord], error) {
	actor := ActorOf(ctx)
	d.Who = actor.Name
	switch {
	case actor.Role == RoleBlocker && (d.Key != actor.Key || id != actor.Run || d.What == pawl.DecideRaise):
		return nil, forbidden("this token decides on step %q of run %s alone", actor.Key, actor.Run)
	case d.What == pawl.DecideRaise && d.Budget == nil:
		return nil, badParameter("body.budget", "is missing: a raise sets limits")
	case d.What != pawl.DecideRaise && d.Digest == "":
		return nil, badParameter("body.digest", "is missing: it is that of the blocker as it was shown")
	}
	if err := s.checkDecision(ctx, id, d); err != nil {
		return nil, s.refusedDecision(ctx, id, d, err)
	}
	if err := s.o.Engine.Decide(ctx, id, d); err != nil {
		return nil, s.refusedDecision(ctx, id, d, s.view.Error(ctx, id, err))
	}
	out, err := s.recordOf(ctx, id)
	if err != nil {
		return nil, err
	}
	out.Body = actor.shown(out.Body)
	return out, nil
}

// checkDecision refuses a decision that is not to be taken as it stands. One on the flow
// itself, and a raise, are the engine's to check.
func (s *Server) checkDecision(ctx context.Context, id pawl.RunID, d pawl.Decision) error {
	if d.Key == "" || d.What == pawl.DecideRaise {
		_, err := s.view.Run(ctx, id)
		return err
	}
	b, err := s.view.Blocker(ctx, id, d)
	if err != nil {
		return err
	}
	if len(d.Value) == 0 && (d.What == pawl.DecideAnswer || d.What == pawl.DecideSupply) {
		return badParameter("body.value", "is missing")
	}
	return b.Check(d.Value)
}

// refusedDecision adds to why a decision is refused what was decided instead.
func (s *Server) refusedDecision(ctx context.Context, id pawl.RunID, d pawl.Decision, err error) *Problem {
	var r *view.Refusal
	if errors.As(err, &r) {
		err = r.Err
	}
	p := newProblem(err).in("body.value")
	if p.Status == http.StatusConflict {
		if rec, err := s.view.Run(ctx, id); err == nil {
			p.Decided = lastDecision(rec, func(made pawl.Decision) bool {
				return made.Key == d.Key || d.Key == "" && d.What == pawl.DecideRaise && made.What == d.What
			})
		}
	}
	return p
}

// recordOf answers with a run as it stands.
func (s *Server) recordOf(ctx context.Context, id pawl.RunID) (*body[pawl.RunRecord], error) {
	rec, err := s.view.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	return bodyOf(rec), nil
}
