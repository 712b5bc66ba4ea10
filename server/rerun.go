package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pawlrun/pawl"
)

type rerunRun struct {
	InRun
	Idempotency string `header:"Idempotency-Key" maxLength:"200" doc:"As for a start."`
	Body        *rerunBody
}

type rerunBody struct {
	Input json.RawMessage `json:"input,omitempty" doc:"Another input; absent: that of the run."`
	Patch json.RawMessage `json:"input_patch,omitempty" doc:"What of the input is to be another one, as a JSON merge patch (RFC 7396)."`
	From  pawl.Key        `json:"from,omitempty" maxLength:"4096" doc:"Execute this step anew; what was before it stays as it was."`
	Setup
	NoBudget bool `json:"no_budget,omitempty" doc:"Have no limit; without it and without a limit those of the run hold."`
}

type forkRun struct {
	InRun
	Idempotency string `header:"Idempotency-Key" maxLength:"200" doc:"As for a start."`
	Body        forkBody
}

type forkBody struct {
	At     pawl.Key        `json:"at" minLength:"1" maxLength:"4096" doc:"The step from which on it goes another way."`
	Result json.RawMessage `json:"result,omitempty" doc:"What the step comes to; absent: it is executed anew."`
	Setup
	NoBudget bool `json:"no_budget,omitempty" doc:"Have no limit; without it and without a limit those of the run hold."`
}

func (s *Server) rerunRoutes() {
	rerun := operation(http.MethodPost, "/runs/{run}/rerun", "rerun-run", "Run again, for the price of what has changed")
	rerun.DefaultStatus = http.StatusCreated
	route(s, rerun, RoleOperator, func(ctx context.Context, in *rerunRun) (*started, error) {
		b, err := s.rerunOf(ctx, in)
		if err != nil {
			return nil, err
		}
		return s.start(ctx, in.Idempotency, b.flow, b.input, b.options)
	})
	route(s, planning("/rerun/plan", "plan-rerun", "Say what a rerun would take over and what execute, and do nothing"), RoleViewer,
		func(ctx context.Context, in *rerunRun) (*body[[]pawl.PlannedStep], error) {
			b, err := s.rerunOf(ctx, in)
			if err != nil {
				return nil, err
			}
			return s.plan(ctx, b)
		})
	fork := operation(http.MethodPost, "/runs/{run}/fork", "fork-run", "Go another way from the middle of a run")
	fork.DefaultStatus = http.StatusCreated
	route(s, fork, RoleOperator, func(ctx context.Context, in *forkRun) (*started, error) {
		b, err := s.forkOf(ctx, in)
		if err != nil {
			return nil, err
		}
		return s.start(ctx, in.Idempotency, b.flow, b.input, b.options)
	})
	route(s, planning("/fork/plan", "plan-fork", "Say what a fork would take over and what execute, and do nothing"), RoleViewer,
		func(ctx context.Context, in *forkRun) (*body[[]pawl.PlannedStep], error) {
			b, err := s.forkOf(ctx, in)
			if err != nil {
				return nil, err
			}
			return s.plan(ctx, b)
		})
}

// planning is an operation that says what would be done.
func planning(path, id, summary string) huma.Operation {
	op := operation(http.MethodPost, "/runs/{run}"+path, id, summary)
	op.Description = "Another input, result or prompt is for the role operator: what is reused then says whether it is the value that is hidden."
	return op
}

// based is a run that is to be started with another one as its base.
type based struct {
	flow    pawl.Flow
	input   json.RawMessage // none: that of the base
	options *pawl.StartOptions
}

func (s *Server) rerunOf(ctx context.Context, in *rerunRun) (based, error) {
	if in.Body == nil {
		in.Body = &rerunBody{}
	}
	if err := checkGuess(ctx, len(in.Body.Input)+len(in.Body.Patch)+len(in.Body.Prompts) > 0); err != nil {
		return based{}, err
	}
	b, rec, err := s.basedOn(ctx, in.Run, in.Body.Setup, in.Body.NoBudget)
	if err != nil {
		return b, err
	}
	if err := s.view.CheckInput(rec, in.Body.Input); err != nil {
		return b, newProblem(err).in("body.input")
	}
	b.options.Base.At = in.Body.From
	if b.input = in.Body.Input; len(in.Body.Patch) > 0 {
		if len(b.input) == 0 {
			b.input = rec.Input
		}
		if b.input, err = mergePatch(b.input, in.Body.Patch); err != nil {
			return b, err
		}
		if err := s.view.CheckInput(rec, b.input); err != nil {
			return b, newProblem(err).in("body.input_patch")
		}
	}
	return b, nil
}

func (s *Server) forkOf(ctx context.Context, in *forkRun) (based, error) {
	if err := checkGuess(ctx, len(in.Body.Result)+len(in.Body.Prompts) > 0); err != nil {
		return based{}, err
	}
	b, rec, err := s.basedOn(ctx, in.Run, in.Body.Setup, in.Body.NoBudget)
	if err != nil {
		return b, err
	}
	if err := s.view.CheckResult(rec, in.Body.At, in.Body.Result); err != nil {
		return b, newProblem(err).in("body.result")
	}
	b.options.Base.At, b.options.Base.Result = in.Body.At, in.Body.Result
	return b, nil
}

// checkGuess refuses values of one's own to who may only look: that a step would be reused
// with them says that a hidden one is the same.
func checkGuess(ctx context.Context, given bool) error {
	if a := ActorOf(ctx); given && !a.may(RoleOperator) {
		return forbidden("%s may not give another input, result or prompt: it has the role %s, and this needs %s", a.Name, a.Role, RoleOperator)
	}
	return nil
}

// checkPrompts refuses prompts of one's own to who may only start runs: a model would tell
// them what a step was given and they may not see.
func checkPrompts(ctx context.Context, prompts []replacementPrompt) error {
	if a := ActorOf(ctx); len(prompts) > 0 && !a.may(RoleOperator) {
		return forbidden("%s may not give prompts of their own: it has the role %s, and this needs %s", a.Name, a.Role, RoleOperator)
	}
	return nil
}

// basedOn begins a run with a base, and returns the base's record as it is recorded.
func (s *Server) basedOn(ctx context.Context, id pawl.RunID, u Setup, free bool) (b based, rec pawl.RunRecord, err error) {
	if rec, err = s.o.Engine.Get(ctx, id); err != nil {
		return b, rec, err
	}
	if b.flow = s.view.Flow(rec.Flow); b.flow == nil {
		return b, rec, &pawl.Error{Kind: pawl.ErrInput, Run: id, Message: fmt.Sprintf("run %s is of flow %q, which this program does not have", id, rec.Flow)}
	}
	if b.flow, err = prompted(b.flow, u.Prompts); err != nil {
		return b, rec, err
	}
	b.options = u.start(ActorOf(ctx).Name)
	b.options.Base = &pawl.Base{Run: id}
	if free {
		if u.Budget != nil {
			return b, rec, badParameter("body.no_budget", "and limits say two things; give one of them")
		}
		b.options.Budget = &pawl.Budget{}
	}
	return b, rec, nil
}

// plan answers with what is expected of each step.
func (s *Server) plan(ctx context.Context, b based) (*body[[]pawl.PlannedStep], error) {
	e, ok := s.o.Engine.(interface {
		Plan(context.Context, pawl.Flow, json.RawMessage, *pawl.StartOptions) ([]pawl.PlannedStep, error)
	})
	if !ok {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Message: "the engine of this program does not plan a run"}
	}
	steps, err := e.Plan(ctx, b.flow, b.input, b.options)
	if err != nil {
		return nil, s.unplanned(ctx, b, err)
	}
	steps, err = s.view.Planned(ctx, b.flow, b.input, b.options.Base.Run, steps)
	if err != nil {
		return nil, err
	}
	return bodyOf(append([]pawl.PlannedStep{}, steps...)), nil
}

// unplanned is why there is no plan. That the flow fails on the way is an answer, and no
// defect of the server.
func (s *Server) unplanned(ctx context.Context, b based, err error) *Problem {
	p := newProblem(s.view.Error(ctx, b.options.Base.Run, err)).in("body.input")
	if p.Kind == pawl.ErrFlow || p.Kind == pawl.ErrStep {
		p.Status, p.Title = http.StatusUnprocessableEntity, http.StatusText(http.StatusUnprocessableEntity)
	}
	return p
}

// mergePatch applies a JSON merge patch, RFC 7396, to a document. Numbers stay as they are
// written.
func mergePatch(doc, patch json.RawMessage) (json.RawMessage, error) {
	change, err := decodeTree(patch)
	if err != nil {
		return nil, err
	}
	target, err := decodeTree(doc)
	if err != nil {
		return nil, err
	}
	return json.Marshal(merge(target, change))
}

// merge merges decoded documents, so that each byte of a patch is read once, however deep it
// stands.
func merge(target, patch any) any {
	change, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	members, ok := target.(map[string]any)
	if !ok {
		members = map[string]any{}
	}
	for name, value := range change {
		if value == nil {
			delete(members, name)
			continue
		}
		members[name] = merge(members[name], value)
	}
	return members
}

func decodeTree(raw json.RawMessage) (tree any, err error) {
	if len(raw) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&tree)
	return tree, err
}
