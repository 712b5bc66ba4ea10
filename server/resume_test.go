package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/server"
)

// Whoever says an event that a run does not have, as after it was removed and begun anew, is
// not left waiting for one behind it.
func TestStreamBehindWhatIsThere(t *testing.T) {
	h := open(t, "", nil)
	rec := h.start(`{"topic":"tides"}`)
	path := "/api/v1/runs/" + string(rec.ID) + "/stream"
	for _, id := range []string{fmt.Sprint(rec.LastSeq + 1), "9223372036854775807"} {
		want[server.Problem](h, 422, vera, "GET", path, nil, header("Last-Event-ID", id))
		want[server.Problem](h, 422, vera, "GET", path+"?after="+id, nil)
	}
	if l := h.listen(vera, path, header("Last-Event-ID", fmt.Sprint(rec.LastSeq))); l.resp.StatusCode != 200 {
		t.Errorf("behind the last event: %d", l.resp.StatusCode)
	}
	want[pawl.RunRecord](h, 202, otto, "POST", "/api/v1/runs/"+string(rec.ID)+"/cancel", nil)
	rec = h.rest(rec.ID)
	want[server.Problem](h, 422, vera, "GET", path+"?after="+fmt.Sprint(rec.LastSeq+1), nil)
}

// HEAD is answered with the headers, and the connection is there for the next request.
func TestHeadOfAStream(t *testing.T) {
	h := open(t, "", nil)
	conn, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	lines := bufio.NewReader(conn)
	for _, method := range []string{"HEAD", "GET"} {
		path := map[string]string{"HEAD": "/api/v1/stream", "GET": "/healthz"}[method]
		fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", method, path, vera)
		resp, err := http.ReadResponse(lines, &http.Request{Method: method})
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%s %s: %v %v", method, path, resp, err)
		}
		resp.Body.Close()
	}
}

// Nobody takes every stream: the last ones are for those who have few.
func TestStreamsOfOne(t *testing.T) {
	h := open(t, "", func(o *server.Options) { o.Streams = 128 })
	for n := range 126 {
		if l := h.listen(vera, "/api/v1/stream"); l.resp.StatusCode != 200 {
			t.Fatalf("stream %d is answered with %d", n, l.resp.StatusCode)
		}
	}
	want[server.Problem](h, 503, vera, "GET", "/api/v1/stream", nil)
	for range 2 {
		if l := h.listen(otto, "/api/v1/stream"); l.resp.StatusCode != 200 {
			t.Fatalf("somebody else is answered with %d", l.resp.StatusCode)
		}
	}
	want[server.Problem](h, 503, olga, "GET", "/api/v1/stream", nil)
}
