package doctor_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
)

func TestSettingsOfChat(t *testing.T) {
	for _, tt := range []struct {
		name, base, key string
		fails           bool
		want            []string
	}{
		{"nothing", "", "", false, []string{
			"ok  OPENAI_CHAT_BASE_URL  is not set: no server is asked, or with a key OpenAI's own\n",
			"ok  OPENAI_CHAT_API_KEY  is not set: most servers want none\n"}},
		{"an address", "http://u:walrus-4711@localhost:1/v1?walrus-4711", "", false, []string{
			"ok  OPENAI_CHAT_BASE_URL  http://localhost:1/v1, not asked (pawl doctor --online asks)\n",
			"ok  OPENAI_CHAT_API_KEY  is not set"}},
		{"both", "http://localhost:1/v1", "walrus-4711", false, []string{
			"ok  OPENAI_CHAT_API_KEY  is set, not asked (pawl doctor --online asks)\n"}},
		{"no address", "localhost:11434/walrus-4711", "", true, []string{
			"fail  OPENAI_CHAT_BASE_URL  OPENAI_CHAT_BASE_URL is not an http or https address; set it to an address such as http://localhost:11434/v1\n"}},
		{"no key", "http://localhost:1/v1", "walrus-4711\nx", true, []string{
			"fail  OPENAI_CHAT_API_KEY  the API key contains a space, a line break"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newReport()
			r.env["OPENAI_CHAT_BASE_URL"], r.env["OPENAI_CHAT_API_KEY"] = tt.base, tt.key
			r.CheckSettings(false)
			if r.failed() != tt.fails {
				t.Errorf("found\n%s\nwants a failure: %v", r.text(), tt.fails)
			}
			for _, want := range tt.want {
				r.finds(t, want, "walrus")
			}
		})
	}
}

func TestFirstListedModelIsAsked(t *testing.T) {
	for _, tt := range []struct {
		name   string
		models []string
		reply  func(*responsestest.Server)
		fails  bool
		calls  int
		want   string
	}{
		{"first listed", []string{"qwen3:8b", "other"}, nil, false, 1, "ok  online openai-chat  openai-chat/qwen3:8b answers, after "},
		{"none listed", nil, nil, false, 0, "warn  online openai-chat  the server answers, and has no model yet; load a model there\n"},
		{"steers the terminal", []string{"a\x1b[2Jb"}, nil, true, 0, `unknown model "openai-chat/a\x1b[2Jb"`},
		{"no name", []string{"a b"}, nil, true, 0, "fail  online openai-chat"},
		{"refused", []string{"m"}, func(s *responsestest.Server) {
			s.On(func(c responsestest.Call) responsestest.Reply { return responsestest.WrongKey(c, true) })
		}, true, 1, "fail  online openai-chat"},
		{"thinks first", []string{"m"}, func(s *responsestest.Server) {
			s.On(func(responsestest.Call) responsestest.Reply {
				return responsestest.Incomplete("max_output_tokens", "")
			})
		}, false, 1, "ok  online openai-chat  openai-chat/m answers, after "},
		{"another answers", []string{"gpt-nope"}, func(s *responsestest.Server) {
			s.On(func(responsestest.Call) responsestest.Reply {
				return responsestest.Raw(200, "application/json", `{"model":"smollm2.gguf","choices":[{"message":{"content":"{\"ok\":true}"},"finish_reason":"stop"}]}`)
			})
		}, false, 1, "openai-chat/gpt-nope answers as smollm2.gguf, after "},
		{"takes no form of a schema", []string{"m"}, func(s *responsestest.Server) {
			s.On(func(c responsestest.Call) responsestest.Reply {
				if strings.Contains(string(c.Body), "response_format") {
					return responsestest.Status(400, "", "response_format is not supported")
				}
				return responsestest.Text(`{"ok":true}`)
			})
		}, false, 3, "ok  online openai-chat  openai-chat/m answers, after "},
		{"ignores the schema", []string{"m"}, func(s *responsestest.Server) {
			s.On(func(responsestest.Call) responsestest.Reply { return responsestest.Text("ok") })
		}, false, 1, "and does not keep to the schema that it is sent; the server seems to ignore the schema of an answer\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := responsestest.New(t)
			srv.Lists(tt.models...)
			if tt.reply != nil {
				tt.reply(srv)
			}
			r := newReport()
			r.env["OPENAI_CHAT_BASE_URL"], r.env["OPENAI_CHAT_API_KEY"] = srv.URL(), "sk-walrus-4711"
			r.AskProviders(t.Context())
			if r.failed() != tt.fails || len(srv.Calls()) != tt.calls {
				t.Errorf("%d calls\n%s\nwants %d, and a failure: %v", len(srv.Calls()), r.text(), tt.calls, tt.fails)
			}
			r.finds(t, tt.want, "walrus")
		})
	}
}

// What is no list of models fails with the variables to check, and never sends the
// key on or shows what stands in the address.
func TestServerWithoutListFails(t *testing.T) {
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
			r := newReport()
			r.env["OPENAI_CHAT_API_KEY"] = "sk-walrus-4711"
			r.env["OPENAI_CHAT_BASE_URL"] = strings.Replace(srv.URL, "http://", "http://hush:quiet@", 1) + "/v1?token=secret"
			r.AskProviders(t.Context())
			r.finds(t, "fail  online openai-chat  "+tt.want+"; check OPENAI_CHAT_BASE_URL and OPENAI_CHAT_API_KEY\n", "walrus", "hush", "quiet", "token")
		})
	}
}
