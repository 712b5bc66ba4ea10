package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

type listRuns struct {
	Flow     string        `query:"flow" doc:"Only runs of this flow."`
	Status   []pawl.Status `query:"status" enum:"queued,running,waiting,pausing,paused,canceling,canceled,failed,done" doc:"Only runs that stand at one of these, with commas between."`
	Since    string        `query:"since" doc:"Only runs made since: an age as in 90m, 12h or 2d, a date, or a time of RFC 3339. Dates are in UTC."`
	Search   string        `query:"search" maxLength:"1000" doc:"Only runs with this text in id, model, input or reason, in whatever case. Of an input the first 1000 bytes are searched."`
	Base     pawl.RunID    `query:"base" doc:"Only reruns and forks of this run."`
	Programs bool          `query:"all_programs" doc:"Also runs that other programs have started in the same place."`
	Limit    int           `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"At most this many."`
	Cursor   pawl.RunID    `query:"cursor" maxLength:"64" doc:"Where the part begins: as in the Link header of the one before."`
}

type listedRuns struct {
	Link string `header:"Link" doc:"The address of the next part, with rel=next; absent: there is none."`
	Body []view.Listed
}

func (s *Server) runRoutes() {
	list := operation(http.MethodGet, "/runs", "list-runs", "List runs, the newest first")
	list.Description = "Runs that are made while a list is read in parts move none of it."
	route(s, list, RoleViewer, s.listRuns)
	route(s, operation(http.MethodGet, "/runs/{run}", "get-run", "Get all there is to know about a run"), RoleViewer,
		func(ctx context.Context, in *InRun) (*body[pawl.RunRecord], error) {
			rec, err := s.view.Run(ctx, in.Run)
			if err != nil {
				return nil, err
			}
			return bodyOf(rec), nil
		})
	remove := operation(http.MethodDelete, "/runs/{run}", "remove-run", "Remove a run for good")
	remove.DefaultStatus = http.StatusNoContent
	route(s, remove, RoleOperator, func(ctx context.Context, in *InRun) (*struct{}, error) {
		return nil, s.view.Remove(ctx, in.Run)
	})
}

func (s *Server) listRuns(ctx context.Context, in *listRuns) (*listedRuns, error) {
	sel := view.Selection{RunFilter: pawl.RunFilter{Flow: in.Flow, Base: in.Base, Limit: in.Limit, Program: s.listed(in.Programs), After: in.Cursor, Statuses: in.Status, Text: in.Search}}
	if in.Since != "" && !sel.SetSince(in.Since, time.Now(), time.UTC) {
		return nil, badParameter("query.since", "wants an age as in 90m, 12h or 2d, a date as in 2026-01-31, or a time as in 2026-01-31T12:00:00Z")
	}
	list, next, err := s.view.Part(ctx, sel)
	if err == nil {
		err = s.view.AddUsage(ctx, list)
	}
	if err != nil {
		return nil, err
	}
	out := &listedRuns{Body: list}
	if next != "" {
		q := url.Values{"cursor": {string(next)}, "limit": {strconv.Itoa(in.Limit)}}
		for name, value := range map[string]string{"flow": in.Flow, "since": since(sel.Since), "search": in.Search, "base": string(in.Base), "status": join(in.Status)} {
			if value != "" {
				q.Set(name, value)
			}
		}
		if in.Programs {
			q.Set("all_programs", "true")
		}
		out.Link = fmt.Sprintf("<%s/runs?%s>; rel=\"next\"", prefix, q.Encode())
	}
	return out, nil
}

// since is a point in time for the next part: an age would be another one by then.
func since(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// listed is the program whose runs are listed; empty: all.
func (s *Server) listed(all bool) string {
	if all {
		return ""
	}
	return s.o.Program
}

func join(statuses []pawl.Status) (all string) {
	for i, one := range statuses {
		if i > 0 {
			all += ","
		}
		all += string(one)
	}
	return all
}

// badParameter refuses a part of a request.
func badParameter(path, message string) *Problem {
	p := newProblem(&pawl.Error{Kind: pawl.ErrInput, Message: path + " " + message})
	p.Errors = []Fault{{path, message}}
	return p
}
