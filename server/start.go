package server

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
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
	route(s, op, RoleOperator, func(ctx context.Context, in *startRun) (*started, error) {
		f := s.view.Flow(in.Body.Flow)
		if f == nil {
			return nil, badParameter("body.flow", "names no flow of this program; "+prefix+"/flows lists them")
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
		defer s.starts.lock(string(o.ID))()
		there, err := s.isThere(ctx, o.ID)
		if err != nil {
			return nil, err
		}
		if there {
			out.Status = http.StatusOK
		}
	}
	id, err := s.o.Engine.Start(ctx, f, input, o)
	if err != nil {
		return nil, s.refusedStart(ctx, o, err)
	}
	if out.Status == http.StatusOK {
		if err := s.checkSame(ctx, id, f, o); err != nil {
			return nil, err
		}
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

func (s *Server) isThere(ctx context.Context, id pawl.RunID) (bool, error) {
	rows, err := s.o.Journal.Runs(ctx, pawl.RunFilter{Prefix: id, Limit: 1})
	return len(rows) > 0, err
}

// checkSame refuses a run that was begun with other choices than these. Flow, input and
// base the engine has compared.
func (s *Server) checkSame(ctx context.Context, id pawl.RunID, f pawl.Flow, o *pawl.StartOptions) error {
	events, err := s.o.Journal.Read(ctx, id, 0, 1)
	if err != nil {
		return err
	}
	was, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		return err
	}
	based := o.Base != nil // what is not chosen then is the base's
	model := was.Forced == (o.Model != "") && (o.Model == "" || was.Model == o.Model) || based && o.Model == ""
	fallback := slices.Equal(was.Fallback, o.Fallback) || based && len(o.Fallback) == 0
	budget := reflect.DeepEqual(was.Budget, o.Budget) || based && o.Budget == nil
	if model && fallback && budget && hasPrompts(was.Prompts, f, based) && was.Schedule == o.Schedule && was.Step == o.Step && slices.Equal(was.Break, o.Break) {
		return nil
	}
	return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: "this Idempotency-Key was used with another body: run " + string(id) + " was begun with another model, budget, prompts or breakpoints, or by a schedule"}
}

// hasPrompts reports whether a run was begun with the prompts that a flow has in the place
// of its own; with a base also with those of the base.
func hasPrompts(was []pawl.Replaced, f pawl.Flow, based bool) bool {
	var given []pawl.PromptFile
	if with, ok := f.(interface{ Replaced() []pawl.PromptFile }); ok {
		given = with.Replaced()
	}
	for _, p := range given {
		digest := journal.Digest([]byte(p.Text))
		if !slices.ContainsFunc(was, func(r pawl.Replaced) bool { return r.Name == p.Name && r.Digest == digest }) {
			return false
		}
	}
	return based || len(was) == len(given)
}

// keyed is a lock for each key that somebody holds or waits for.
type keyed struct {
	mu   sync.Mutex
	held map[string]*keyedLock
}

type keyedLock struct {
	sync.Mutex
	waiting int
}

// lock locks a key and returns what unlocks it.
func (k *keyed) lock(key string) (unlock func()) {
	k.mu.Lock()
	if k.held == nil {
		k.held = map[string]*keyedLock{}
	}
	l := k.held[key]
	if l == nil {
		l = &keyedLock{}
		k.held[key] = l
	}
	l.waiting++
	k.mu.Unlock()
	l.Lock()
	return func() {
		l.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.waiting--; l.waiting == 0 {
			delete(k.held, key)
		}
	}
}
