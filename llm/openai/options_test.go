package openai_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openai"
)

// OpenAI's SDKs read all of these by themselves. None may show on the wire, and none
// may lead the request elsewhere.
func TestEnvironmentIsNotRead(t *testing.T) {
	var trapped atomic.Int32
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { trapped.Add(1) }))
	defer trap.Close()
	t.Setenv("OPENAI_BASE_URL", trap.URL+"/v1")
	for _, name := range []string{"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_WEBHOOK_SECRET"} {
		t.Setenv(name, "trap-"+name)
	}
	t.Setenv("OPENAI_CUSTOM_HEADERS", "X-Trap: trap-header\nAuthorization: Bearer trap-custom")

	srv, model := start(t)
	if _, err := model.Generate(t.Context(), ask("Hello."), nil); err != nil {
		t.Fatal(err)
	}
	call := srv.Calls()[0]
	if call.APIKey != llmtest.Key {
		t.Errorf("sent the key %q", call.APIKey)
	}
	for name, values := range call.Header {
		if strings.Contains(strings.Join(values, " "), "trap") {
			t.Errorf("header %s: %q", name, values)
		}
	}
	for _, name := range []string{"OpenAI-Organization", "OpenAI-Project", "X-Trap"} {
		if v := call.Header.Get(name); v != "" {
			t.Errorf("header %s: %q", name, v)
		}
	}

	// Without a base URL the request goes to the vendor, not to the trap.
	var host string
	vendor := openai.New(&openai.Options{APIKey: llmtest.Key, HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		host = r.URL.String()
		return nil, http.ErrHandlerTimeout
	})}})
	_, err := vendor.Generate(t.Context(), ask("Hello."), nil)
	wantKind(t, err, llm.Network)
	if host != "https://api.openai.com/v1/responses" || trapped.Load() != 0 {
		t.Errorf("request went to %q; the trap saw %d", host, trapped.Load())
	}

	// Without a key nothing is sent at all.
	_, err = openai.New(&openai.Options{BaseURL: srv.URL()}).Generate(t.Context(), ask("Hello."), nil)
	if e := wantKind(t, err, llm.Auth); !strings.Contains(e.Hint, "Options.APIKey") {
		t.Errorf("hint %q", e.Hint)
	}
	if n := len(srv.Calls()); n != 1 {
		t.Errorf("%d requests, wants 1", n)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOptionsThatCannotWork(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options *openai.Options
		kind    llm.ErrorKind
		hint    string
	}{
		{"nil", nil, llm.Auth, "Options.APIKey"},
		{"no key", &openai.Options{}, llm.Auth, "Options.APIKey"},
		{"key with a line break", &openai.Options{APIKey: "sk-abcdefgh\n"}, llm.Auth, "Options.APIKey"},
		{"key with a space", &openai.Options{APIKey: "sk-abc defgh"}, llm.Auth, "Options.APIKey"},
		{"address without scheme", &openai.Options{APIKey: llmtest.Key, BaseURL: "localhost:8080/v1"}, llm.Invalid, "Options.BaseURL"},
		{"address of a file", &openai.Options{APIKey: llmtest.Key, BaseURL: "file:///v1"}, llm.Invalid, "Options.BaseURL"},
		{"address that is none", &openai.Options{APIKey: llmtest.Key, BaseURL: "http://user:pass-word@[::1"}, llm.Invalid, "Options.BaseURL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // the second call must be told the same
				_, err := openai.New(tt.options).Generate(t.Context(), ask("Hello."), nil)
				e := wantKind(t, err, tt.kind)
				if !strings.Contains(e.Hint, tt.hint) {
					t.Errorf("hint %q, wants %q in it", e.Hint, tt.hint)
				}
				if strings.Contains(e.Error()+e.Hint, "pass-word") || strings.Contains(e.Error(), "sk-abc") {
					t.Errorf("a secret is in %v", e)
				}
			}
		})
	}
}

// Azure wants a version in the query of each request.
func TestQueryOfTheBaseURL(t *testing.T) {
	for base, want := range map[string]string{
		"http://h/openai/v1?api-version=2025-01-01":    "http://h/openai/v1/responses?api-version=2025-01-01",
		"http://h/v1/?a=1&a=2&b=%2F#part":              "http://h/v1/responses?a=1&a=2&b=%2F",
		"http://user:pass@h/v1?key=AIzaSy-a-long-key1": "http://user:pass@h/v1/responses?key=AIzaSy-a-long-key1",
	} {
		var asked string
		model := openai.New(&openai.Options{APIKey: llmtest.Key, BaseURL: base, HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = r.URL.String()
			return nil, errors.New("cannot reach AIzaSy-a-long-key1")
		})}})
		_, err := model.Generate(t.Context(), ask("Hello."), nil)
		if e := wantKind(t, err, llm.Network); asked != want || strings.Contains(base, "AIza") && strings.Contains(fmt.Sprintf("%#v", *e), "AIza") {
			t.Errorf("asked %s, wants %s; error %#v", asked, want, *e)
		}
	}
}

func TestOptionsAreCopiedAndSent(t *testing.T) {
	srv := responsestest.New(t)
	o := &openai.Options{APIKey: "ollama", BaseURL: srv.URL() + "/", Organization: "org-1", Project: "proj-1", HTTPClient: client(t)}
	model := openai.New(o)
	o.APIKey, o.BaseURL, o.Organization = "other", "http://127.0.0.1:1/v1", "org-2"
	if _, err := model.Generate(t.Context(), ask("Hello."), nil); err != nil {
		t.Fatal(err)
	}
	c := srv.Calls()[0]
	if c.APIKey != "ollama" || c.Header.Get("OpenAI-Organization") != "org-1" || c.Header.Get("OpenAI-Project") != "proj-1" {
		t.Errorf("key %q, headers %v", c.APIKey, c.Header)
	}
}

func TestNobodyListens(t *testing.T) {
	srv := responsestest.New(t)
	url := srv.URL()
	srv.Close()
	model := openai.New(&openai.Options{APIKey: llmtest.Key, BaseURL: url, HTTPClient: client(t)})
	modes(t, func(t *testing.T, stream func(llm.Delta)) {
		_, err := model.Generate(t.Context(), ask("Hello."), stream)
		e := wantKind(t, err, llm.Network)
		if !strings.Contains(e.Message, "refused") || !strings.Contains(e.Hint, "Options.BaseURL") {
			t.Errorf("got %v, hint %q", e, e.Hint)
		}
	})
}

func TestCheckModel(t *testing.T) {
	catalog := llm.Catalog{"openai": openai.New(&openai.Options{APIKey: llmtest.Key})}
	for name, ok := range map[string]bool{
		"openai/gpt-5.4-mini": true, "openai/ft:gpt-5.4:org::id": true, "openai/org/name": true,
		"openai": false, "openai/": false, "openai?reject=1": false, "openai/a b": false, "openai/a\n": false,
	} {
		if _, _, err := catalog.Lookup(name); (err == nil) != ok {
			t.Errorf("Lookup(%q) gives %v, wants it known: %v", name, err, ok)
		}
	}
}

func TestCheckModelWithoutKeyOrAddress(t *testing.T) {
	for _, o := range []*openai.Options{nil, {APIKey: "a b"}, {APIKey: llmtest.Key, BaseURL: "localhost:1/v1"}} {
		_, _, err := llm.Catalog{"openai": openai.New(o)}.Lookup("openai/gpt-5.4-mini")
		var e *llm.Error
		if !errors.As(err, &e) || e.Hint == "" {
			t.Errorf("%+v: %v", o, err)
		}
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
