package server

import (
	"context"
	"net/http"

	"github.com/pawlrun/pawl"
)

// me is who sends a request, and what they may do.
type me struct {
	Name string      `json:"name"` // that is recorded with what they do
	Role Role        `json:"role"` // viewer, starter, operator or blocker
	Run  *pawl.RunID `json:"run"`  // of the role blocker: the run that they may decide on; null: of others
	Step *pawl.Key   `json:"step"` // of the role blocker: the step of it; null: of others
	Demo bool        `json:"demo"` // whether they may have demonstration runs made

	Model    string   `json:"model"`     // that runs ask whose start names none; empty: not known
	StandIns []string `json:"stand_ins"` // providers of models whose answers are made up, as in offline
}

func (s *Server) meRoutes() {
	op := operation(http.MethodGet, "/me", "get-me", "Say who you are, and what you may do")
	op.Description = "A viewer looks at everything, a starter also starts runs, an operator also decides and steers, and a blocker sees one question and decides on it."
	route(s, op, roleKnown, func(ctx context.Context, _ *struct{}) (*body[me], error) {
		a := ActorOf(ctx)
		m := me{Name: a.Name, Role: a.Role, Demo: s.o.Demo != nil && a.may(RoleOperator), Model: s.o.Model, StandIns: append([]string{}, s.o.StandIns...)}
		if a.Role == RoleBlocker {
			m.Run, m.Step = &a.Run, &a.Key
		}
		return bodyOf(m), nil
	})
}
