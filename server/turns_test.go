package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/pawlrun/pawl/server"
)

// Who sends a file slowly holds up nobody else's, and nobody has the server keep many at once.
func TestFilesInTurn(t *testing.T) {
	h := open(t, "", nil)
	conn, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST /api/v1/verify HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n", vera)
	lines := bufio.NewReader(conn)
	if line, err := lines.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" { // it is being read
		t.Fatal(line, err)
	}
	lines.ReadString('\n')
	if p := want[server.Problem](h, 503, vera, "POST", "/api/v1/verify", "x"); p.Kind != "overloaded" {
		t.Errorf("a second one is answered with %+v", p)
	}
	want[server.Problem](h, 422, otto, "POST", "/api/v1/verify", "x")
	fmt.Fprint(conn, "some text")
	resp, err := http.ReadResponse(lines, nil)
	if err != nil || resp.StatusCode != 422 {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	want[server.Problem](h, 422, vera, "POST", "/api/v1/verify", "x")
}
