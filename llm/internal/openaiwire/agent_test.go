package openaiwire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
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
	o := Options{BaseURL: s.URL, KeyOptional: true}
	if _, err := ListModels(ctx, o); err == nil {
		t.Error("a teapot lists models")
	}
	service := responses.NewResponseService(New(o).Options()...)
	if _, err := service.Get(ctx, "r", responses.ResponseGetParams{}, option.WithMaxRetries(0)); err == nil {
		t.Error("a teapot answers")
	}
	if len(agents) != 2 || !strings.HasPrefix(agents[0], "pawl/") || agents[0] != agents[1] {
		t.Errorf("the requests come from %q", agents)
	}
	info := &debug.BuildInfo{Main: debug.Module{Path: "example.com/own"}, Deps: []*debug.Module{{Path: module, Version: "v1.2.3"}}}
	if got := agentOf(info, true); got != "pawl/v1.2.3 (github.com/pawlrun/pawl)" {
		t.Errorf("a program with Pawl says %q", got)
	}
}
