package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

type diffRuns struct {
	InRun
	With pawl.RunID `query:"with" maxLength:"64" doc:"The run that it is compared with, the earlier one; absent: its base."`
	Step pawl.Key   `query:"step" maxLength:"4096" doc:"Only this step, and with it what was asked first."`
}

type listRevisions struct {
	InRun
	Steps []pawl.Key `query:"steps,explode" doc:"The steps whose results came one after another; their repeats count too. May be repeated. Absent: those of one scope that wrote something of the same form most often."`
}

func (s *Server) compareRoutes() {
	route(s, operation(http.MethodGet, "/runs/{run}/diff", "diff-runs", "Compare a run with its base, or with another one, step by step"), RoleViewer,
		func(ctx context.Context, in *diffRuns) (*body[view.Comparison], error) {
			c, err := s.compare(ctx, in)
			if err != nil {
				return nil, err
			}
			return bodyOf(c), nil
		})
	route(s, operation(http.MethodGet, "/runs/{run}/revisions", "list-revisions", "List what each revision of something in a run has changed"), RoleViewer,
		func(ctx context.Context, in *listRevisions) (*body[view.Revisions], error) {
			r, err := s.view.Revisions(ctx, in.Run, in.Steps)
			if err != nil {
				return nil, err
			}
			return bodyOf(r), nil
		})
}

func (s *Server) compare(ctx context.Context, in *diffRuns) (view.Comparison, error) {
	if in.With == "" {
		rec, err := s.view.Run(ctx, in.Run)
		if err != nil {
			return view.Comparison{}, err
		}
		if rec.Base == nil {
			return view.Comparison{}, badParameter("query.with", fmt.Sprintf("is missing: run %s has no base to be compared with", in.Run))
		}
		in.With = *rec.Base
	}
	if in.Step != "" {
		return s.view.DiffStep(ctx, in.With, in.Run, in.Step)
	}
	return s.view.Diff(ctx, in.With, in.Run)
}
