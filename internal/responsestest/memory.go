package responsestest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// NewInMemory is New without a socket: its connections are pipes within the process, so
// that a test may ask it in a bubble of testing/synctest, where no time passes while
// clients wait. Only [Server.Client] reaches it. A reset is an end there.
func NewInMemory(t testing.TB) *Server {
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	return start(t, l)
}

// Client returns a client that reaches the server, whose connections end with the test.
func (s *Server) Client() *http.Client {
	tr := &http.Transport{}
	if l, ok := s.http.Listener.(*pipes); ok {
		tr.DialContext = l.dial
	}
	s.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// start starts a server on a listener; nil is a port of 127.0.0.1.
func start(t testing.TB, l net.Listener) *Server {
	s := &Server{
		t:       t,
		closing: make(chan struct{}),
		changed: make(chan struct{}),
		counts:  map[string]int{},
	}
	handler := http.HandlerFunc(s.serve)
	if l == nil {
		s.http = httptest.NewServer(handler)
	} else {
		s.http = &httptest.Server{Listener: l, Config: &http.Server{Handler: handler}}
		s.http.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// pipes is a listener within the process.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return pipeAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "vendor.test" }
