package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl/cli/internal/doctor"
	"github.com/pawlrun/pawl/llm"
)

func TestDoctorTellsTerminal(t *testing.T) {
	c := newCommand(t)
	c.terminal, c.width = true, 200
	c.env["TERM"], c.env["NO_COLOR"] = "dumb\x1b[31m", "1"
	stdout, _ := c.ok("doctor")
	if !strings.Contains(stdout, "is a terminal, 200 columns, TERM=dumb\\u001b[31m, NO_COLOR=1") {
		t.Errorf("doctor prints\n%s", stdout)
	}
}

// What servers say cannot steer the terminal.
func TestDoctorTellsServers(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data":[{"id":"a\u001b[2Jb"}]}`)
	}))
	defer s.Close()
	c := newCommand(t)
	c.patience = time.Minute
	for i, p := range c.providers {
		if p.Probe != nil {
			c.providers[i].Servers = []llm.Server{{Name: "Ollama", Address: s.URL + "/v1"}}
		}
	}
	stdout, _ := c.ok("doctor")
	if want := "Ollama's port answers at " + s.URL + "/v1, with a\\u001b[2Jb\n"; !strings.Contains(stdout, want) {
		t.Errorf("doctor prints\n%s\nwants %q", stdout, want)
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
		var list []doctor.Finding
		if err := json.Unmarshal([]byte(stdout), &list); err != nil {
			t.Errorf("with base URL %q: %v", base, err)
		}
	}
	if entries, err := os.ReadDir(c.env["PAWL_DATA"]); err == nil {
		t.Errorf("doctor made %v", entries)
	}
}

func TestDoctorEndsWithOneAfterFailure(t *testing.T) {
	c := newCommand(t)
	c.env["OPENAI_API_KEY"] = "sk-walrus\n4711"
	code, stdout, stderr := c.run("doctor")
	if code != 1 || !strings.Contains(stdout, "fail  OPENAI_API_KEY") || strings.Contains(stdout+stderr, "walrus") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
