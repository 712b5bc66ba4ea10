package openaichat_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
)

// takes refuses every form of a schema that is not in the list, as servers do.
func takes(srv *responsestest.Server, forms ...string) {
	srv.On(func(c responsestest.Call) responsestest.Reply {
		form := formOf(c)
		if form == "" {
			return responsestest.Reply{}
		}
		for _, f := range forms {
			if f == form {
				return responsestest.Reply{}
			}
		}
		return responsestest.Status(400, "", "response_format.type `"+form+"` is unavailable now")
	})
}

func formOf(c responsestest.Call) string {
	var body struct {
		Format struct{ Type string } `json:"response_format"`
	}
	_ = json.Unmarshal(c.Body, &body)
	return body.Format.Type
}

// Each call is one request. A refused form makes an error that the caller retries,
// and is not tried again for that model.
func TestFormsAreLearned(t *testing.T) {
	for _, tt := range []struct {
		name  string
		takes []string
		sent  []string // the forms of four calls
		fails int      // so many of the first fail
	}{
		{"all", []string{"json_schema", "json_object"}, []string{"json_schema", "json_schema", "json_schema", "json_schema"}, 0},
		{"objects", []string{"json_object"}, []string{"json_schema", "json_object", "json_object", "json_object"}, 1},
		{"none", nil, []string{"json_schema", "json_object", "", ""}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			modes(t, func(t *testing.T, stream func(llm.Delta)) {
				srv, model := start(t)
				takes(srv, tt.takes...)
				for i, form := range tt.sent {
					_, err := model.Generate(t.Context(), askReview(t), stream)
					if i < tt.fails {
						e := wantKind(t, err, llm.Overloaded)
						if !e.Kind.Transient() || e.Status != 400 || !strings.Contains(e.Message, form) || !strings.Contains(e.Hint, "response_format "+form) {
							t.Errorf("call %d: %+v", i+1, e)
						}
					} else if err != nil {
						t.Errorf("call %d: %v", i+1, err)
					}
					calls := srv.Calls()
					if len(calls) != i+1 || formOf(calls[i]) != form {
						t.Fatalf("call %d: %d requests, the last with %q, wants %q", i+1, len(calls), formOf(calls[len(calls)-1]), form)
					}
				}
				if v := srv.Violations(); len(v) > 0 {
					t.Errorf("violations %q", v)
				}
			})
		})
	}
}

func TestSchemaInWords(t *testing.T) {
	srv, model := start(t)
	takes(srv, "json_object")
	req := askReview(t)
	req.Messages = []llm.Message{llm.System("You review."), llm.User("Review this."), llm.System("Be kind.")}
	_, err := model.Generate(t.Context(), req, nil)
	wantKind(t, err, llm.Overloaded)
	if _, err = model.Generate(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	strict, err := req.Schema.Strict()
	if err != nil {
		t.Fatal(err)
	}
	m := srv.Calls()[1].Messages
	if len(m) != 3 || !strings.HasPrefix(m[0].Text, "You review.\n\nAnswer with one JSON object") || !strings.HasSuffix(m[0].Text, string(strict)) ||
		m[1].Text != "Review this." || m[2].Text != "Be kind." {
		t.Errorf("messages %+v", m)
	}
	if len(req.Messages) != 3 || req.Messages[0].Text() != "You review." {
		t.Errorf("the caller's messages changed: %+v", req.Messages)
	}
}

// What one model refuses says nothing about another, nor about plain text.
func TestFormsAreOfOneModel(t *testing.T) {
	srv, model := start(t)
	takes(srv)
	_, err := model.Generate(t.Context(), askReview(t), nil)
	wantKind(t, err, llm.Overloaded)
	other := askReview(t)
	other.Model = "other"
	_, err = model.Generate(t.Context(), other, nil)
	wantKind(t, err, llm.Overloaded)
	if form := formOf(srv.Calls()[1]); form != "json_schema" {
		t.Errorf("the other model was asked for %q", form)
	}
	if _, err := model.Generate(t.Context(), ask("Hello."), nil); err != nil {
		t.Error(err)
	}
}

// Many calls that are refused at once go one step further together, not many.
func TestFormsRefusedAtOnce(t *testing.T) {
	srv, model := start(t)
	const n = 16
	together := make(chan struct{})
	srv.On(func(c responsestest.Call) responsestest.Reply {
		if formOf(c) != "json_schema" {
			return responsestest.Reply{}
		}
		return responsestest.Status(400, "", "json_schema is not supported").Before(func(responsestest.Call) { <-together })
	})
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if _, err := model.Generate(t.Context(), askReview(t), nil); llm.KindOf(err) != llm.Overloaded {
				t.Errorf("got %v", err)
			}
		})
	}
	srv.WaitInFlight(n)
	close(together)
	wg.Wait()
	if _, err := model.Generate(t.Context(), askReview(t), nil); err != nil {
		t.Error(err)
	}
	if calls := srv.Calls(); formOf(calls[n]) != "json_object" {
		t.Errorf("the next call asked for %q", formOf(calls[n]))
	}
}

func TestWhatRefusesAForm(t *testing.T) {
	for _, tt := range []struct {
		name    string
		status  int
		code    string
		message string
		refuses bool
		kind    llm.ErrorKind // if it does not
	}{
		{"the vendor's older models", 400, "", "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", true, ""},
		{"DeepSeek", 400, "invalid_request_error", "This response_format type is unavailable now", true, ""},
		{"DeepSeek, older", 422, "", "Failed to deserialize the JSON body into the target type: response_format: response_format.type `json_schema` is unavailable now", true, ""},
		{"llama.cpp, older, with 500", 500, "500", `response_format type must be one of "text" or "json_object", but got: json_schema`, true, ""},
		{"Groq", 400, "", "This model does not support response format `json_schema`.", true, ""},
		{"pydantic", 422, "", "[{'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or 'json_object'\"}]", true, ""},

		{"the schema itself", 400, "invalid_json_schema", "Invalid schema for response_format 'review': 'default' is not permitted.", false, llm.Invalid},
		{"the schema itself, without a code", 400, "", "Invalid schema for response_format 'review': 'default' is not permitted.", false, llm.Invalid},
		{"vLLM's grammar", 400, "", "The provided JSON schema contains features not supported by xgrammar.", false, llm.Invalid},
		{"another field", 400, "", "Unsupported parameter: 'max_tokens' is not supported with this model.", false, llm.Invalid},
		{"key", 401, "", "response_format json_schema is not supported without a key", false, llm.Auth},
		{"rate", 429, "", "response_format json_schema is not available right now", false, llm.RateLimit},
		{"gateway", 503, "", "json_schema backend unavailable", false, llm.Overloaded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, model := start(t)
			reply(srv, responsestest.Status(tt.status, tt.code, tt.message))
			_, err := model.Generate(t.Context(), askReview(t), nil)
			want := tt.kind
			if tt.refuses {
				want = llm.Overloaded
			}
			e := wantKind(t, err, want)
			if e.Message != tt.message || e.Status != tt.status {
				t.Errorf("the server's words are lost: %+v", e)
			}
			if _, err = model.Generate(t.Context(), askReview(t), nil); err == nil {
				t.Fatal("an answer")
			}
			if form := formOf(srv.Calls()[1]); (form != "json_schema") != tt.refuses {
				t.Errorf("the next call asked for %q", form)
			}
		})
	}
}

// With words alone nothing is left to refuse: the same error is then final.
func TestLastFormIsFinal(t *testing.T) {
	srv, model := start(t)
	reply(srv, responsestest.Status(400, "", "response_format is not supported"))
	for _, kind := range []llm.ErrorKind{llm.Overloaded, llm.Overloaded, llm.Invalid, llm.Invalid} {
		_, err := model.Generate(t.Context(), askReview(t), nil)
		wantKind(t, err, kind)
	}
	// Without a schema it never was about the form.
	_, err := model.Generate(t.Context(), ask("Hello."), nil)
	wantKind(t, err, llm.Invalid)
}
