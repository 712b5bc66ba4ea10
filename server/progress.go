package server

import (
	"context"
	"net/http"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/shape"
	"github.com/pawlrun/pawl/internal/view"
)

type getProgress struct {
	InRun
	Since pawl.Seq `query:"since" minimum:"0" doc:"Only the steps that have changed since the event of this number; 0: all."`
}

// progressRoutes are for pages that show a run while it goes on.
func (s *Server) progressRoutes() {
	route(s, operation(http.MethodGet, "/runs/{run}/progress", "get-progress", "Get how far a run has come: its record, and in short the steps that have changed since one looked"), RoleViewer,
		func(ctx context.Context, in *getProgress) (*body[view.Progress], error) {
			p, err := s.view.Progress(ctx, in.Run, in.Since)
			if err != nil {
				return nil, err
			}
			return bodyOf(p), nil
		})
	route(s, operation(http.MethodGet, "/runs/{run}/shape", "get-run-shape", "Get the shape of a run's flow with its steps counted in it"), RoleViewer,
		func(ctx context.Context, in *InRun) (*body[*shape.Shape], error) {
			rec, err := s.view.Run(ctx, in.Run)
			if err != nil {
				return nil, err
			}
			return bodyOf(s.shapeOf(rec)), nil
		})
}

// shapeOf is the shape of a run: of its flow where this program has it, else of what happened.
func (s *Server) shapeOf(rec pawl.RunRecord) *shape.Shape {
	f := s.view.Flow(rec.Flow)
	if f == nil {
		return shape.OfRun(rec)
	}
	return view.Shape(f, s.o.Flows, &rec)
}
