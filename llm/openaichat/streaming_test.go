package openaichat_test

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openaichat"
)

// streamOf says in short how a call asked for its answer.
func streamOf(c responsestest.Call) string {
	var body struct {
		Stream  bool            `json:"stream"`
		Options json.RawMessage `json:"stream_options"`
	}
	_ = json.Unmarshal(c.Body, &body)
	switch {
	case body.Stream && body.Options != nil:
		return "counted stream"
	case body.Stream:
		return "stream"
	case body.Options != nil:
		return "options of no stream"
	}
	return "whole"
}

// wantAsked checks how the calls of a server asked for their answers.
func wantAsked(t *testing.T, srv *responsestest.Server, want ...string) {
	t.Helper()
	var asked []string
	for _, c := range srv.Calls() {
		asked = append(asked, streamOf(c))
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked for %q, wants %q", asked, want)
	}
	if v := srv.Violations(); len(v) > 0 {
		t.Errorf("violations %q", v)
	}
}

// generate makes a call that is listened to and must come to an answer.
func generate(t *testing.T, model llm.Model) llm.Response {
	t.Helper()
	resp, err := model.Generate(t.Context(), ask("Hello."), func(llm.Delta) {})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// A server that does not stream a model's answers, or not with their counts, is asked for
// whole ones: at the cost of one request, of the first call alone. No token is uncounted.
func TestStreamsThatTheServerLacks(t *testing.T) {
	for _, tt := range []struct {
		name, sentence string
		status         int
	}{
		{"OpenAI, not verified", "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.", 400},
		{"o1", "Unsupported value: 'stream' does not support true with this model. Supported values are: false.", 400},
		{"Bedrock", "The model is unsupported for streaming", 400},
		{"Hugging Face", "Error in `stream`: `stream` is not supported for this model", 400},
		{"a gateway", "Streaming is not supported", 501},
		{"Mistral", `[{"type":"extra_forbidden","loc":["body","stream_options","include_usage"],"msg":"Extra inputs are not permitted","input":true}]`, 422},
		{"Azure", "Unrecognized request argument supplied: stream_options", 400},
		{"Fireworks", "Extra inputs are not permitted, field: 'stream_options'", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, model := start(t)
			srv.On(func(c responsestest.Call) responsestest.Reply {
				if streamOf(c) == "counted stream" {
					return responsestest.Status(tt.status, "unsupported_value", tt.sentence)
				}
				return responsestest.Reply{}
			})
			for i := range 3 {
				resp := generate(t, model)
				if resp.Usage == nil || (resp.Hint != "") != (i == 0) || i == 0 && !strings.Contains(resp.Hint, "come whole") {
					t.Errorf("call %d: usage %+v, says %q", i+1, resp.Usage, resp.Hint)
				}
			}
			wantAsked(t, srv, "counted stream", "whole", "whole", "whole")
		})
	}
}

// An error that speaks of streams and is about something else changes nothing.
func TestStreamsThatAreNotRefused(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		status   int
	}{
		{"The stream ended unexpectedly.", 500},
		{"max_tokens is too large for streaming", 400},
		{"Streaming is not supported without a key", 401},
		{"streaming is not available right now", 429},
	} {
		srv, model := start(t)
		reply(srv, responsestest.Status(tt.status, "", tt.sentence))
		if _, err := model.Generate(t.Context(), ask("Hello."), func(llm.Delta) {}); err == nil {
			t.Fatalf("%q: an answer", tt.sentence)
		}
		wantAsked(t, srv, "counted stream")
	}
	// Who did not ask for a stream learns nothing of them.
	srv, model := start(t)
	reply(srv, responsestest.Status(400, "", "Streaming is not supported"))
	if _, err := model.Generate(t.Context(), ask("Hello."), nil); err == nil {
		t.Fatal("an answer")
	}
	wantAsked(t, srv, "whole")
}

// Where streams come without counts, and never came with them, whole answers are asked
// for; where these have none either, or are cut off since nothing comes for long, it
// streams again. A server that is away, or breaks early, teaches nothing.
func TestStreamsWithoutCounts(t *testing.T) {
	bare := responsestest.Reply{}.Usage(0, 0, 0) // as if there were none
	away := (*responsestest.Reply)(nil)
	for _, tt := range []struct {
		name    string
		took    time.Duration // the second call
		replies []any         // a responsestest.Reply, or away
		asked   []string
	}{
		{"whole answers are counted", 0, []any{bare, responsestest.Reply{}, responsestest.Reply{}},
			[]string{"counted stream", "whole", "whole"}},
		{"nothing is counted", 0, []any{bare, bare, bare, bare},
			[]string{"counted stream", "whole", "counted stream", "counted stream"}},
		{"whole answers are cut off", time.Minute, []any{bare, responsestest.Reset(), bare, responsestest.Reply{}},
			[]string{"counted stream", "whole", "counted stream", "counted stream"}},
		{"a connection breaks early", time.Second, []any{bare, responsestest.Reset(), responsestest.Reply{}},
			[]string{"counted stream", "whole", "whole"}},
		{"a gateway gives up on whole answers", time.Minute, []any{bare, responsestest.Status(524, "", "a timeout occurred"), bare},
			[]string{"counted stream", "whole", "counted stream"}},
		{"a gateway has no server", time.Second, []any{bare, responsestest.Status(502, "", "bad gateway"), responsestest.Reply{}},
			[]string{"counted stream", "whole", "whole"}},
		{"a gateway has no server in time", time.Second, []any{bare, responsestest.Status(504, "", "gateway timeout"), responsestest.Reply{}},
			[]string{"counted stream", "whole", "whole"}},
		{"the server is away", time.Minute, []any{bare, away, responsestest.Reply{}},
			[]string{"counted stream", "whole"}},
		{"whole answers fail for another reason", time.Minute, []any{bare, responsestest.Status(500, "", "the server had an error"), responsestest.Reply{}},
			[]string{"counted stream", "whole", "whole"}},
		{"one stream lost its counts", 0, []any{responsestest.Reply{}, bare, responsestest.Reply{}},
			[]string{"counted stream", "counted stream", "counted stream"}},
		{"one whole answer lost its counts", 0, []any{bare, responsestest.Reply{}, bare, responsestest.Reply{}},
			[]string{"counted stream", "whole", "whole", "whole"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := responsestest.NewInMemory(t)
				srv.On(func(c responsestest.Call) responsestest.Reply {
					if c.N == 2 {
						time.Sleep(tt.took)
					}
					r, _ := tt.replies[c.N-1].(responsestest.Reply)
					return r
				})
				calls := 0
				near := srv.Client().Transport
				model := openaichat.New(&openaichat.Options{APIKey: llmtest.Key, BaseURL: srv.URL(), HTTPClient: &http.Client{
					Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
						calls++
						if tt.replies[calls-1] == any(away) {
							time.Sleep(tt.took)
							return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("i/o timeout")}
						}
						return near.RoundTrip(r)
					}),
				}})
				for range tt.replies {
					_, _ = model.Generate(t.Context(), ask("Hello."), ignore)
				}
				wantAsked(t, srv, tt.asked...)
			})
		})
	}
}

// A whole answer with counts that comes while another was cut off shows that they are to
// be had.
func TestCountsThatComeAfterAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := responsestest.NewInMemory(t)
		srv.On(func(c responsestest.Call) responsestest.Reply {
			switch c.N {
			case 1:
				return responsestest.Reply{}.Usage(0, 0, 0)
			case 2:
				time.Sleep(time.Minute)
				return responsestest.Status(524, "", "a timeout occurred")
			case 3:
				time.Sleep(2 * time.Minute)
			}
			return responsestest.Reply{}
		})
		model := openaichat.New(&openaichat.Options{APIKey: llmtest.Key, BaseURL: srv.URL(), HTTPClient: srv.Client()})
		call := func() { _, _ = model.Generate(t.Context(), ask("Hello."), ignore) }
		call()
		var both sync.WaitGroup
		both.Go(call)
		synctest.Wait() // the second call is under way
		both.Go(call)
		both.Wait()
		call()
		wantAsked(t, srv, "counted stream", "whole", "whole", "whole")
	})
}
