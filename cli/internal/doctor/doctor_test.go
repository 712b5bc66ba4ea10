package doctor_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl/cli/internal/doctor"
	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
)

// serve starts a program on a port of this machine.
func serve(t *testing.T, status int, body string) llm.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/v1/models" || r.Header.Get("Authorization") != "" {
			t.Errorf("doctor asks for %s %s, with the key %q", r.Method, r.URL.Path, r.Header.Get("Authorization"))
		}
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return llm.Server{Name: "Ollama", Address: address(s.Listener)}
}

func TestLocalServersAreFound(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   string // with the address as ADDRESS
	}{
		{"models", 200, `{"object":"list","data":[{"id":"qwen3:8b"},{"id":"other"}]}`, "Ollama's port answers at ADDRESS, with qwen3:8b\n"},
		{"no model yet", 200, `{"object":"list","data":null}`, "Ollama's port answers at ADDRESS, and has no model yet"},
		{"long name", 200, `{"data":[{"id":"` + strings.Repeat("m", 81) + `"}]}`, "Ollama's port answers at ADDRESS, with " + strings.Repeat("m", 79) + "…\n"},
		{"steers the terminal", 200, `{"data":[{"id":"a\u001b[2Jb"}]}`, "Ollama's port answers at ADDRESS, with a\\u001b[2Jb\n"},
		{"other program", 200, `<html>hello</html>`, "no server found"},
		{"other JSON", 200, `{"status":"ok"}`, "no server found"},
		{"not there", 404, `{"data":[{"id":"x"}]}`, "no server found"},
		{"elsewhere", 302, `{"data":[{"id":"x"}]}`, "no server found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.status, tt.body)
			r := newReport(llm.Server{Name: "LM Studio", Address: "http://127.0.0.1:1/v1"}, s)
			r.Patience = time.Minute
			r.env["OPENAI_CHAT_API_KEY"] = "sk-walrus-4711" // is for another server
			r.FindServers(t.Context())
			r.finds(t, "ok  local models  "+strings.ReplaceAll(tt.want, "ADDRESS", s.Address))
		})
	}
}

// A server that takes the connection and says nothing must not hold doctor up.
func TestSilentServerIsLeft(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := newReport(llm.Server{Name: "vLLM", Address: address(l)})
	r.FindServers(t.Context())
	r.finds(t, "no server found")
}

// Nothing that could be a key is shown, wherever it stands.
func TestKeysAreHidden(t *testing.T) {
	const key = "sk-walrus-4711"
	dir := t.TempDir() + "/" + key
	for _, base := range []string{"", "http://" + key + "@localhost/v1", "http://u:" + key + "/v1", "http://localhost/" + key, "%" + key} {
		r := newReport()
		r.env["OPENAI_API_KEY"], r.env["OPENAI_BASE_URL"] = key, base
		r.CheckData(t.Context(), doctor.Data{Dir: dir, From: key, File: "pawl.db", Open: missing})
		r.CheckPrices(doctor.Prices{Path: key, From: key})
		r.CheckSettings(false)
		r.AddOK(key, "%s", key)
		r.finds(t, "ok  OPENAI_API_KEY  is set, not asked (pawl doctor --online asks)\n")
		for _, f := range r.Findings {
			if strings.Contains(f.Detail+f.Remedy, key) {
				t.Errorf("with base URL %q doctor shows the key: %+v", base, f)
			}
		}
	}
	if entries, err := os.ReadDir(dir); err == nil {
		t.Errorf("doctor made %v", entries)
	}
}

func TestUnusableKeyFails(t *testing.T) {
	r := newReport()
	r.env["OPENAI_API_KEY"] = "sk-walrus\n4711"
	r.CheckSettings(false)
	r.finds(t, "fail  OPENAI_API_KEY  the API key contains a space, a line break or another character that no key has; set OPENAI_API_KEY", "walrus")
}

// A model that thinks first uses the few tokens up; it was reached all the same.
func TestCutAnswerIsAnAnswer(t *testing.T) {
	srv := responsestest.New(t)
	srv.On(func(responsestest.Call) responsestest.Reply { return responsestest.Incomplete("max_output_tokens", "") })
	r := newReport()
	r.env["OPENAI_API_KEY"], r.env["OPENAI_BASE_URL"] = "sk-walrus-4711", srv.URL()
	r.AskProviders(t.Context())
	r.finds(t, "ok  online openai  openai/gpt-5.4-mini answers, after ")
	if calls := srv.Calls(); len(calls) != 1 || calls[0].MaxTokens != 16 {
		t.Errorf("doctor made the calls %+v", calls)
	}
	for _, v := range srv.Violations() {
		t.Error(v)
	}
}
