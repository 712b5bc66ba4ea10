package server

import (
	"context"
	"net/http"

	"github.com/pawlrun/pawl"
)

type listEvents struct {
	InRun
	After pawl.Seq `query:"after" minimum:"0" doc:"Only events behind the one of this number."`
	Limit int      `query:"limit" minimum:"1" maximum:"1000" default:"200" doc:"At most this many."`
}

func (s *Server) eventRoutes() {
	route(s, operation(http.MethodGet, "/runs/{run}/events", "list-events", "List what happened in a run"), RoleViewer,
		func(ctx context.Context, in *listEvents) (*body[[]pawl.Event], error) {
			events, err := s.view.Events(ctx, in.Run, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			return bodyOf(events), nil
		})
}
