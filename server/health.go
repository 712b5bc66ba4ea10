package server

import (
	"context"
	"net/http"
	"time"

	"github.com/pawlrun/pawl"
)

// healthRoutes are for whoever looks after the process. They tell nothing but that.
func (s *Server) healthRoutes() {
	s.Handle("GET /healthz", RoleNone, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte("ok\n"))
	}))
	s.Handle("GET /readyz", RoleNone, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := s.ready(ctx); err != nil {
			s.log.Warn("not ready", "error", err.Error())
			newProblem(&pawl.Error{Kind: pawl.ErrStorage, Message: "the server is not ready; its log says why"}).write(w)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte("ok\n"))
	}))
}

// ready returns why no work can be done; nil: it can.
func (s *Server) ready(ctx context.Context) error {
	if s.o.Ready != nil {
		return s.o.Ready(ctx)
	}
	_, err := s.o.Journal.Runs(ctx, pawl.RunFilter{Limit: 1})
	return err
}
