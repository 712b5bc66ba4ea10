package wire

import (
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

// What Post puts on the wire, whatever the address looks like.
func TestPost(t *testing.T) {
	var got *http.Request
	var body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got, body = r, string(raw)
	}))
	defer s.Close()
	for _, x := range []struct{ base, key, path, auth string }{
		{"/v1", "k", "/v1/chat", "Bearer k"},
		{"/v1/", "k", "/v1/chat", "Bearer k"},
		{"", "", "/chat", ""},
		{"/v1?api-version=2&a=%26", "", "/v1/chat?api-version=2&a=%26", ""},
		{"/to/http://b//v1", "", "/to/http://b//v1/chat", ""},
		{"/a%2Fb/v1#part", "", "/a%2Fb/v1/chat", ""},
	} {
		o := Options{Vendor: Vendor{Authorize: func(h http.Header, key string) { h.Set("Authorization", "Bearer "+key) }}, APIKey: x.key, BaseURL: s.URL + x.base, KeyOptional: true}
		res, err := New(o).Post(t.Context(), o.BaseURL, "chat", map[string]string{"a": "<&>"})
		if err != nil {
			t.Errorf("%s: %v", x.base, err)
			continue
		}
		res.Body.Close()
		h := got.Header
		if got.Method != "POST" || got.RequestURI != x.path || h.Get("Authorization") != x.auth || strings.TrimSpace(body) != `{"a":"<&>"}` || got.ContentLength != int64(len(body)) {
			t.Errorf("%s: %s %s with %q sends %s (%d bytes)", x.base, got.Method, got.RequestURI, h.Get("Authorization"), body, got.ContentLength)
		}
		if h.Get("Content-Type") != "application/json" || h.Get("Accept") != "application/json" || h.Get("User-Agent") != agent {
			t.Errorf("%s: %v", x.base, h)
		}
	}
}

// A failure of Post is of the sort that Generate knows, and nothing is sent that has no form.
func TestPostFails(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	e := New(Options{BaseURL: s.URL, KeyOptional: true})
	var known *llm.Error
	if _, err := e.Post(t.Context(), s.URL, "chat", 1); !errors.As(err, &known) || known.Status != http.StatusTemporaryRedirect || asked != 1 {
		t.Errorf("a redirect: %v, after %d requests", err, asked)
	}
	if _, err := e.Post(t.Context(), s.URL, "chat", math.NaN()); err == nil || errors.As(err, &known) || asked != 1 {
		t.Errorf("a body without a form: %v, after %d requests", err, asked)
	}
	// A client that follows redirects keeps to the server that was asked.
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another server is asked") }))
	defer other.Close()
	hops := 0
	moved := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hops++; hops == 1 {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			return
		}
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	defer moved.Close()
	e = New(Options{BaseURL: moved.URL, KeyOptional: true, HTTPClient: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}})
	if _, err := e.Post(t.Context(), moved.URL, "chat", 1); !errors.As(err, &known) || known.Status != http.StatusTemporaryRedirect || hops != 2 {
		t.Errorf("a redirect to another server: %v, after %d hops", err, hops)
	}
	if _, err := e.Post(t.Context(), "http://[", "chat", 1); err == nil {
		t.Error("no address: sent")
	}
}
