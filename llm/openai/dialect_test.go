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
