package anthropic_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/anthropic"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

// However an address ends, the same is asked.
func TestAddresses(t *testing.T) {
	srv := responsestest.New(t)
	root := strings.TrimSuffix(srv.URL(), "/v1")
	for _, address := range []string{root, root + "/", root + "/v1", root + "/v1/"} {
		model := anthropic.New(&anthropic.Options{APIKey: llmtest.Key, BaseURL: address, HTTPClient: llmtest.Client(t)})
		if _, err := model.Generate(t.Context(), ask("Hi."), nil); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// gateway keeps the address that it was asked at, and answers in the vendor's place.
type gateway struct{ asked []string }

func (g *gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	g.asked = append(g.asked, r.URL.String())
	return nil, errors.New("no way")
}

func TestWhereRequestsGo(t *testing.T) {
	for address, want := range map[string]string{
		"":                                "https://api.anthropic.com/v1/messages",
		"http://localhost:8080":           "http://localhost:8080/v1/messages",
		"https://g.test/anthropic?key=a1": "https://g.test/anthropic/v1/messages?key=a1",
		"https://g.test/a/v1?key=a1":      "https://g.test/a/v1/messages?key=a1",
		"https://g.test/a%2Fb/v1/#part":   "https://g.test/a%2Fb/v1/messages",
		"https://g.test#part":             "https://g.test/v1/messages",
	} {
		g := &gateway{}
		model := anthropic.New(&anthropic.Options{APIKey: llmtest.Key, BaseURL: address, HTTPClient: &http.Client{Transport: g}})
		_, err := model.Generate(t.Context(), ask("Hi."), nil)
		llmtest.WantKind(t, err, llm.Network)
		if len(g.asked) != 1 || g.asked[0] != want {
			t.Errorf("%q: asked %q, wants %s", address, g.asked, want)
		}
	}
}

// Nothing comes from the environment: no key, no token, no address, no profile.
func TestNothingFromTheEnvironment(t *testing.T) {
	other := responsestest.New(t)
	for name, value := range map[string]string{
		"ANTHROPIC_API_KEY": "sk-ant-of-the-environment", "ANTHROPIC_AUTH_TOKEN": "token-of-the-environment",
		"ANTHROPIC_BASE_URL": other.URL(), "ANTHROPIC_PROFILE": "none-such", "ANTHROPIC_CUSTOM_HEADERS": "X-Secret: environment",
	} {
		t.Setenv(name, value)
	}
	srv, model := start(t)
	if _, err := model.Generate(t.Context(), ask("Hi."), nil); err != nil {
		t.Fatal(err)
	}
	for name, values := range srv.Calls()[0].Header {
		if strings.Contains(strings.Join(values, " "), "environment") {
			t.Errorf("%s: %q", name, values)
		}
	}
	_, err := anthropic.New(&anthropic.Options{BaseURL: srv.URL()}).Generate(t.Context(), ask("Hi."), nil)
	if e := llmtest.WantKind(t, err, llm.Auth); e.Message != "there is no API key" || !strings.Contains(e.Hint, "Options.APIKey") {
		t.Errorf("without a key: %+v", e)
	}
	if n := len(other.Calls()) + len(srv.Calls()); n != 1 {
		t.Errorf("%d requests, wants the first alone", n)
	}
}

func TestCheckModel(t *testing.T) {
	good := anthropic.New(&anthropic.Options{APIKey: llmtest.Key})
	for name, want := range map[string]string{"claude-haiku-5-5": "", "": "as in anthropic/claude-haiku-5-5", "a b": "no spaces"} {
		err := good.CheckModel(name)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, wants %q", name, err, want)
		}
	}
	for _, o := range []*anthropic.Options{nil, {APIKey: "a b"}, {APIKey: llmtest.Key, BaseURL: "localhost:1"}} {
		var e *llm.Error
		if err := anthropic.New(o).CheckModel("m"); !errors.As(err, &e) || e.Hint == "" {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
