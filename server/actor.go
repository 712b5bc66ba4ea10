package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
)

// Role is what somebody may do.
type Role string

const (
	RoleNone     Role = "none"     // nothing: it is of routes that everybody may ask for
	RoleViewer   Role = "viewer"   // look at everything
	RoleStarter  Role = "starter"  // that, and start runs
	RoleOperator Role = "operator" // that, and decide, steer, import, remove and set limits
	RoleBlocker  Role = "blocker"  // look at one blocker and decide on it

	roleLook  Role = "viewer or blocker" // of routes that show one blocker
	roleKnown Role = "of any token"      // of routes that are about who asks
)

// Actor is who sends a request.
type Actor struct {
	Name string // that is recorded with what they start and decide
	Role Role

	// Of RoleBlocker: the run and the step of the one that they may decide on.
	Run pawl.RunID
	Key pawl.Key
}

// may reports whether the role is enough for a route that needs one.
func (a Actor) may(need Role) bool {
	switch need {
	case RoleNone, roleKnown:
		return true
	case RoleBlocker:
		return a.Role == RoleBlocker || a.Role == RoleOperator
	case RoleStarter:
		return a.Role == RoleStarter || a.Role == RoleOperator
	case RoleViewer:
		return a.Role == RoleViewer || a.may(RoleStarter)
	case roleLook:
		return a.Role == RoleBlocker || a.may(RoleViewer)
	}
	return a.Role == RoleOperator
}

// checkScope refuses a run or a step in a path that is not the one which the actor may
// decide on.
func (a Actor) checkScope(r *http.Request) *Problem {
	if a.Role != RoleBlocker {
		return nil
	}
	key := r.PathValue("key")
	if r.PathValue("run") != string(a.Run) || key != "" && key != string(a.Key) {
		return forbidden("this token decides on step %q of run %s alone", a.Key, a.Run)
	}
	return nil
}

// shown is of a run what the actor may see: who may decide on one blocker sees where the run
// stands, that blocker and what was decided on it.
func (a Actor) shown(rec pawl.RunRecord) pawl.RunRecord {
	if a.Role != RoleBlocker {
		return rec
	}
	return pawl.RunRecord{
		ID: rec.ID, Flow: rec.Flow, Status: rec.Status, CreatedAt: rec.CreatedAt, UpdatedAt: rec.UpdatedAt, Input: json.RawMessage("null"), Output: json.RawMessage("null"),
		Fallback: []string{}, Prompts: []pawl.Replaced{}, Guidance: []pawl.Guidance{}, Steps: []pawl.StepRecord{},
		Decisions: append([]pawl.Decision{}, slices.DeleteFunc(slices.Clone(rec.Decisions), func(d pawl.Decision) bool { return d.Key != a.Key })...),
		Blockers:  append([]pawl.Blocker{}, slices.DeleteFunc(slices.Clone(rec.Blockers), func(b pawl.Blocker) bool { return b.Key != a.Key })...),
	}
}

type actorKey struct{}

func withActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf returns who sent the request of a context that a handler of [Server.Handle] got.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

// admit finds out who sends a request, and whether they may.
func (s *Server) admit(r *http.Request, need Role) (Actor, *Problem) {
	actor, known := s.whois(r)
	caller := "token " + actor.Name
	if !known {
		caller = "address " + hostOf(r.RemoteAddr)
	}
	if need == RoleNone { // who is turned away elsewhere keeps nobody from asking how the server is
		caller += " for " + r.Pattern
	}
	if p := s.checkRate(caller); p != nil {
		return actor, p
	}
	switch {
	case need == RoleNone:
		return actor, nil
	case !known:
		return actor, newProblem(&pawl.Error{Kind: ErrUnauthorized, Message: "this wants a token, as in Authorization: Bearer TOKEN; there was none, or one that is not known"})
	case !actor.may(need):
		return actor, forbidden("%s may not do this: it has the role %s, and this needs %s", actor.Name, actor.Role, need)
	}
	return actor, nil
}

// whois returns whose token or cookie a request has. The ticket is a token, too.
func (s *Server) whois(r *http.Request) (Actor, bool) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, secret, _ := strings.Cut(header, " ")
		secret = strings.TrimSpace(secret)
		switch {
		case !strings.EqualFold(scheme, "Bearer") || secret == "":
			return Actor{}, false
		case s.o.Ticket != "" && isSame(secret, s.o.Ticket):
			return s.o.Visitor, true
		case s.o.Authenticate == nil:
			return Actor{}, false
		}
		return s.o.Authenticate(secret)
	}
	if s.o.Ticket == "" {
		return Actor{}, false
	}
	c, err := r.Cookie(cookieName(r))
	if err != nil || !isSame(c.Value, s.session) {
		return Actor{}, false
	}
	return s.o.Visitor, true
}
