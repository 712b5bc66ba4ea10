package openaiwire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl/llm/internal/wire"
)

// All requests say that they are Pawl's.
func TestAgent(t *testing.T) {
	var agents []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agents = append(agents, r.Header.Get("User-Agent"))
		w.WriteHeader(http.StatusTeapot)
	}))
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	o := wire.Options{Vendor: Vendor(), BaseURL: s.URL, KeyOptional: true}
	if _, err := wire.ListModels(ctx, o); err == nil {
		t.Error("a teapot lists models")
	}
	if _, err := wire.New(o).Post(ctx, s.URL, "responses", struct{}{}); err == nil {
		t.Error("a teapot answers")
	}
	if len(agents) != 2 || !strings.HasPrefix(agents[0], "pawl/") || agents[0] != agents[1] {
		t.Errorf("the requests come from %q", agents)
	}
}
