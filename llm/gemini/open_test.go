package gemini_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/gemini"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/schema"
)

// grace is how long streams that stay open are waited for here.
const grace = time.Millisecond

// pieces makes a model whose server sends pieces of a stream, with a pause of many times
// the grace between two, and ends it if ends is true.
func pieces(t *testing.T, ends bool, events ...string) *gemini.Model {
	t.Helper()
	t.Cleanup(gemini.ShortenGrace(grace))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for i, e := range events {
			if i > 0 {
				select {
				case <-time.After(50 * grace):
				case <-r.Context().Done(): // the client went away
					return
				}
			}
			_, _ = io.WriteString(w, "data: "+e+"\r\n\r\n")
			w.(http.Flusher).Flush()
		}
		if !ends {
			<-r.Context().Done()
		}
	}))
	t.Cleanup(srv.Close)
	return gemini.New(&gemini.Options{APIKey: llmtest.Key, BaseURL: srv.URL, HTTPClient: llmtest.Client(t)})
}

func finished(text, finish string) string {
	return `{"candidates":[{"content":{"parts":[{"text":"` + text + `"}]},"finishReason":"` + finish + `"}],` + counted + `}`
}

// Where every piece says that it is the last, a pause does not end the answer.
func TestPauseBetweenEnds(t *testing.T) {
	model := pieces(t, true, finished("Hel", "STOP"), finished("lo", "STOP"), finished("!", "STOP"))
	resp, err := model.Generate(t.Context(), ask("Hello"), llmtest.Ignore)
	if err != nil || resp.Text != "Hello!" {
		t.Errorf("got %+v, %v", resp, err)
	}
}

// An answer in one piece, on a connection that stays open, is not held back or thrown away
// where it must be the whole.
func TestOnePieceThatStaysOpen(t *testing.T) {
	s, err := schema.For[struct {
		Why string `json:"why"`
	}]()
	if err != nil {
		t.Fatal(err)
	}
	typed := ask("Hello")
	typed.Schema = s
	const text = `{"why":"w"}`
	model := pieces(t, false, finished(strings.ReplaceAll(text, `"`, `\"`), "STOP"))
	if resp, err := model.Generate(t.Context(), typed, llmtest.Ignore); err != nil || resp.Text != text || resp.Usage == nil {
		t.Errorf("got %+v, %v", resp, err)
	}
	for finish, kind := range map[string]llm.ErrorKind{"MAX_TOKENS": llm.Truncated, "SAFETY": llm.Filtered} {
		_, err := pieces(t, false, finished("Hel", finish)).Generate(t.Context(), ask("Hello"), llmtest.Ignore)
		if e := llmtest.WantKind(t, err, kind); e.Partial != "Hel" || e.Usage == nil {
			t.Errorf("%s: %+v", finish, e)
		}
	}
}

// Where it may be the whole or a part, it is waited for as long as the call may take, and
// then the error says so and what was counted.
func TestOnePieceThatMayBePart(t *testing.T) {
	model := pieces(t, false, finished("Hello", "STOP"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	time.AfterFunc(100*grace, cancel)
	_, err := model.Generate(ctx, ask("Hello"), llmtest.Ignore)
	e := llmtest.WantKind(t, err, llm.Canceled)
	if e.Partial != "Hello" || e.Usage == nil || e.Usage.OutputTokens != 5 || !strings.Contains(e.Message, "each piece said that it was the last") {
		t.Errorf("got %+v", e)
	}
}
