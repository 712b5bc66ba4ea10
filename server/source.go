package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
)

// policy is what a page of this server may do: load from here, and from nowhere else.
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

func forbidden(format string, args ...any) *Problem {
	return newProblem(&pawl.Error{Kind: ErrForbidden, Message: fmt.Sprintf(format, args...)})
}

// checkSource refuses requests that are meant for another host, as after a name was
// pointed to this machine, and those that pages of other sites send.
func (s *Server) checkSource(r *http.Request) *Problem {
	if !s.isOurs(r.Host) {
		return forbidden("this server is not %q", cut(r.Host))
	}
	origin := r.Header.Get("Origin")
	if origin != "" && !s.isOwnOrigin(r, origin) {
		return forbidden("a page of %q may not ask this server", cut(origin))
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	if origin == "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && !strings.HasPrefix(r.URL.Path, prefix) {
		return nil // a link to a page: it brings no cookie
	}
	return forbidden("a page of another site may not ask this server")
}

// isOurs reports whether a Host is this server.
func (s *Server) isOurs(host string) bool {
	name := strings.ToLower(strings.TrimSuffix(hostOf(host), "."))
	if name == "localhost" || slices.ContainsFunc(s.o.Hosts, func(h string) bool { return strings.EqualFold(strings.TrimSuffix(h, "."), name) }) {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && (s.o.Remote || ip.IsLoopback()) // no name can be pointed to this
}

// isOwnOrigin reports whether a page of an origin is one of this server.
func (s *Server) isOwnOrigin(r *http.Request, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	return strings.EqualFold(u.Host, r.Host)
}

// hostOf is an address without its port.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// cut is the beginning of what a request says of itself.
func cut(s string) string { return s[:min(len(s), 200)] }
