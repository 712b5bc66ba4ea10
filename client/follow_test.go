package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/client"
)

// script answers one request after another, and notes when each came.
type script struct {
	answers []http.Response
	came    []time.Duration
	began   time.Time
	ids     []string // that it went on from
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.came, s.ids = append(s.came, time.Since(s.began)), append(s.ids, r.Header.Get("Last-Event-ID")+" "+r.URL.RawQuery)
	if len(s.answers) == 0 {
		return nil, errors.New("nothing more was expected")
	}
	a := s.answers[0]
	s.answers = s.answers[1:]
	return &a, nil
}

func answer(status int, text string, header ...string) http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return http.Response{StatusCode: status, Status: http.StatusText(status), Header: h, Body: io.NopCloser(strings.NewReader(text))}
}

// Who follows goes on when the server, or a proxy before it, cannot answer for the moment, and
// waits longer each time; what is refused ends it.
func TestFollowGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const html = "<h1>Bad Gateway</h1>"
		s := &script{began: time.Now(), answers: []http.Response{
			answer(502, html), answer(503, html), answer(504, ""), answer(429, ""),
			answer(429, `{"kind":"rate_limit","detail":"too many requests"}`, "Retry-After", "90"),
			answer(503, `{"kind":"overloaded","detail":"as many streams are open as may be"}`, "Retry-After", "10"),
			answer(200, "event: event\ndata: {\"seq\":1}\n\n"), // and is cut
			answer(502, html),
			answer(403, `{"kind":"forbidden","detail":"not you"}`),
		}}
		c := client.New("http://pawl.example.com", "secret")
		c.HTTP = &http.Client{Transport: s}
		events, last := 0, error(nil)
		for m, err := range c.Follow(t.Context(), "r1", 0) {
			if last = err; m.Event != nil {
				events++
			}
		}
		if events != 1 || !errors.Is(last, pawl.ErrorKind("forbidden")) {
			t.Errorf("%d events, then %v", events, last)
		}
		want := []int{0, 2, 6, 14, 30, 120, 150, 152, 154}
		if len(s.came) != len(want) {
			t.Fatalf("asked %v", s.came)
		}
		for i, at := range want {
			if s.came[i] != time.Duration(at)*time.Second {
				t.Errorf("asked at %v, want %v seconds", s.came, want)
				break
			}
		}
	})
}

// What is no answer of the server's, and will not pass, is an error.
func TestFollowEnds(t *testing.T) {
	for _, a := range []http.Response{answer(500, "<h1>Oops</h1>"), answer(404, ""), answer(503, `{"kind":"database","detail":"the file is damaged"}`)} {
		c := client.New("http://pawl.example.com", "secret")
		c.HTTP = &http.Client{Transport: &script{answers: []http.Response{a}}}
		got := 0
		for _, err := range c.Follow(t.Context(), "r1", 0) {
			if got++; err == nil || strings.Contains(err.Error(), "nothing more") {
				t.Errorf("%d: %v", a.StatusCode, err)
			}
		}
		if got != 1 {
			t.Errorf("%d: %d answers", a.StatusCode, got)
		}
	}
}

// Who follows says by the id of the last event where it goes on, so that the server knows of
// which run that was; what is missing is asked for again, and what comes twice is left out.
func TestFollowKnowsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		event := func(id string, seq int) string {
			return fmt.Sprintf("id: %s\nevent: event\ndata: {\"seq\":%d}\n\n", id, seq)
		}
		s := &script{began: time.Now(), answers: []http.Response{
			answer(200, event("4-aaaa", 4)+event("5-aaaa", 5)+event("7-aaaa", 7)),
			answer(200, event("5-aaaa", 5)+event("6-aaaa", 6)),
			answer(200, "id: 0\nevent: reset\ndata: {}\n\n"),
			answer(200, event("1-bbbb", 1)+event("2", 2)),
			answer(200, "event: end\ndata: {}\n\n"),
		}}
		c := client.New("http://pawl.example.com", "secret")
		c.HTTP = &http.Client{Transport: s}
		var heard []string
		for m, err := range c.Follow(t.Context(), "r1", 3) {
			switch {
			case err != nil:
				t.Fatal(err)
			case m.Reset:
				heard = append(heard, "reset")
			case m.Event != nil:
				heard = append(heard, fmt.Sprint(m.Event.Seq))
			}
		}
		if got := strings.Join(heard, " "); got != "4 5 6 reset 1 2" {
			t.Errorf("heard %s", got)
		}
		if got := strings.Join(s.ids, ", "); got != " after=3, 5-aaaa after=5, 6-aaaa after=6,  after=0, 2 after=2" {
			t.Errorf("went on from %s", got)
		}
	})
}
