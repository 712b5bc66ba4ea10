package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
)

func TestDoctorSettingsOfChat(t *testing.T) {
	for _, tt := range []struct {
		name, base, key string
		code            int
		want            []string
	}{
		{"nothing", "", "", 0, []string{
			"ok    OPENAI_CHAT_BASE_URL  is not set: no server is asked, or with a key OpenAI's own\n",
			"ok    OPENAI_CHAT_API_KEY   is not set: most servers want none\n"}},
		{"an address", "http://u:walrus-4711@localhost:1/v1?walrus-4711", "", 0, []string{
			"ok    OPENAI_CHAT_BASE_URL  http://localhost:1/v1\n",
			"ok    OPENAI_CHAT_API_KEY   is not set"}},
		{"both", "http://localhost:1/v1", "walrus-4711", 0, []string{
			"ok    OPENAI_CHAT_API_KEY   is set\n"}},
		{"no address", "localhost:11434/walrus-4711", "", 1, []string{
			"fail  OPENAI_CHAT_BASE_URL  OPENAI_CHAT_BASE_URL is not an http or https address; set it to an address such as http://localhost:11434/v1\n"}},
		{"no key", "http://localhost:1/v1", "walrus-4711\nx", 1, []string{
			"fail  OPENAI_CHAT_API_KEY   the API key contains a space, a line break"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCommand(t)
			c.env["OPENAI_CHAT_BASE_URL"], c.env["OPENAI_CHAT_API_KEY"] = tt.base, tt.key
			code, stdout, stderr := c.run("doctor")
			if code != tt.code || strings.Contains(stdout+stderr, "walrus") {
				t.Errorf("exit code %d, wants %d\n%s%s", code, tt.code, stdout, stderr)
			}
			for _, want := range tt.want {
				if !strings.Contains(stdout, want) {
					t.Errorf("doctor prints\n%s\nwants %q", stdout, want)
				}
			}
		})
	}
}

func TestDoctorOnlineChat(t *testing.T) {
	for _, tt := range []struct {
		name   string
		models []string
		reply  func(*responsestest.Server)
		code   int
		calls  int
		want   string
	}{
		{"first listed", []string{"qwen3:8b", "other"}, nil, 0, 1, "ok    online openai-chat    openai-chat/qwen3:8b answers, after "},
		{"none listed", nil, nil, 0, 0, "warn  online openai-chat    the server answers, and has no model yet; load a model there\n"},
		{"steers the terminal", []string{"a\x1b[2Jb"}, nil, 1, 0, `unknown model "openai-chat/a\x1b[2Jb"`},
		{"no name", []string{"a b"}, nil, 1, 0, "fail  online openai-chat"},
		{"refused", []string{"m"}, func(s *responsestest.Server) {
			s.On(func(c responsestest.Call) responsestest.Reply { return responsestest.WrongKey(c, true) })
		}, 1, 1, "fail  online openai-chat"},
		{"thinks first", []string{"m"}, func(s *responsestest.Server) {
			s.On(func(responsestest.Call) responsestest.Reply {
				return responsestest.Incomplete("max_output_tokens", "")
			})
		}, 0, 1, "ok    online openai-chat    openai-chat/m answers"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := responsestest.New(t)
			srv.Lists(tt.models...)
			if tt.reply != nil {
				tt.reply(srv)
			}
			c := newCommand(t)
			c.env["OPENAI_CHAT_BASE_URL"], c.env["OPENAI_CHAT_API_KEY"] = srv.URL(), "sk-walrus-4711"
			if stdout, _ := c.ok("doctor"); strings.Contains(stdout, "online") {
				t.Errorf("without --online doctor prints\n%s", stdout)
			}
			code, stdout, stderr := c.run("doctor", "--online")
			if code != tt.code || len(srv.Calls()) != tt.calls || !strings.Contains(stdout, tt.want) {
				t.Errorf("exit code %d, %d calls\n%s\nwants %d, %d and %q", code, len(srv.Calls()), stdout, tt.code, tt.calls, tt.want)
			}
			if strings.Contains(stdout+stderr, "walrus") {
				t.Errorf("doctor shows the key:\n%s%s", stdout, stderr)
			}
		})
	}
}

// What is no list of models fails with the variables to check, and never sends the
// key on or shows what stands in the address.
func TestDoctorOnlineChatWithoutList(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the key %q was sent elsewhere", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	for _, tt := range []struct {
		name  string
		serve http.HandlerFunc
		want  string
	}{
		{"wrong key", func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, r.Header.Get("Authorization"), http.StatusUnauthorized)
		}, "list of models: 401 Unauthorized"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		}, "list of models: 302 Found"},
		{"another program", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }, "list of models: not a list of models"},
		{"broken off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "list of models: EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(tt.serve)
			defer srv.Close()
			c := newCommand(t)
			c.env["OPENAI_CHAT_API_KEY"] = "sk-walrus-4711"
			c.env["OPENAI_CHAT_BASE_URL"] = strings.Replace(srv.URL, "http://", "http://hush:quiet@", 1) + "/v1?token=secret"
			code, stdout, stderr := c.run("doctor", "--online")
			want := "fail  online openai-chat    " + tt.want + "; check OPENAI_CHAT_BASE_URL and OPENAI_CHAT_API_KEY\n"
			if code != 1 || !strings.Contains(stdout, want) {
				t.Errorf("exit code %d\n%s\nwants %q", code, stdout, want)
			}
			for _, secret := range []string{"walrus", "hush", "quiet", "token"} {
				if strings.Contains(stdout+stderr, secret) {
					t.Errorf("doctor shows %q:\n%s%s", secret, stdout, stderr)
				}
			}
		})
	}
}
