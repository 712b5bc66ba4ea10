package server

import (
	"context"
	"net/http"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

func (s *Server) stepRoutes() {
	route(s, operation(http.MethodGet, "/runs/{run}/steps", "list-steps", "List the steps of a run"), RoleViewer,
		func(ctx context.Context, in *InRun) (*body[[]pawl.StepRecord], error) {
			rec, err := s.view.Run(ctx, in.Run)
			if err != nil {
				return nil, err
			}
			return bodyOf(rec.Steps), nil
		})
	route(s, operation(http.MethodGet, "/runs/{run}/steps/{key}", "get-step", "Get a step whole: each request as it was sent, and each answer"), RoleViewer,
		func(ctx context.Context, in *InStep) (*body[view.Step], error) {
			step, err := s.view.Step(ctx, in.Run, in.Key)
			if err != nil {
				return nil, err
			}
			return bodyOf(step), nil
		})
}
