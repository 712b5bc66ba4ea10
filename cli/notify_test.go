package cli

import (
	"net"
	"testing"
)

// Whoever is told of a run is sent to where it can be asked for, if that is known.
func TestLinkAt(t *testing.T) {
	for _, test := range []struct {
		addr  string
		hosts []string
		want  string
	}{
		{"127.0.0.1:7295", nil, "http://127.0.0.1:7295/api/v1/runs/r1"},
		{"[::1]:7295", nil, "http://[::1]:7295/api/v1/runs/r1"},
		{"0.0.0.0:7295", nil, ""},
		{"[::]:7295", nil, ""},
		{"0.0.0.0:7295", []string{"pawl.example.com", "other"}, "https://pawl.example.com/api/v1/runs/r1"},
	} {
		addr, err := net.ResolveTCPAddr("tcp", test.addr)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if link := linkAt(addr, test.hosts); link != nil {
			got = link("r1")
		}
		if got != test.want {
			t.Errorf("at %s, %v: %q, want %q", test.addr, test.hosts, got, test.want)
		}
	}
}
