package notifier_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/notifier"
)

// Who is to be told is connected to, and hears nothing.
func TestReach(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			heard <- err.Error()
			return
		}
		defer conn.Close()
		text, _ := io.ReadAll(conn)
		heard <- string(text)
	}()
	if err := reach(t, t.Context(), "http://user:otter@"+l.Addr().String()+"/otter"); err != nil {
		t.Error(err)
	}
	if text := <-heard; text != "" {
		t.Errorf("it heard %q", text)
	}
	l.Close()
	if err := reach(t, t.Context(), "http://user:otter@"+l.Addr().String()+"/otter"); err == nil || !strings.Contains(err.Error(), "refused") || strings.Contains(err.Error(), "otter") {
		t.Errorf("where nobody listens: %v", err)
	}
}

// An address with https is reached where its certificate is one that a notice would trust.
func TestReachByTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	if err := reach(t, t.Context(), s.URL); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate of nobody: %v", err)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0") // who answers nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := l.Accept()
		if err == nil {
			t.Cleanup(func() { conn.Close() })
			_, _ = conn.Read(make([]byte, 1)) // the handshake has begun
		}
		cancel()
	}()
	if err := reach(t, ctx, "https://"+l.Addr().String()); err == nil {
		t.Error("who answers no handshake is reached")
	}
}

func reach(t *testing.T, ctx context.Context, address string) error {
	t.Helper()
	target, err := notifier.ParseTarget(address)
	if err != nil {
		t.Fatal(err)
	}
	return target.Reach(ctx)
}
