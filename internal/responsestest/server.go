package responsestest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

const maxRequestBytes = 64 << 20

// Server is one test server. All methods are safe for concurrent use.
type Server struct {
	t       testing.TB
	http    *httptest.Server
	closing chan struct{}
	once    sync.Once

	mu          sync.Mutex
	changed     chan struct{} // closed and replaced whenever something below changes
	script      func(Call) Reply
	models      []string // that are listed
	calls       []Call
	counts      map[string]int // by content digest
	violations  []string
	inFlight    int
	maxInFlight int
}

// New starts a server on 127.0.0.1. It is closed when the test ends.
func New(t testing.TB) *Server { return start(t, nil) }

// URL is the base URL: what goes into OPENAI_BASE_URL. It ends in /v1.
func (s *Server) URL() string { return s.http.URL + "/v1" }

// Close lets go of what hangs, breaks all connections and waits for the handlers.
// It can be called more than once.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.closing)
		s.http.CloseClientConnections()
		s.http.Close()
	})
}

// On sets the script: it is asked first about every valid call, and the zero Reply
// stands for the default answer. It replaces the script before; nil takes it away.
// The script is called on the server's goroutines, several at once.
func (s *Server) On(script func(Call) Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = script
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && (r.URL.Path == "/v1/models" || r.URL.Path+"/" == geminiModels) {
		s.serveModels(w, r.URL.Path+"/" == geminiModels)
		return
	}
	// The body is read whole in any case: only then does the server notice that
	// the client went away.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	call := newCall(r, body)
	large := new(http.MaxBytesError)
	if err != nil && !errors.As(err, &large) {
		return // whoever sent it is gone: no request has come
	}
	call.API = apiAt(r.URL.Path)
	problem := checkTransport(r, &call)
	if err != nil {
		problem = refuse("", "the request body is larger than %d bytes", large.Limit)
	}
	if problem == nil {
		problem = call.api().parse(r, body, &call)
	}
	call.Digest = digest(body)

	var script func(Call) Reply
	call, script = s.begin(call, problem)
	defer s.end()

	if problem != nil {
		problem.reply().write(s, w, r, call)
		return
	}
	var reply Reply
	if script != nil {
		reply = script(call)
	}
	if reply.before != nil {
		reply.before(call)
	}
	s.wait(r, reply.after)
	if reply.kind == kindDefault {
		reply = s.answer(r, call, reply)
	}
	reply.write(s, w, r, call)
}

// checkTransport checks what comes before the body, and fills c from it.
func checkTransport(r *http.Request, c *Call) *violation {
	switch {
	case c.API == "":
		v := refuse("", "unknown request URL: %s %s", r.Method, r.URL.Path)
		v.status, v.code = http.StatusNotFound, "unknown_url"
		return v
	case r.Method != http.MethodPost:
		v := refuse("", "not allowed: %s %s", r.Method, r.URL.Path)
		v.status, v.code = http.StatusMethodNotAllowed, "method_not_supported"
		return v
	}
	if v := c.api().authorize(r, c); v != nil {
		return v
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return refuse("", "unsupported content type %q, wants application/json", r.Header.Get("Content-Type"))
	}
	return nil
}
