package server

import (
	"context"
	"net/http"

	"github.com/pawlrun/pawl"
)

// demos are the demonstration runs of a program.
type demos struct {
	Runs []pawl.RunID `json:"runs"` // all of them, those that were there too
}

func (s *Server) demoRoutes() {
	op := operation(http.MethodPost, "/demo", "make-demo", "Make the demonstration runs of the program")
	op.Description = "A stand-in answers in them, so that they cost nothing; limits of calls and tokens count them. A program that tells somebody when runs come to rest has none. Those that are there already are left alone. A program without any answers 404; /me says so before."
	route(s, op, RoleOperator, func(ctx context.Context, _ *struct{}) (*body[demos], error) {
		if s.o.Demo == nil {
			return nil, &pawl.Error{Kind: pawl.ErrNotFound, Message: "this program has no demonstration runs"}
		}
		ids, err := s.o.Demo(ctx)
		return bodyOf(demos{ids}), err
	})
}
