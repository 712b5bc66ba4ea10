package local_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/openaichat"
)

// transport answers requests without a network, so that time can be fake.
type transport func(*http.Request) *http.Response

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// A page in place of a server costs nothing of a budget.
func TestPagesAreNoAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := openaichat.New(&openaichat.Options{BaseURL: "http://far.test/v1", HTTPClient: &http.Client{Transport: transport(func(*http.Request) *http.Response {
			w := httptest.NewRecorder()
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<!doctype html><title>Sign in to the network</title>")
			return w.Result()
		})}})
		e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": m}, Model: "test/m", Flows: []pawl.Flow{asks}})
		rec := enginetest.Follow(t, e, enginetest.StartWith(t, e, asks, &pawl.Budget{Tokens: new(int64(50_000))}))
		if rec.Status != pawl.StatusFailed || !strings.Contains(rec.Reason, "a web page titled") || len(rec.Steps[0].Attempts) != 1 {
			t.Errorf("run is %s after %d attempts: %s", rec.Status, len(rec.Steps[0].Attempts), rec.Reason)
		}
		if spent := rec.Budget.Spent; spent.Tokens != 0 {
			t.Errorf("it took %+v", spent)
		}
	})
}

// What an adapter takes for an answer is one to the engine: it is asked for once.
func TestAnswersOfAnAdapterAreKept(t *testing.T) {
	const begin = `{"id":"c","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"The tides rise."}}],"usage":`
	const usage = `{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17}}`
	for _, tt := range []struct{ name, media, body string }{
		{"JSON", "application/json", begin + usage},
		{"reasoning beside the limit", "application/json", begin + `{"prompt_tokens":12,"completion_tokens":5,"total_tokens":20017,"completion_tokens_details":{"reasoning_tokens":20000}}}`},
		{"JSON that calls itself text", "text/plain; charset=utf-8", begin + usage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				m := openaichat.New(&openaichat.Options{BaseURL: "http://far.test/v1", HTTPClient: &http.Client{Transport: transport(func(*http.Request) *http.Response {
					calls++
					w := httptest.NewRecorder()
					w.Header().Set("Content-Type", tt.media)
					_, _ = io.WriteString(w, tt.body)
					return w.Result()
				})}})
				e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": m}, Model: "test/m", Flows: []pawl.Flow{asks}})
				if rec := finish(t, e, asks); rec.Status != pawl.StatusDone || calls != 1 {
					t.Errorf("%d calls, run is %s: %s", calls, rec.Status, rec.Reason)
				}
			})
		})
	}
}
