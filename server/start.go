package server

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/pawlrun/pawl"
)

type startRun struct {
	Idempotency string `header:"Idempotency-Key" maxLength:"200" doc:"A text of the caller's own. The same again, with the same body, is the same run; with another body it is refused."`
	Body        startBody
}

type startBody struct {
	Flow  string          `json:"flow" doc:"The flow's name."`
	Input json.RawMessage `json:"input" doc:"Its input; what it must be says the flow's schema."`
	Setup
}

// started is a run that was started, or was there.
type started struct {
	Status   int
	Location string `header:"Location"`
	Body     pawl.RunRecord
}

func (s *Server) startRoutes() {
	op := operation(http.MethodPost, "/runs", "start-run", "Start a run")
	op.Description = "It is answered when the run is durable; the run goes on by itself. 200 says that the run was there already, begun with the same Idempotency-Key."
	op.DefaultStatus = http.StatusCreated
	route(s, op, RoleStarter, func(ctx context.Context, in *startRun) (*started, error) {
		f := s.view.Flow(in.Body.Flow)
		if f == nil {
			return nil, badParameter("body.flow", "names no flow of this program; "+prefix+"/flows lists them")
		}
		if err := checkPrompts(ctx, in.Body.Prompts); err != nil {
			return nil, err
		}
		f, err := prompted(f, in.Body.Prompts)
		if err != nil {
			return nil, err
		}
		return s.start(ctx, in.Idempotency, f, in.Body.Input, in.Body.start(ActorOf(ctx).Name))
	})
}

// start starts a run, once for each idempotency key of its caller.
func (s *Server) start(ctx context.Context, idempotency string, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) (*started, error) {
	out := &started{Status: http.StatusCreated}
	if idempotency != "" {
		o.ID = runIDOf(ctx, idempotency)
	}
	id, again, err := s.view.Start(ctx, f, input, o)
	if err != nil {
		return nil, s.refusedStart(ctx, o, err)
	}
	if again {
		out.Status = http.StatusOK
	}
	out.Location = prefix + "/runs/" + string(id)
	out.Body, err = s.view.Run(ctx, id)
	return out, err
}

// refusedStart is why a run was not started, with paths into the request.
func (s *Server) refusedStart(ctx context.Context, o *pawl.StartOptions, err error) error {
	if o.Base != nil {
		err = s.view.Error(ctx, o.Base.Run, err)
	}
	p := newProblem(err)
	if o.ID != "" && p.Kind == pawl.ErrConflict {
		p.Detail = "this Idempotency-Key was used with another body: " + p.Detail
	}
	return p.in("body.input")
}

// runIDOf is the id of the run that an idempotency key of who sends the request stands for.
func runIDOf(ctx context.Context, idempotency string) pawl.RunID {
	return pawl.RunIDOf("http", ActorOf(ctx).Name, idempotency)
}
