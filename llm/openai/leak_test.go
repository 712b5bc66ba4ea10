package openai_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openai"
)

// pipes is a listener whose connections live in memory, so that a whole call, both
// sides, fits into a bubble: there time is fake, and a goroutine that is left over
// fails the test.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "unix"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hanging never answers, or sends the start of a stream and then stops.
func hanging(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if r.Header.Get("X-Begin") == "stream" {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, `data: {"type":"response.output_text.delta","delta":"Hi"}`+"\n\n")
		_ = http.NewResponseController(w).Flush()
	}
	<-r.Context().Done()
}

func TestNothingIsLeftBehind(t *testing.T) {
	for _, tt := range []struct {
		name   string
		begin  string
		stream func(llm.Delta)
		cancel bool
		kind   llm.ErrorKind
		is     error
	}{
		{"plain, deadline", "", nil, false, llm.Timeout, context.DeadlineExceeded},
		{"plain, canceled", "", nil, true, llm.Canceled, context.Canceled},
		{"stream, deadline", "", ignore, false, llm.Timeout, context.DeadlineExceeded},
		{"stream, canceled", "", ignore, true, llm.Canceled, context.Canceled},
		{"begun stream, deadline", "stream", ignore, false, llm.Timeout, context.DeadlineExceeded},
		{"begun stream, canceled", "stream", ignore, true, llm.Canceled, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
				far := &http.Server{Handler: http.HandlerFunc(hanging)}
				served := make(chan error, 1)
				go func() { served <- far.Serve(network) }()

				tr := &http.Transport{DialContext: network.dial}
				model := openai.New(&openai.Options{APIKey: llmtest.Key, BaseURL: "http://far.test/v1", HTTPClient: &http.Client{
					Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
						r.Header.Set("X-Begin", tt.begin)
						return tr.RoundTrip(r)
					}),
				}})
				const limit = 3 * time.Minute
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				if tt.cancel {
					time.AfterFunc(time.Minute, cancel)
				}
				begun := time.Now()
				_, err := model.Generate(ctx, ask("Hello."), tt.stream)
				took := time.Since(begun)
				e := wantKind(t, err, tt.kind)
				if !errors.Is(err, tt.is) {
					t.Errorf("%v is not %v", err, tt.is)
				}
				if want := map[bool]time.Duration{false: limit, true: time.Minute}[tt.cancel]; took != want {
					t.Errorf("took %v, wants %v", took, want)
				}
				if tt.begin != "" && e.Partial != "Hi" {
					t.Errorf("partial %q", e.Partial)
				}
				synctest.Wait()
				tr.CloseIdleConnections()
				if err := far.Close(); err != nil {
					t.Error(err)
				}
				if err := <-served; !errors.Is(err, http.ErrServerClosed) {
					t.Error(err)
				}
			})
		})
	}
}

// A client of the caller's own may have a timeout; it is one.
func TestClientTimeout(t *testing.T) {
	srv, _ := start(t)
	reply(srv, responsestest.Hang(""))
	c := client(t)
	c.Timeout = 20 * time.Millisecond
	model := openai.New(&openai.Options{APIKey: llmtest.Key, BaseURL: srv.URL(), HTTPClient: c})
	_, err := model.Generate(t.Context(), ask("Hello."), nil)
	wantKind(t, err, llm.Timeout)
}
