package openai_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
)

// A server that refuses how it was asked is asked once more, and from then on so.
func TestWhatServersLack(t *testing.T) {
	for _, tt := range []struct {
		name, sentence string
		part           string // is refused
		instead        string // is in what is sent then
	}{
		{"the form of an answer", "Invalid parameter: 'text.format' of type 'json_schema' is not supported with model version `m`.", `"json_schema"`, `"json_object"`},
		{"a word of the schema", "output_config.format.schema: For 'number' type, properties maximum, minimum are not supported", `"minimum"`, `"json_schema"`},
		{"the role", "System role not supported", `"role":"system"`, `You review.\n\nReview the text.`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			modes(t, func(t *testing.T, stream func(llm.Delta)) {
				srv, model := start(t)
				srv.On(func(c responsestest.Call) responsestest.Reply {
					if strings.Contains(string(c.Body), tt.part) {
						return responsestest.Status(400, "", tt.sentence)
					}
					return responsestest.Reply{}
				})
				req := ask("Review the text.")
				if tt.name == "the role" {
					req.Messages = []llm.Message{llm.System("You review."), req.Messages[0]}
				} else {
					req.Schema = reviewSchema(t)
				}
				for i := range 2 {
					resp, err := model.Generate(t.Context(), req, stream)
					if err != nil || (resp.Hint == "") != (i > 0) {
						t.Fatalf("call %d: %v, says %q", i+1, err, resp.Hint)
					}
				}
				calls := srv.Calls()
				if len(calls) != 3 {
					t.Fatalf("%d requests for two calls", len(calls))
				}
				for _, c := range calls[1:] {
					if !strings.Contains(string(c.Body), tt.instead) {
						t.Errorf("sent %s, wants %s in it", c.Body, tt.instead)
					}
				}
				if v := srv.Violations(); len(v) > 0 {
					t.Errorf("violations %q", v)
				}
			})
		})
	}
}

// An organization that OpenAI has not verified gets no streams of some models, and its
// answers whole.
func TestStreamsNeedVerification(t *testing.T) {
	srv, model := start(t)
	srv.On(func(c responsestest.Call) responsestest.Reply {
		if strings.Contains(string(c.Body), `"stream":true`) {
			return responsestest.Status(400, "unsupported_value", "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.")
		}
		return responsestest.Reply{}
	})
	for i := range 2 {
		resp, err := model.Generate(t.Context(), ask("Hello."), func(llm.Delta) {})
		if err != nil || resp.Usage == nil || (resp.Hint == "") != (i > 0) {
			t.Fatalf("call %d: %v, usage %+v, says %q", i+1, err, resp.Usage, resp.Hint)
		}
	}
	if n := len(srv.Calls()); n != 3 {
		t.Errorf("%d requests for two calls", n)
	}
}

// A server that ignores text.format is told the schema in words too, and it is said where
// it may hold to it. One that fills the shape is left alone.
func TestSchemaThatIsIgnored(t *testing.T) {
	const inWords = "which it must satisfy"
	for _, tt := range []struct {
		name    string
		answer  responsestest.Reply
		kind    llm.ErrorKind
		ignored bool
	}{
		{"prose", responsestest.Text("It is a fine text."), "", true},
		{"another object", responsestest.Text(`{"review":"fine"}`), "", true},
		{"prose cut short", responsestest.Incomplete("max_output_tokens", "It is a fine"), llm.Truncated, true},
		{"an object cut short", responsestest.Incomplete("max_output_tokens", `{"notes":`), llm.Truncated, false},
		{"an answer", responsestest.Reply{}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			modes(t, func(t *testing.T, stream func(llm.Delta)) {
				srv, model := start(t)
				reply(srv, tt.answer)
				req := ask("Review the text.")
				req.Schema = reviewSchema(t)
				for i := range 3 {
					resp, err := model.Generate(t.Context(), req, stream)
					if llm.KindOf(err) != tt.kind {
						t.Fatal(err)
					}
					if said := strings.Contains(resp.Hint, "openai-chat/"+req.Model); said != (tt.ignored && i == 0 && err == nil) {
						t.Errorf("call %d says %q", i+1, resp.Hint)
					}
				}
				for i, c := range srv.Calls() {
					body := string(c.Body)
					if strings.Contains(body, inWords) != (tt.ignored && i > 0) || !strings.Contains(body, `"json_schema"`) {
						t.Errorf("request %d is %s", i+1, body)
					}
				}
			})
		})
	}
}
