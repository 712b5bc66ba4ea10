package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/limit"
)

// InLimit names a limit on many runs.
type InLimit struct {
	Per  limit.Period `path:"per" enum:"day,month,total" doc:"In which time it counts."`
	Flow string       `query:"flow" maxLength:"64" doc:"Whose runs it counts; empty: all runs."`
}

type setLimit struct {
	InLimit
	Body limitBody
}

type limitBody struct {
	Zone  string `json:"tz,omitempty" doc:"The time zone whose days and months count, as in Europe/Berlin; empty: UTC."`
	Limit Limits `json:"limit" doc:"What the runs may take together: at least one of these."`
}

func (s *Server) limitRoutes() {
	route(s, operation(http.MethodGet, "/limits", "list-limits", "List the limits on many runs: what is spent, reserved and left, and until when"), RoleViewer,
		func(ctx context.Context, _ *struct{}) (*body[[]view.Limit], error) {
			all, err := s.view.Limits(ctx)
			return bodyOf(all), err
		})
	set := operation(http.MethodPut, "/limits/{per}", "set-limit", "Set a limit on many runs, in the place of the one for the same flow and time")
	set.Description = "What that has counted still counts. Runs that stand at it try once more. The same again changes nothing."
	route(s, set, RoleOperator, s.setLimit)
	remove := operation(http.MethodDelete, "/limits/{per}", "remove-limit", "Remove a limit on many runs, and what it has counted")
	remove.Description = "Runs that stand at it try once more."
	remove.DefaultStatus = http.StatusNoContent
	route(s, remove, RoleOperator, func(ctx context.Context, in *InLimit) (*struct{}, error) {
		k, err := s.keeper()
		if err != nil {
			return nil, err
		}
		_, err = limit.Remove(ctx, k, s.o.Engine, limit.Name{Flow: in.Flow, Per: in.Per}, ActorOf(ctx).Name)
		return nil, err
	})
}

// setLimit sets a limit in the name of who sends the request.
func (s *Server) setLimit(ctx context.Context, in *setLimit) (*body[view.Limit], error) {
	l := limit.Limit{Flow: in.Flow, Per: in.Per, Zone: in.Body.Zone, Most: *in.Body.Limit.budget(), Who: ActorOf(ctx).Name}
	if l.Zone == "" {
		l.Zone = "UTC"
	}
	switch {
	case l.Most == (pawl.Budget{}):
		return nil, badParameter("body.limit", "names no limit; it wants usd, tokens or calls")
	case l.Flow != "" && s.view.Flow(l.Flow) == nil:
		return nil, badParameter("query.flow", fmt.Sprintf("is %q, which is none of this program; %s/flows lists those", l.Flow, prefix))
	}
	if err := l.Check(); err != nil {
		return nil, badParameter("body", err.Error())
	}
	k, err := s.keeper()
	if err != nil {
		return nil, err
	}
	is, _, err := limit.Set(ctx, k, s.o.Engine, l)
	return bodyOf(view.LimitOf(is)), err
}

// keeper is who keeps limits.
func (s *Server) keeper() (limit.Keeper, error) {
	k, ok := s.o.Journal.(limit.Keeper)
	if !ok {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Message: "this server cannot limit what many runs spend"}
	}
	return k, nil
}
