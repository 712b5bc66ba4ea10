package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pawlrun/pawl"
)

type resumeRun struct {
	InRun
	Body *resumeBody
}

type resumeBody struct {
	Model    string              `json:"model,omitempty" doc:"provider/model for what is still to be asked; empty: unchanged."`
	Fallback []string            `json:"fallback,omitempty" nullable:"false" doc:"Models for it that are asked where the ones before cannot answer; none: unchanged."`
	Prompts  []replacementPrompt `json:"prompts,omitempty" nullable:"false" doc:"Prompts for it, in the place of the flow's own; none: unchanged."`
	Take     bool                `json:"take,omitempty" doc:"Take the run from the process that holds it, which can then no longer write."`
}

type cancelRun struct {
	InRun
	Body *struct {
		Reason string `json:"reason,omitempty" doc:"Why; it is kept."`
	}
}

type guideRun struct {
	InRun
	Body struct {
		Text string `json:"text" minLength:"1" doc:"What later asks of the run are to carry."`
	}
}

type raiseRun struct {
	InRun
	Body struct {
		Limits
		Digest  string `json:"digest,omitempty" doc:"Of the budget blocker as it was shown. Wanted where the run stands at a limit on many runs: the limits are then what it may take beyond that. Without it they are those of its own budget, and refused there."`
		Comment string `json:"comment,omitempty" doc:"Why; it is kept with the decision."`
	}
}

// steering is an operation that asks something of a run, which may not have taken effect
// when it is answered.
func steering(path, id, summary string) huma.Operation {
	op := operation(http.MethodPost, "/runs/{run}"+path, id, summary)
	op.Description = "It is answered when that is recorded, which is before it has taken effect; the status says pausing or canceling so long."
	op.DefaultStatus = http.StatusAccepted
	return op
}

func (s *Server) steerRoutes() {
	route(s, steering("/pause", "pause-run", "Have a run begin nothing more until it is resumed"), RoleOperator,
		func(ctx context.Context, in *InRun) (*body[pawl.RunRecord], error) {
			return s.direct(ctx, in.Run, pawl.Directive{What: pawl.DirectPause})
		})
	route(s, steering("/resume", "resume-run", "Go on with a run after a pause, a crash or a failure"), RoleOperator,
		func(ctx context.Context, in *resumeRun) (*body[pawl.RunRecord], error) {
			d := pawl.Directive{What: pawl.DirectResume}
			if b := in.Body; b != nil {
				d.Model, d.Fallback, d.Prompts, d.Take = b.Model, b.Fallback, promptFiles(b.Prompts), b.Take
			}
			return s.direct(ctx, in.Run, d)
		})
	route(s, steering("/cancel", "cancel-run", "End a run for good, without a result"), RoleOperator,
		func(ctx context.Context, in *cancelRun) (*body[pawl.RunRecord], error) {
			d := pawl.Directive{What: pawl.DirectCancel}
			if in.Body != nil {
				d.Text = in.Body.Reason
			}
			return s.direct(ctx, in.Run, d)
		})
	route(s, operation(http.MethodPost, "/runs/{run}/guidance", "guide-run", "Give a run an instruction that later asks carry"), RoleOperator,
		func(ctx context.Context, in *guideRun) (*body[pawl.RunRecord], error) {
			return s.direct(ctx, in.Run, pawl.Directive{What: pawl.DirectGuide, Text: in.Body.Text})
		})
	route(s, operation(http.MethodPost, "/runs/{run}/raise", "raise-budget", "Set limits of a run's budget anew"), RoleOperator,
		func(ctx context.Context, in *raiseRun) (*body[pawl.RunRecord], error) {
			b := in.Body.Limits
			if b == (Limits{}) {
				return nil, badParameter("body", "names no limit; it wants usd, tokens or calls")
			}
			return s.decide(ctx, in.Run, pawl.Decision{What: pawl.DecideRaise, Digest: in.Body.Digest, Comment: in.Body.Comment, Budget: b.budget()})
		})
}

// direct steers a run in the name of who sends the request.
func (s *Server) direct(ctx context.Context, id pawl.RunID, d pawl.Directive) (*body[pawl.RunRecord], error) {
	d.Who = ActorOf(ctx).Name
	if err := s.o.Engine.Direct(ctx, id, d); err != nil {
		return nil, s.view.Error(ctx, id, err)
	}
	return s.recordOf(ctx, id)
}
