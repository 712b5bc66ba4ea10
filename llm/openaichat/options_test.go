package openaichat_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openaichat"
)

// OpenAI's SDKs read all of these by themselves. None may show on the wire, and none
// may lead the request elsewhere: not with a key of our own and not without.
func TestEnvironmentIsNotRead(t *testing.T) {
	var trapped atomic.Int32
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { trapped.Add(1) }))
	defer trap.Close()
	for _, name := range []string{"OPENAI_BASE_URL", "OPENAI_CHAT_BASE_URL"} {
		t.Setenv(name, trap.URL+"/v1")
	}
	for _, name := range []string{"OPENAI_API_KEY", "OPENAI_CHAT_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"} {
		t.Setenv(name, "trap-"+name)
	}
	t.Setenv("OPENAI_CUSTOM_HEADERS", "X-Trap: trap-header\nAuthorization: Bearer trap-custom")

	srv := responsestest.New(t)
	for _, key := range []string{llmtest.Key, ""} {
		model := openaichat.New(&openaichat.Options{APIKey: key, BaseURL: srv.URL(), HTTPClient: client(t)})
		if _, err := model.Generate(t.Context(), ask("Hello."), nil); err != nil {
			t.Fatal(err)
		}
		calls := srv.Calls()
		call := calls[len(calls)-1]
		if _, sent := call.Header["Authorization"]; call.APIKey != key || sent != (key != "") {
			t.Errorf("key %q: sent %q", key, call.Header["Authorization"])
		}
		for name, values := range call.Header {
			if strings.Contains(strings.Join(values, " "), "trap") {
				t.Errorf("header %s: %q", name, values)
			}
		}
	}

	var at string
	vendor := openaichat.New(&openaichat.Options{APIKey: llmtest.Key, HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		at = r.URL.String()
		return nil, http.ErrHandlerTimeout
	})}})
	_, err := vendor.Generate(t.Context(), ask("Hello."), nil)
	wantKind(t, err, llm.Network)
	if at != "https://api.openai.com/v1/chat/completions" || trapped.Load() != 0 {
		t.Errorf("request went to %q; the trap saw %d", at, trapped.Load())
	}
	if v := srv.Violations(); len(v) > 0 {
		t.Errorf("violations %q", v)
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options *openaichat.Options
		kind    llm.ErrorKind
		hint    string
	}{
		{"nil", nil, llm.Auth, "Options.APIKey"},
		{"neither key nor address", &openaichat.Options{}, llm.Auth, "Options.APIKey"},
		{"key with a line break", &openaichat.Options{APIKey: "sk-abcdefgh\n", BaseURL: "http://localhost/v1"}, llm.Auth, "Options.APIKey"},
		{"address without scheme", &openaichat.Options{BaseURL: "localhost:11434/v1"}, llm.Invalid, "Options.BaseURL"},
		{"address that is none", &openaichat.Options{BaseURL: "http://user:pass-word@[::1"}, llm.Invalid, "Options.BaseURL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			model := openaichat.New(tt.options)
			for range 2 { // the second call must be told the same
				_, err := model.Generate(t.Context(), ask("Hello."), nil)
				e := wantKind(t, err, tt.kind)
				if !strings.Contains(e.Hint, tt.hint) || strings.Contains(e.Error()+e.Hint, "pass-word") || strings.Contains(e.Error(), "sk-abc") {
					t.Errorf("got %v, hint %q, wants %q in it and no secret", e, e.Hint, tt.hint)
				}
			}
			if _, _, err := (llm.Catalog{"openai-chat": model}).Lookup("openai-chat/qwen3:8b"); !errors.As(err, new(*llm.Error)) {
				t.Errorf("Lookup gives %v", err)
			}
		})
	}
}

func TestCheckModel(t *testing.T) {
	catalog := llm.Catalog{"openai-chat": openaichat.New(&openaichat.Options{BaseURL: "http://localhost:11434/v1"})}
	for name, ok := range map[string]bool{
		"openai-chat/qwen3:8b": true, "openai-chat/Qwen/Qwen3-8B": true, "openai-chat/hf.co/a/b:Q4_K_M": true,
		"openai-chat": false, "openai-chat/": false, "openai-chat?x=1": false, "openai-chat/a b": false,
	} {
		_, model, err := catalog.Lookup(name)
		if (err == nil) != ok || ok && name != "openai-chat/"+model {
			t.Errorf("Lookup(%q) gives %q and %v, wants it known: %v", name, model, err, ok)
		}
	}
}

// Azure wants a version in the query of each request.
func TestQueryOfTheBaseURL(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		_, _ = w.Write([]byte(`{"object":"list","data":[{"id":"m"}]}`))
	}))
	defer srv.Close()
	base := srv.URL + "/openai/deployments/d?api-version=2025-01-01"
	_, err := openaichat.New(&openaichat.Options{BaseURL: base, HTTPClient: client(t)}).Generate(t.Context(), ask("Hello."), nil)
	wantKind(t, err, llm.Overloaded)
	if _, err := openaichat.Provider().Probe(t.Context(), settings("", base)); err != nil {
		t.Error(err)
	}
	if want := []string{"/openai/deployments/d/chat/completions?api-version=2025-01-01", "/openai/deployments/d/models?api-version=2025-01-01"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, wants %q", asked, want)
	}
}

func TestOptionsAreCopied(t *testing.T) {
	srv := responsestest.New(t)
	o := &openaichat.Options{APIKey: "lm-studio", BaseURL: srv.URL() + "/", HTTPClient: client(t)}
	model := openaichat.New(o)
	o.APIKey, o.BaseURL = "other", "http://127.0.0.1:1/v1"
	if _, err := model.Generate(t.Context(), ask("Hello."), nil); err != nil {
		t.Fatal(err)
	}
	if c := srv.Calls()[0]; c.APIKey != "lm-studio" || c.API != responsestest.Chat {
		t.Errorf("key %q, API %q", c.APIKey, c.API)
	}
}

func TestServersTakeSoManyTokens(t *testing.T) {
	modes(t, func(t *testing.T, stream func(llm.Delta)) {
		srv, model := start(t)
		llmtest.RunMost(t, srv, model, stream)
	})
}

func TestServiceTiers(t *testing.T) {
	llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) {
		srv, model := start(t)
		llmtest.RunTiers(t, srv, model, stream)
	})
}
