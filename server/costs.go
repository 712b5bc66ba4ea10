package server

import (
	"context"
	"net/http"
	"time"

	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/internal/view"
)

type askCosts struct {
	By    cost.By `query:"by" enum:"flow,model,day" default:"flow" doc:"What each sum is of."`
	Since string  `query:"since" maxLength:"64" doc:"Only calls that ended since: an age as in 90m, 12h or 7d, a date in the zone, or a time of RFC 3339. By day it goes back to where its day begins, otherwise to where its quarter of an hour does."`
	Flow  string  `query:"flow" maxLength:"64" doc:"Only calls of runs of this flow; empty: of all."`
	Zone  string  `query:"tz" maxLength:"64" doc:"The time zone whose days count, as in Europe/Berlin; empty: UTC."`
}

func (s *Server) costRoutes() {
	op := operation(http.MethodGet, "/costs", "get-costs", "Add up what calls of models have cost, by flow, model or day")
	op.Description = "Calls count when they have ended. What a run takes over from another counts once, where it was paid; imported runs do not count; what a run has cost stays spent when it is removed."
	route(s, op, RoleViewer, func(ctx context.Context, in *askCosts) (*body[cost.Report], error) {
		q := cost.Query{By: in.By, Flow: in.Flow, Zone: in.Zone}
		if err := q.Check(); err != nil {
			return nil, badParameter("query.tz", "is not known; it wants a time zone as in Europe/Berlin, or UTC")
		}
		var sel view.Selection
		if in.Since != "" && !sel.SetSince(in.Since, time.Now(), q.Location()) {
			return nil, badParameter("query.since", "wants an age as in 90m, 12h or 7d, a date as in 2026-01-31, or a time as in 2026-01-31T12:00:00Z")
		}
		q.Since = sel.Since
		r, err := s.view.Costs(ctx, q)
		return bodyOf(r), err
	})
}
