package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/webhook"
)

// Hooks is where programs answer open blockers: behind it comes the address of a callback,
// which is the caller's right to do so.
const Hooks = "/hooks/"

// hookTimeout is how long the body of a call may take.
const hookTimeout = 30 * time.Second

// isHook reports whether a request is a webhook's. Those come from programs elsewhere: they
// have no token, and name whatever host leads here.
func isHook(r *http.Request) bool {
	address, ok := strings.CutPrefix(r.URL.EscapedPath(), Hooks)
	return ok && r.Method == http.MethodPost && address != "" && !strings.Contains(address, "/")
}

func (s *Server) hookRoutes() {
	s.mux.HandleFunc("POST "+Hooks+"{address}", func(w http.ResponseWriter, r *http.Request) {
		if p := s.takeHook(w, r); p != nil {
			p.write(w)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// takeHook delivers what a webhook is called with. Whoever does not know the address, or
// cannot sign where that is wanted, is told alike, whatever there is.
func (s *Server) takeHook(w http.ResponseWriter, r *http.Request) *Problem {
	if isFromPage(r) {
		return forbidden("a page may not call a webhook")
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.o.Patience)
	defer cancel()
	if r.ContentLength > limits.DeliveredSize {
		return hookTooLarge()
	}
	address := r.PathValue("address")
	if p := s.askRate(Hooks + address); p != nil { // before anything is read for it
		return p
	}
	run, flow, err := s.view.Hooked(ctx, address)
	if errors.Is(err, pawl.ErrNotFound) {
		if p := s.checkRate("address " + hostOf(r.RemoteAddr) + " for " + Hooks); p != nil {
			return p
		}
		return noHook()
	}
	if err != nil {
		return s.problem(ctx, err)
	}
	// Whoever knows the address has a bucket of its own: behind a proxy all callers come
	// from one place, and those who guess are not to hold the others up.
	if p := s.checkRate(Hooks + address); p != nil {
		return p
	}
	body, p := s.readHook(w, r)
	if s.o.CheckHook != nil {
		if p != nil { // of whom is not known
			return noHook()
		}
		if err := s.o.CheckHook(flow, r.Header, body); err != nil {
			s.log.Warn("a webhook's call was not taken", "run", string(run), "flow", flow, "from", r.RemoteAddr, "error", err.Error())
			return noHook()
		}
	}
	if p != nil {
		return p
	}
	err = s.o.Engine.Deliver(ctx, address, webhook.DeliveryID(r.Header, body), body)
	if err != nil {
		return s.refusedHook(ctx, run, err)
	}
	return nil
}

// isFromPage reports whether a browser sends a request for a page: programs say nothing of
// where they are.
func isFromPage(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.Header.Get("Origin") != "" || site != "" && site != "none"
}

func (s *Server) readHook(w http.ResponseWriter, r *http.Request) ([]byte, *Problem) {
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(hookTimeout)) // where that cannot be, the server's own counts
	defer conn.SetReadDeadline(time.Time{})               // or the request would end with it
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limits.DeliveredSize))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, hookTooLarge()
	case err != nil:
		return nil, newProblem(&pawl.Error{Kind: pawl.ErrInput, Message: "the body did not come whole"})
	}
	return body, nil
}

// noHook is the answer to an address that is none, and to a call that is not signed as it
// is to be.
func noHook() *Problem {
	return newProblem(&pawl.Error{Kind: pawl.ErrNotFound, Message: "there is nothing to be answered at this address, or the call is not signed as it is to be"})
}

func hookTooLarge() *Problem {
	p := newProblem(&pawl.Error{Kind: "too_large", Message: "the body is too large, at most 1 MiB is taken"})
	p.Status, p.Title = http.StatusRequestEntityTooLarge, http.StatusText(http.StatusRequestEntityTooLarge)
	return p
}

// refusedHook is why what was delivered is not taken. Who else has decided is nothing that
// the caller is to know.
func (s *Server) refusedHook(ctx context.Context, run pawl.RunID, err error) *Problem {
	if errors.Is(err, pawl.ErrConflict) {
		return newProblem(&pawl.Error{Kind: pawl.ErrConflict, Message: "what is asked at this address was answered, or is asked no more"})
	}
	if errors.Is(err, pawl.ErrNotFound) { // it was removed meanwhile
		return noHook()
	}
	return s.problem(ctx, s.view.Error(ctx, run, err)).in("body")
}
