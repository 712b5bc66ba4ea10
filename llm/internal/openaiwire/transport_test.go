package openaiwire

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	most "github.com/pawlrun/pawl/internal/limits"
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
