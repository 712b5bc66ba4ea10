package cli

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
)

// serve starts a program on a port of this machine.
func serve(t *testing.T, status int, body string) localServer {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/v1/models" {
			t.Errorf("doctor asks for %s %s", r.Method, r.URL.Path)
		}
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return localServer{"Ollama", s.Listener.Addr().(*net.TCPAddr).Port}
}

func TestDoctorFindsLocalServers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   string // with the address as ADDRESS
	}{
		{"models", 200, `{"object":"list","data":[{"id":"qwen3:8b"},{"id":"other"}]}`, "Ollama's port answers at ADDRESS, with qwen3:8b"},
		{"no model yet", 200, `{"object":"list","data":null}`, "Ollama's port answers at ADDRESS, and has no model yet"},
		{"steers the terminal", 200, `{"data":[{"id":"a\u001b[2Jb"}]}`, "with a [2Jb"},
		{"other program", 200, `<html>hello</html>`, "no server found"},
		{"other JSON", 200, `{"status":"ok"}`, "no server found"},
		{"not there", 404, `{"data":[{"id":"x"}]}`, "no server found"},
		{"elsewhere", 302, `{"data":[{"id":"x"}]}`, "no server found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCommand(t)
			s := serve(t, tt.status, tt.body)
			c.servers = []localServer{{"LM Studio", 1}, s}
			stdout, _ := c.ok("doctor")
			want := strings.ReplaceAll(tt.want, "ADDRESS", s.address())
			if !strings.Contains(stdout, want) {
				t.Errorf("doctor prints\n%s\nwants %q", stdout, want)
			}
		})
	}
}

// A server that takes the connection and says nothing must not hold doctor up.
func TestDoctorLeavesSilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := newCommand(t)
	c.servers = []localServer{{"vLLM", l.Addr().(*net.TCPAddr).Port}}
	if stdout, _ := c.ok("doctor"); !strings.Contains(stdout, "no server found") {
		t.Errorf("doctor prints\n%s", stdout)
	}
}

func TestDoctorTellsTerminal(t *testing.T) {
	c := newCommand(t)
	c.terminal, c.width = true, 200
	c.env["TERM"], c.env["NO_COLOR"] = "dumb\x1b[31m", "1"
	stdout, _ := c.ok("doctor")
	if !strings.Contains(stdout, "is a terminal, 200 columns, TERM=dumb [31m, NO_COLOR=1") {
		t.Errorf("doctor prints\n%s", stdout)
	}
}

// Nothing that could be a key is shown, wherever it stands.
func TestDoctorHidesKeys(t *testing.T) {
	c := newCommand(t)
	const key = "sk-walrus-4711"
	c.env["OPENAI_API_KEY"] = key
	c.env["TERM"] = key
	c.env["PAWL_DATA"] = t.TempDir() + "/" + key
	for _, base := range []string{"", "http://" + key + "@localhost/v1", "http://u:" + key + "/v1", "http://localhost/" + key, "%" + key} {
		c.env["OPENAI_BASE_URL"] = base
		_, stdout, stderr := c.run("doctor", "--json")
		if strings.Contains(stdout+stderr, key) {
			t.Errorf("with base URL %q doctor shows the key:\n%s%s", base, stdout, stderr)
		}
		var list []finding
		if err := json.Unmarshal([]byte(stdout), &list); err != nil {
			t.Errorf("with base URL %q: %v", base, err)
		}
	}
	if entries, err := os.ReadDir(c.env["PAWL_DATA"]); err == nil {
		t.Errorf("doctor made %v", entries)
	}
}

func TestDoctorRefusesUnusableKey(t *testing.T) {
	c := newCommand(t)
	c.env["OPENAI_API_KEY"] = "sk-walrus\n4711"
	code, stdout, _ := c.run("doctor")
	if code != 1 || !strings.Contains(stdout, "fail  OPENAI_API_KEY") || strings.Contains(stdout, "walrus") {
		t.Errorf("exit code %d\n%s", code, stdout)
	}
}

// A model that thinks first uses the few tokens up; it was reached all the same.
func TestDoctorOnlineTakesCutAnswer(t *testing.T) {
	srv := responsestest.New(t)
	srv.On(func(responsestest.Call) responsestest.Reply { return responsestest.Incomplete("max_output_tokens", "") })
	c := newCommand(t)
	c.env["OPENAI_API_KEY"], c.env["OPENAI_BASE_URL"] = "sk-walrus-4711", srv.URL()
	stdout, _ := c.ok("doctor", "--online")
	if !strings.Contains(stdout, "ok    online openai") {
		t.Errorf("doctor prints\n%s", stdout)
	}
	if calls := srv.Calls(); len(calls) != 1 || calls[0].MaxTokens != onlineTokens {
		t.Errorf("doctor made the calls %+v", calls)
	}
	for _, v := range srv.Violations() {
		t.Error(v)
	}
}

func TestDiskVerdicts(t *testing.T) {
	for _, tt := range []struct {
		volume volume
		want   verdict
	}{
		{volume{free: 100<<20 - 1}, broken},
		{volume{free: 100 << 20}, doubt},
		{volume{free: 1<<30 - 1}, doubt},
		{volume{free: 1 << 30}, sound},
		{volume{free: 1 << 40, network: "nfs"}, doubt},
		{volume{free: 1, network: "nfs"}, broken},
	} {
		d := &doctor{app: newApp(world{getenv: func(string) string { return "" }}, nil)}
		d.space(tt.volume)
		if f := d.findings[0]; f.Status != tt.want || (f.Remedy == "") != (tt.want == sound) {
			t.Errorf("%+v: %+v, wants %s", tt.volume, f, tt.want)
		}
	}
}
