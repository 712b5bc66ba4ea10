package wire

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Who lists models says that it is Pawl, as every request does.
func TestListModelsAgent(t *testing.T) {
	var got string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("User-Agent")
		w.WriteHeader(http.StatusTeapot)
	}))
	defer s.Close()
	if _, err := ListModels(t.Context(), Options{BaseURL: s.URL}); err == nil {
		t.Error("a teapot lists models")
	}
	if got != agent {
		t.Errorf("asked as %q, want %q", got, agent)
	}
}
