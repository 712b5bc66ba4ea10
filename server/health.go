package server

import (
	"context"
	"net/http"
	"time"

	"github.com/pawlrun/pawl"
)

// healthRoutes are for whoever looks after the process. They tell nothing but that.
func (s *Server) healthRoutes() {
	s.Handle("GET /healthz", RoleNone, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { sayOK(w) }))
	s.Handle("GET /readyz", RoleNone, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := s.ready(ctx); err != nil {
			s.log.Warn("not ready", "error", err.Error())
			newProblem(&pawl.Error{Kind: pawl.ErrStorage, Message: "the server is not ready; its log says why"}).write(w)
			return
		}
		sayOK(w)
	}))
}

func sayOK(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write([]byte("ok\n"))
}

// ready returns why no work can be done: the journal says so, or, if it does not know, cannot
// be read. Nil: it can.
func (s *Server) ready(ctx context.Context) error {
	if j, ok := s.o.Journal.(interface{ Ready(context.Context) error }); ok {
		return j.Ready(ctx)
	}
	_, err := s.o.Journal.Runs(ctx, pawl.RunFilter{Limit: 1})
	return err
}
