package mcpserver

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// mostMessage is how many bytes a message of a client may have: a run's input, and what is
// around it.
const mostMessage = 16 << 20

// sessionTimeout is how long a session lives in which nothing is asked.
const sessionTimeout = 24 * time.Hour

// Handler serves the protocol over HTTP. Whether a request is meant for this server, and
// whether its sender is known, is found out before: who says then who that is. A request needs
// a bearer token all the same, so that no page in a browser sends one by a cookie.
//
// The protocol of 2026-07-28 has no sessions, and that before it asks a client's person within
// one, so that each has a handler of the library. They are told apart by their headers.
func (s *Server) Handler(who func(*http.Request) Actor) http.Handler {
	o := mcp.StreamableHTTPOptions{Logger: s.log, MaxRequestBodyBytes: mostMessage, DisableLocalhostProtection: true} // the host was looked at
	legacy := o
	legacy.SessionTimeout = sessionTimeout
	modern := o
	modern.Stateless, modern.PropagateRequestCancellation = true, true
	get := func(*http.Request) *mcp.Server { return s.sdk }
	withSessions, without := mcp.NewStreamableHTTPHandler(get, &legacy), mcp.NewStreamableHTTPHandler(get, &modern)
	known := auth.RequireBearerToken(func(_ context.Context, _ string, r *http.Request) (*auth.TokenInfo, error) {
		a := who(r)
		return &auth.TokenInfo{UserID: a.Name, Scopes: a.scopes()}, nil
	}, &auth.RequireBearerTokenOptions{AllowMissingExpiration: true})
	return known(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w = &patientWriter{w, http.NewResponseController(w)}
		switch {
		case isModern(r):
			without.ServeHTTP(w, r)
		case r.Method == http.MethodPost && r.Header.Get("Mcp-Session-Id") == "" && s.isFull():
			w.Header().Set("Retry-After", "60")
			http.Error(w, "too many sessions are open", http.StatusServiceUnavailable)
		default:
			withSessions.ServeHTTP(w, r)
		}
	}))
}

// mostSessions is how many sessions may be open at once.
const mostSessions = 1000

// isFull reports whether no more sessions may be opened.
func (s *Server) isFull() bool {
	n := 0
	for range s.sdk.Sessions() {
		n++
	}
	return n >= mostSessions
}

// stuck is how long the reader of an answer may take for one part of it.
const stuck = 30 * time.Second

// patientWriter writes answers that may take long to come, as where a person is asked: each
// part has a deadline of its own, in the place of one for all.
type patientWriter struct {
	http.ResponseWriter
	conn *http.ResponseController
}

// WriteHeader begins an answer, which may have nothing behind it.
func (w *patientWriter) WriteHeader(status int) {
	_ = w.conn.SetWriteDeadline(time.Now().Add(stuck))
	w.ResponseWriter.WriteHeader(status)
}

func (w *patientWriter) Write(b []byte) (int, error) {
	_ = w.conn.SetWriteDeadline(time.Now().Add(stuck)) // without deadlines there is none to move
	return w.ResponseWriter.Write(b)
}

// FlushError is for http.ResponseController.
func (w *patientWriter) FlushError() error {
	_ = w.conn.SetWriteDeadline(time.Now().Add(stuck))
	return w.conn.Flush()
}

// Unwrap is for http.ResponseController.
func (w *patientWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// isModern reports whether a request is of a protocol without sessions.
func isModern(r *http.Request) bool {
	return r.Header.Get("Mcp-Protocol-Version") >= "2026-07-28" || r.Header.Get("Mcp-Method") != ""
}

// invalid is an error of the protocol: parameters that it does not take.
func invalid(format string, args ...any) error {
	return &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: fmt.Sprintf(format, args...)}
}
