package server

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
)

// cookiePrefix is the cookie's name up to the port: cookies do not tell ports apart, and
// there may be several servers.
const cookiePrefix = "pawl_session_"

// newSecret returns a random text of 130 bits.
func newSecret() string { return rand.Text() }

// isSame compares secrets, and takes as long for wrong ones as for right ones.
func isSame(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func cookieName(r *http.Request) string {
	_, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		port = "80"
	}
	return cookiePrefix + port
}

// takeTicket gives a browser that opens an address with the ticket a cookie for it, and
// sends it on to the address without it. It reports whether it has answered.
func (s *Server) takeTicket(w http.ResponseWriter, r *http.Request) bool {
	query := r.URL.Query()
	ticket := query.Get("token")
	if s.o.Ticket == "" || ticket == "" || r.Method != http.MethodGet {
		return false
	}
	if isSame(ticket, s.o.Ticket) {
		http.SetCookie(w, &http.Cookie{Name: cookieName(r), Value: s.session, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
	}
	query.Del("token")
	to := "/" + trimSlashes(r.URL.EscapedPath())
	if rest := query.Encode(); rest != "" {
		to += "?" + rest
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return true
}

// trimSlashes is a path without the slashes at its beginning, of which two would make it
// another host; a browser takes \ for one.
func trimSlashes(path string) string {
	for len(path) > 0 && (path[0] == '/' || path[0] == '\\') {
		path = path[1:]
	}
	return path
}
