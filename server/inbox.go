package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/pawlrun/pawl"
)

type listInbox struct {
	Flow     string `query:"flow" doc:"Only what runs of this flow wait for."`
	Programs bool   `query:"all_programs" doc:"Also of runs that other programs have started in the same place."`
	Limit    int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"At most this many."`
}

// blocker is an open blocker, for whoever decides on it.
type blocker struct {
	pawl.InboxItem
	Schema json.RawMessage `json:"schema" doc:"JSON Schema of the value that a decision may carry; null: not known, or it carries none."`
	Hook   string          `json:"hook" doc:"Where a program answers it with a POST, as a path of this server: a secret, see docs/webhooks.md. Empty: none can, or the token is no operator's."`
}

func (s *Server) inboxRoutes() {
	route(s, operation(http.MethodGet, "/inbox", "list-inbox", "List what waits for a person, the oldest first"), RoleViewer,
		func(ctx context.Context, in *listInbox) (*body[[]pawl.InboxItem], error) {
			items, err := s.view.Inbox(ctx, pawl.RunFilter{Flow: in.Flow, Program: s.listed(in.Programs), Limit: in.Limit})
			if err != nil {
				return nil, err
			}
			return bodyOf(items), nil
		})
	route(s, operation(http.MethodGet, "/runs/{run}/blockers", "list-blockers", "List the open blockers of a run"), RoleViewer,
		func(ctx context.Context, in *InRun) (*body[[]pawl.Blocker], error) {
			rec, err := s.view.Run(ctx, in.Run)
			if err != nil {
				return nil, err
			}
			return bodyOf(rec.Blockers), nil
		})
	route(s, operation(http.MethodGet, "/runs/{run}/blockers/{key}", "get-blocker", "Get an open blocker, with the schema of what it takes"), roleLook,
		func(ctx context.Context, in *InStep) (*body[blocker], error) {
			b, err := s.blocker(ctx, in.Run, in.Key)
			if err != nil {
				return nil, err
			}
			return bodyOf(b), nil
		})
}

// blocker returns the open blocker of a step; without a key that of the flow itself.
func (s *Server) blocker(ctx context.Context, id pawl.RunID, key pawl.Key) (blocker, error) {
	b, err := s.view.Open(ctx, id, key)
	if errors.Is(err, pawl.ErrNotFound) {
		p := newProblem(err)
		if rec, err := s.view.Run(ctx, id); err == nil {
			p.Decided = lastDecision(rec, func(made pawl.Decision) bool { return made.Key == key })
		}
		return blocker{}, p
	}
	if err != nil {
		return blocker{}, err
	}
	open := blocker{InboxItem: pawl.InboxItem{Run: b.Run.ID, Flow: b.Run.Flow, Blocker: b.Blocker}}
	if b.Schema != nil {
		open.Schema = b.Schema.JSON()
	}
	if ActorOf(ctx).Role == RoleOperator {
		address, err := s.view.Hook(ctx, b)
		if err != nil {
			return blocker{}, err
		}
		if address != "" {
			open.Hook = Hooks + address
		}
	}
	return open, nil
}

// lastDecision is the last decision of a run that is one of these; nil: there is none.
func lastDecision(rec pawl.RunRecord, isOne func(pawl.Decision) bool) *pawl.Decision {
	for i := len(rec.Decisions) - 1; i >= 0; i-- {
		if isOne(rec.Decisions[i]) {
			return &rec.Decisions[i]
		}
	}
	return nil
}
