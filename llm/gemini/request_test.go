package gemini_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/gemini"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

func TestRequest(t *testing.T) {
	srv, model := start(t)
	req := llm.Request{
		Model: "gemini-3.5-flash", MaxTokens: 900, Temperature: new(0.7), Effort: "low",
		Messages: []llm.Message{llm.System("Be short."), llm.System("Be kind."), llm.User("Hello"), llm.Assistant("Hi"), llm.User("And"), llm.System("Now in French."), llm.User("now?")},
	}
	if _, err := model.Generate(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	text := func(role string, texts ...string) map[string]any {
		parts := []any{}
		for _, s := range texts {
			parts = append(parts, map[string]any{"text": s})
		}
		turn := map[string]any{"parts": parts}
		if role != "" {
			turn["role"] = role
		}
		return turn
	}
	call := srv.Calls()[0]
	if diff := cmp.Diff(text("", "Be short.", "Be kind."), body(t, call)["systemInstruction"]); diff != "" {
		t.Errorf("system (-want +got):\n%s", diff)
	}
	want := []any{text("user", "Hello"), text("model", "Hi"), text("user", "And\n\nNow in French.\n\nnow?")}
	if diff := cmp.Diff(want, body(t, call)["contents"]); diff != "" {
		t.Errorf("contents (-want +got):\n%s", diff)
	}
	config := map[string]any{"maxOutputTokens": 900.0, "temperature": 0.7, "thinkingConfig": map[string]any{"thinkingLevel": "LOW"}}
	if diff := cmp.Diff(config, body(t, call)["generationConfig"]); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if v := srv.Violations(); len(v) > 0 || call.APIKey != llmtest.Key || !strings.HasPrefix(call.Header.Get("User-Agent"), "pawl") {
		t.Errorf("violations %q, key %q, agent %q", v, call.APIKey, call.Header.Get("User-Agent"))
	}
}

// An instruction alone is the question: the API wants a turn.
func TestSystemAlone(t *testing.T) {
	srv, model := start(t)
	req := llm.Request{Model: "gemini-3.5-flash", Messages: []llm.Message{llm.System("Say hello.")}}
	if _, err := model.Generate(t.Context(), req, nil); err != nil || len(srv.Violations()) > 0 {
		t.Error(err, srv.Violations())
	}
}

func TestEffort(t *testing.T) {
	for _, tt := range []struct{ model, effort, want string }{
		{"gemini-3.5-flash", "", ""},
		{"gemini-3.5-flash", "none", "minimal"},
		{"gemini-3.5-flash", "minimal", "minimal"},
		{"gemini-3.5-flash", "medium", "medium"},
		{"gemini-3.5-flash", "max", "high"},
		{"gemini-3.1-pro-preview", "minimal", "low"},
		{"gemini-3.1-pro-preview", "medium", "medium"},
		{"gemini-3-pro-preview", "medium", "low"},
		{"gemini-4-neon", "none", "low"},
		{"gemini-4-neon", "xhigh", "xhigh"},
		{"gemini-4-neon", "max", "xhigh"},
		{"gemini-2.0-flash", "high", ""},
		{"gemini-2.0-flash-lite-001", "none", ""},
		{"gemini-1.5-pro", "low", ""},
		{"gemma-3-27b-it", "low", ""},
		{"gemma-4-31b-it", "max", ""},
		{"learnlm-2.0-flash-experimental", "medium", ""},
		{"gemini-10-flash", "low", "low"},
		{"gemini-2.5-flash", "none", "0"},
		{"gemini-2.5-flash-lite", "minimal", "512"},
		{"gemini-2.5-pro", "none", "128"},
		{"gemini-2.5-pro", "max", "32768"},
	} {
		srv, model := start(t)
		req := ask("Hello")
		req.Model, req.Effort = tt.model, tt.effort
		if _, err := model.Generate(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
		if got := srv.Calls()[0].Effort; got != tt.want {
			t.Errorf("%s %q: sent %q, wants %q", tt.model, tt.effort, got, tt.want)
		}
	}
	for _, effort := range llm.Efforts() { // each generation has an answer to each
		for _, name := range []string{"gemini-2.5-pro", "gemini-2.5-flash", "gemini-3-pro", "gemini-3.1-pro", "gemini-3-flash", "gemini-5"} {
			srv, model := start(t)
			req := ask("Hello")
			req.Model, req.Effort = name, effort
			if _, err := model.Generate(t.Context(), req, nil); err != nil || srv.Calls()[0].Effort == "" {
				t.Errorf("%s %s: %v, sent %q", name, effort, err, srv.Calls()[0].Effort)
			}
		}
	}
}

// Names of models stand in the path of a request, and cannot lead it elsewhere.
func TestModelNames(t *testing.T) {
	srv, model := start(t)
	for _, name := range []string{"gemini-3.5-flash?key=x", "../upload", "a/../../b", "gemini:countTokens", "a#b", "a%2fb", "/a", "a//b", "", "a b", "models/gemini-3.5-flash"} {
		req := ask("Hello")
		req.Model = name
		_, err := model.Generate(t.Context(), req, nil)
		llmtest.WantKind(t, err, llm.Invalid)
		if model.CheckModel(name) == nil {
			t.Errorf("%q is accepted", name)
		}
	}
	if n := len(srv.Calls()); n != 0 {
		t.Errorf("%d requests", n)
	}
	for _, name := range []string{"gemini-3.5-flash", "models", "tunedModels/my_model"} {
		if err := model.CheckModel(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Google writes models/ before the name. With it there would be no price.
func TestNameWithModels(t *testing.T) {
	_, model := start(t)
	if err := model.CheckModel("models/gemini-3.5-flash"); err == nil || !strings.HasSuffix(err.Error(), "write gemini/gemini-3.5-flash") {
		t.Errorf("got %v", err)
	}
}

// The address may have a path, a version and a query, and every request has them.
func TestAddress(t *testing.T) {
	for _, tt := range []struct{ base, want, wantStream string }{
		{"", "/v1beta/models/m:generateContent", "/v1beta/models/m:streamGenerateContent?alt=sse"},
		{"/", "/v1beta/models/m:generateContent", "/v1beta/models/m:streamGenerateContent?alt=sse"},
		{"/v1", "/v1/models/m:generateContent", "/v1/models/m:streamGenerateContent?alt=sse"},
		{"/v1#part", "/v1/models/m:generateContent", "/v1/models/m:streamGenerateContent?alt=sse"},
		{"#part", "/v1beta/models/m:generateContent", "/v1beta/models/m:streamGenerateContent?alt=sse"},
		{"/v1alpha/", "/v1alpha/models/m:generateContent", "/v1alpha/models/m:streamGenerateContent?alt=sse"},
		{"/gate/way?a=b&c", "/gate/way/v1beta/models/m:generateContent?a=b&c", "/gate/way/v1beta/models/m:streamGenerateContent?a=b&c&alt=sse"},
	} {
		var got []string
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = append(got, r.URL.RequestURI())
			w.WriteHeader(http.StatusTeapot)
		}))
		defer srv.Close()
		model := gemini.New(&gemini.Options{APIKey: llmtest.Key, BaseURL: srv.URL + tt.base})
		req := ask("Hello")
		req.Model = "m"
		_, _ = model.Generate(t.Context(), req, nil)
		_, _ = model.Generate(t.Context(), req, llmtest.Ignore)
		if diff := cmp.Diff([]string{tt.want, tt.wantStream}, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.base, diff)
		}
	}
}

// The list of models is asked for at the same address.
func TestAddressOfProbe(t *testing.T) {
	for base, want := range map[string]string{
		"":                "/v1beta/models?pageSize=1000",
		"/v1/":            "/v1/models?pageSize=1000",
		"/gate/way?a=b&c": "/gate/way/v1beta/models?pageSize=1000&a=b&c",
	} {
		var got string
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r.URL.RequestURI()
			w.WriteHeader(http.StatusTeapot)
		}))
		defer srv.Close()
		env := map[string]string{"GEMINI_API_KEY": llmtest.Key, "GOOGLE_GEMINI_BASE_URL": srv.URL + base}
		_, _ = gemini.Provider().Probe(t.Context(), func(name string) string { return env[name] })
		if got != want {
			t.Errorf("%q: asked for %s, wants %s", base, got, want)
		}
	}
}

// What Google's own tools read from the environment changes nothing.
func TestEnvironment(t *testing.T) {
	for _, v := range []string{"GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"} {
		t.Setenv(v, "wrong-"+v)
	}
	t.Setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
	t.Setenv("GOOGLE_GENAI_USE_ENTERPRISE", "true")
	t.Setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:1")
	t.Setenv("GOOGLE_VERTEX_BASE_URL", "http://127.0.0.1:1")
	srv, model := start(t)
	llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) {
		if _, err := model.Generate(t.Context(), ask("Hello"), stream); err != nil {
			t.Error(err)
		}
	})
	for _, c := range srv.Calls() {
		if c.APIKey != llmtest.Key {
			t.Errorf("the key is %q", c.APIKey)
		}
	}
	if n := len(srv.Calls()); n != 2 {
		t.Errorf("%d calls", n)
	}
}

// An address may hold a password, and no error shows it.
func TestAddressIsNotShown(t *testing.T) {
	model := gemini.New(&gemini.Options{APIKey: llmtest.Key, BaseURL: "http://me:hidden@127.0.0.1:1/gate"})
	llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) {
		_, err := model.Generate(t.Context(), ask("Hello"), stream)
		if e := llmtest.WantKind(t, err, llm.Network); strings.Contains(e.Error()+e.Hint, "hidden") || strings.Contains(e.Message, "/gate") {
			t.Errorf("%v; %s", e, e.Hint)
		}
	})
}

// Without a key nothing is sent, and the environment's is not taken.
func TestNoKey(t *testing.T) {
	t.Setenv("GOOGLE_API_KEY", llmtest.Key)
	t.Setenv("GEMINI_API_KEY", llmtest.Key)
	for _, o := range []*gemini.Options{nil, {}, {BaseURL: "http://127.0.0.1:1"}} {
		model := gemini.New(o)
		_, err := model.Generate(t.Context(), ask("Hello"), nil)
		llmtest.WantKind(t, err, llm.Auth)
		if model.CheckModel("gemini-3.5-flash") == nil {
			t.Error("no fault is found")
		}
	}
	_, err := gemini.New(&gemini.Options{APIKey: llmtest.Key, BaseURL: "ftp://x"}).Generate(t.Context(), ask("Hello"), nil)
	llmtest.WantKind(t, err, llm.Invalid)
}

func TestProvider(t *testing.T) {
	p := gemini.Provider()
	srv := responsestest.New(t)
	srv.Lists("gemini-3.5-flash", "gemini-4-neon", "gemini-3.5-flash-lite")
	env := map[string]string{"GEMINI_API_KEY": llmtest.Key, "GOOGLE_GEMINI_BASE_URL": srv.GeminiURL()}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, suffix := range []string{"", "/v1beta"} {
		env["GOOGLE_GEMINI_BASE_URL"] = srv.GeminiURL() + suffix
		found, err := p.Probe(ctx, func(name string) string { return env[name] })
		if err != nil || strings.Join(found, " ") != "gemini-3.5-flash-lite gemini-3.5-flash gemini-4-neon" {
			t.Errorf("found %q, %v", found, err)
		}
	}
	if p.Check(func(name string) string { return env[name] }) != nil {
		t.Error("the settings are faulty")
	}
	if e := p.Check(func(string) string { return "" }); e == nil || e.Kind != llm.Auth || !strings.Contains(e.Hint, "GEMINI_API_KEY") {
		t.Errorf("without a key: %+v", e)
	}
	prices := llm.DefaultPrices()
	for _, name := range p.Models {
		if _, known := prices.Most(p.FullName(name), 1000, 1000); !known {
			t.Errorf("no price of %s", name)
		}
	}
}
