package wire

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	most "github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/llm"
)

// What a server answers plainly although a stream was asked for is told by how it begins:
// many do not say that it is JSON. Nothing of the body is lost by looking.
func TestDocumentsInPlaceOfStreams(t *testing.T) {
	const event = "data: {\"id\":1}\n\n"
	for _, tt := range []struct {
		media, body string
		want        bool
	}{
		{"application/json", `{"id":1}`, true},
		{"application/json", "", true},
		{"application/problem+json; charset=utf-8", "x", true},
		{"text/plain; charset=utf-8", `{"id":1}`, true},
		{"application/octet-stream", "[1]", true},
		{"text/json", "\r\n\t {\"id\":1}", true},
		{"", `{"id":1}`, true},
		{"text/event-stream", `{"id":1}`, true},
		{"text/plain", "<!doctype html><title>Sign in</title>", true},
		{"text/html", "Sign in", true},

		{"text/event-stream", event, false},
		{"text/event-stream; charset=utf-8", "\n\n: wait\n\n" + event, false},
		{"", event, false},
		{"text/plain", "event: error\n" + event, false},
		{"text/event-stream", "", false},
		{"text/event-stream", " \n", false},
	} {
		res := &http.Response{Header: http.Header{}, Body: io.NopCloser(strings.NewReader(tt.body))}
		if tt.media != "" {
			res.Header.Set("Content-Type", tt.media)
		}
		if got := isDocument(res); got != tt.want {
			t.Errorf("%s %q: %v, wants %v", tt.media, tt.body, got, tt.want)
		}
		if rest, err := io.ReadAll(res.Body); string(rest) != strings.TrimLeft(tt.body, " \t\r\n") || err != nil {
			t.Errorf("%s %q: left is %q, %v", tt.media, tt.body, rest, err)
		}
	}
}

// A server cannot have us read headers without end.
func TestHeadersAreBounded(t *testing.T) {
	for size, want := range map[int]string{most.HeaderBytes / 2: "", most.HeaderBytes + 1: "server response headers exceeded"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", size))
		}))
		res, err := httpClient(nil).Get(s.URL)
		if err == nil {
			res.Body.Close()
		}
		if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.Contains(got, want) && want != "" {
			t.Errorf("headers of %d bytes: %.200s, wants %q", size, got, want)
		}
		s.Close()
	}
}

// A redirect would take the key elsewhere.
func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was sent elsewhere", r.Method)
	}))
	defer elsewhere.Close()
	s := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer s.Close()
	for _, own := range []*http.Client{nil, {}} {
		res, err := httpClient(own).Post(s.URL, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusTemporaryRedirect {
			t.Errorf("the answer is %s", res.Status)
		}
	}
}

// A certificate that is not trusted, and an address with http where https is spoken or the
// other way round, are mistakes that no further attempt mends.
func TestTLSMistakesAreNotTriedAgain(t *testing.T) {
	quiet := log.New(io.Discard, "", 0)
	secure, plain := httptest.NewUnstartedServer(http.NotFoundHandler()), httptest.NewServer(http.NotFoundHandler())
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	defer secure.Close()
	defer plain.Close()
	alert := listenFor(t, "\x15\x03\x01\x00\x02\x02\x46")
	for url, hint := range map[string]string{
		secure.URL: "the clock",
		strings.Replace(plain.URL, "http:", "https:", 1): "https://",
		alert: "https://",
	} {
		_, err := http.Get(url)
		e := (&Endpoint{names: Names{BaseURL: "BASE"}}).transportError(t.Context(), err)
		if e.Kind != llm.Invalid || !strings.Contains(e.Hint, hint) || !strings.Contains(e.Hint, "BASE") {
			t.Errorf("%s: %v is %s, hint %q", url, err, e.Kind, e.Hint)
		}
	}
}

// listenFor serves one connection, which gets what is said whatever it asks.
func listenFor(t *testing.T, said string) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = c.Read(make([]byte, 4096)) // all that a GET says
		_, _ = io.WriteString(c, said)
	}()
	return "http://" + l.Addr().String()
}
