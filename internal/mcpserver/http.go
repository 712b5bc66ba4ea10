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
		t := &auth.TokenInfo{UserID: a.Name}
		if a.Operate {
			t.Scopes = []string{scopeOperate}
		}
		return t, nil
	}, &auth.RequireBearerTokenOptions{AllowMissingExpiration: true})
	return known(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A person may be asked, or a stream be open: the server's limit is too short for both.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // without deadlines there is none to move
		if isModern(r) {
			without.ServeHTTP(w, r)
			return
		}
		withSessions.ServeHTTP(w, r)
	}))
}

// isModern reports whether a request is of a protocol without sessions.
func isModern(r *http.Request) bool {
	return r.Header.Get("Mcp-Protocol-Version") >= "2026-07-28" || r.Header.Get("Mcp-Method") != ""
}

// invalid is an error of the protocol: parameters that it does not take.
func invalid(format string, args ...any) error {
	return &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: fmt.Sprintf(format, args...)}
}
