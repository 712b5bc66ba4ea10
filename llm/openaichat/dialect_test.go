package openaichat_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
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

// A form that is refused costs one more request, and only the first call; a second one
// makes an error that the caller retries. Neither is tried again for that model.
func TestFormsAreLearned(t *testing.T) {
	for _, tt := range []struct {
		name  string
		takes []string
		sent  [][]string // the forms of the requests of three calls
		fails int        // so many of the calls fail
	}{
		{"all", []string{"json_schema", "json_object"}, [][]string{{"json_schema"}, {"json_schema"}, {"json_schema"}}, 0},
		{"objects", []string{"json_object"}, [][]string{{"json_schema", "json_object"}, {"json_object"}, {"json_object"}}, 0},
		{"none", nil, [][]string{{"json_schema", "json_object"}, {""}, {""}}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			modes(t, func(t *testing.T, stream func(llm.Delta)) {
				srv, model := start(t)
				takes(srv, tt.takes...)
				seen := 0
				for i, forms := range tt.sent {
					resp, err := model.Generate(t.Context(), askReview(t), stream)
					if i < tt.fails {
						e := wantKind(t, err, llm.Overloaded)
						if !e.Kind.Transient() || e.Status != 400 || !strings.Contains(e.Message, forms[1]) || !strings.Contains(e.Hint, "response_format "+forms[1]) {
							t.Errorf("call %d: %+v", i+1, e)
						}
					} else if err != nil {
						t.Errorf("call %d: %v", i+1, err)
					} else if (resp.Hint != "") != (len(forms) > 1) {
						t.Errorf("call %d says %q", i+1, resp.Hint)
					}
					var got []string
					for _, c := range srv.Calls()[seen:] {
						got = append(got, formOf(c))
					}
					seen += len(got)
					if !slices.Equal(got, forms) {
						t.Fatalf("call %d asked for %q, wants %q", i+1, got, forms)
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
	if _, err := model.Generate(t.Context(), req, nil); err != nil {
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
	before := len(srv.Calls())
	_, err = model.Generate(t.Context(), other, nil)
	wantKind(t, err, llm.Overloaded)
	if form := formOf(srv.Calls()[before]); form != "json_schema" {
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
			if _, err := model.Generate(t.Context(), askReview(t), nil); err != nil {
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
	for i, c := range srv.Calls() {
		if want := map[bool]string{true: "json_schema", false: "json_object"}[i < n]; formOf(c) != want {
			t.Errorf("request %d asked for %q, wants %q", i+1, formOf(c), want)
		}
	}
	if calls := len(srv.Calls()); calls != 2*n+1 {
		t.Errorf("%d requests for %d calls", calls, n+1)
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

		{"Gemini's address, for Gemma 3", 400, "", "JSON mode is not enabled for models/gemma-3-27b-it", true, ""},
		{"Gemini's address, another thing", 400, "", "Function calling is not enabled for models/gemma-3-27b-it", false, llm.Invalid},

		{"a word of the schema that we do not send", 400, "invalid_json_schema", "Invalid schema for response_format 'review': 'default' is not permitted.", true, ""},
		{"Groq, a word of the schema", 400, "", "invalid schema for response format: response_format/json_schema/advice: minItems is not supported", true, ""},

		{"the schema itself", 400, "invalid_json_schema", "Invalid schema for response_format 'review': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.", false, llm.Invalid},
		{"the schema itself, without a code", 400, "", "Invalid schema for response_format 'review': In context=(), 'additionalProperties' is required to be supplied and to be false.", false, llm.Invalid},
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
			if calls := srv.Calls(); (len(calls) > 1) != tt.refuses || tt.refuses && formOf(calls[1]) != "json_object" {
				t.Errorf("%d requests, the last for %q", len(calls), formOf(calls[len(calls)-1]))
			}
		})
	}
}

// A server that refuses another field may list those that it knows. Nothing is learned of
// that: the error is final, and what is sent stays.
func TestFieldsThatAServerLists(t *testing.T) {
	const fields = "`model`, `messages`, `max_tokens`, `temperature`, `response_format`, `json_schema`, `stream`, `stream_options`"
	for _, sentence := range []string{
		"Failed to deserialize the JSON body into the target type: unknown field `reasoning_effort`, expected one of " + fields + " at line 1 column 90",
		"Unsupported parameter: reasoning_effort. Supported parameters are " + fields,
		"Unknown field reasoning_effort (allowed fields: " + fields + ")",
	} {
		srv, model := start(t)
		reply(srv, responsestest.Status(422, "", sentence))
		req := askReview(t)
		req.Effort, req.MaxTokens = "high", 1000
		for range 3 {
			_, err := model.Generate(t.Context(), req, ignore)
			wantKind(t, err, llm.Invalid)
		}
		reply(srv, responsestest.Reply{})
		req.Effort = ""
		if _, err := model.Generate(t.Context(), req, ignore); err != nil {
			t.Fatal(err)
		}
		calls := srv.Calls()
		if last := calls[len(calls)-1]; len(calls) != 4 || formOf(last) != "json_schema" || streamOf(last) != "counted stream" || !strings.Contains(string(last.Body), `"max_tokens"`) {
			t.Errorf("%q: %d requests, the last is %s", sentence, len(calls), last.Body)
		}
	}
}

// With words alone nothing is left to refuse: the same error is then final.
func TestLastFormIsFinal(t *testing.T) {
	srv, model := start(t)
	reply(srv, responsestest.Status(400, "", "response_format is not supported"))
	for _, kind := range []llm.ErrorKind{llm.Overloaded, llm.Invalid, llm.Invalid} {
		_, err := model.Generate(t.Context(), askReview(t), nil)
		wantKind(t, err, kind)
	}
	// Without a schema it never was about the form.
	_, err := model.Generate(t.Context(), ask("Hello."), nil)
	wantKind(t, err, llm.Invalid)
}

// refuses answers like a server that refuses what a request's body has; the first sentence
// whose part is there counts.
func refuses(srv *responsestest.Server, sentences ...[2]string) {
	srv.On(func(c responsestest.Call) responsestest.Reply {
		for _, s := range sentences {
			if strings.Contains(string(c.Body), s[0]) {
				return responsestest.Status(400, "", s[1])
			}
		}
		return responsestest.Reply{}
	})
}

type bounded struct {
	Format time.Time `json:"format"` // a property with the name of a keyword, and with that
	Tags   []string  `json:"tags" pawl:"items=1..3"`
	Score  int       `json:"score" pawl:"min=0,max=9"`
}

func askBounded(t *testing.T) llm.Request {
	t.Helper()
	s, err := schema.For[bounded]()
	if err != nil {
		t.Fatal(err)
	}
	req := ask("Rate this.")
	req.Schema = s
	return req
}

// A server that lacks a word of the schema gets the schema without it and its kind.
func TestKeywordsThatTheServerLacks(t *testing.T) {
	for _, tt := range []struct {
		name, part, sentence string
		without, with        []string
		hint                 string
	}{
		{"Groq", `"minItems"`, "invalid schema for response format: response_format/json_schema/tags: minItems is not supported", []string{"minItems", "maxItems"}, []string{`minimum"`, `maximum"`, `format":"date-time"`}, "minItems, maxItems"},
		{"Anthropic", `"minimum"`, "output_config.format.schema: For 'integer' type, properties maximum, minimum are not supported", []string{"minimum", "maximum"}, []string{`minItems"`, `format":"date-time"`}, "minimum, maximum"},
		{"Cerebras", `"minItems"`, "Unsupported JSON schema fields: {'minItems', 'items'}", []string{"minItems", "maxItems"}, []string{"minimum"}, ""},
		{"Vertex AI", `"minItems"`, "one or more response schemas specified unsupported field min_items", []string{"minItems", "maxItems"}, []string{"minimum"}, ""},
		{"Gemini", `"maxItems"`, `Invalid JSON payload received. Unknown name "maxItems" at 'generation_config.response_schema.properties[1].value': Cannot find field.`, []string{"minItems", "maxItems"}, []string{"minimum"}, ""},
		{"vLLM", `"format":"date-time"`, "The provided JSON schema contains features not supported by xgrammar.", []string{`minItems"`, `maxItems"`, `minimum"`, `maximum"`, `format":"`}, nil, ""},
		{"llama.cpp", `"format":"date-time"`, "Failed to initialize samplers: failed to parse grammar", []string{`minItems"`, `minimum"`, `format":"`}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, model := start(t)
			refuses(srv, [2]string{tt.part, tt.sentence})
			for i := range 2 {
				resp, err := model.Generate(t.Context(), askBounded(t), nil)
				if err != nil || (resp.Hint == "") != (i > 0) || i == 0 && !strings.Contains(resp.Hint, tt.hint) {
					t.Fatalf("call %d: %v, says %q", i+1, err, resp.Hint)
				}
			}
			calls := srv.Calls()
			if len(calls) != 3 {
				t.Fatalf("%d requests for two calls", len(calls))
			}
			for _, c := range calls[1:] {
				schema := string(c.Schema)
				for _, k := range tt.without {
					if strings.Contains(schema, `"`+k) {
						t.Errorf("%s is in %s", k, schema)
					}
				}
				for _, k := range append(tt.with, "properties", "required", "additionalProperties", `format":{`) {
					if !strings.Contains(schema, `"`+k) {
						t.Errorf("%s is lost: %s", k, schema)
					}
				}
				if strings.Index(schema, `"format":{`) > strings.Index(schema, `"tags":{`) || strings.Index(schema, `"tags":{`) > strings.Index(schema, `"score":{`) {
					t.Errorf("the order is lost: %s", schema)
				}
			}
			if v := srv.Violations(); len(v) > 0 {
				t.Errorf("violations %q", v)
			}
		})
	}
}

// Templates without a role system, or with one at the beginning alone.
func TestRolesThatTheModelLacks(t *testing.T) {
	all := []llm.Message{llm.System("You review."), llm.User("Review this."), llm.Assistant("{}"), llm.System("Be kind."), llm.User("Again.")}
	for _, tt := range []struct {
		name, sentence string
		status         int
		want           []responsestest.Message
	}{
		{"Gemma", "System role not supported", 400, []responsestest.Message{{Role: "user", Text: "You review.\n\nReview this."}, {Role: "assistant", Text: "{}"}, {Role: "user", Text: "Be kind.\n\nAgain."}}},
		{"llama.cpp, with 500", "Jinja Exception: System role not supported", 500, []responsestest.Message{{Role: "user", Text: "You review.\n\nReview this."}, {Role: "assistant", Text: "{}"}, {Role: "user", Text: "Be kind.\n\nAgain."}}},
		{"o1-mini", "Unsupported value: 'messages[0].role' does not support 'system' with this model.", 400, []responsestest.Message{{Role: "user", Text: "You review.\n\nReview this."}, {Role: "assistant", Text: "{}"}, {Role: "user", Text: "Be kind.\n\nAgain."}}},
		{"Qwen3.5", "System message must be at the beginning.", 400, []responsestest.Message{{Role: "system", Text: "You review."}, {Role: "user", Text: "Review this."}, {Role: "assistant", Text: "{}"}, {Role: "user", Text: "Be kind.\n\nAgain."}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, model := start(t)
			first := true
			srv.On(func(responsestest.Call) responsestest.Reply {
				if first {
					first = false
					return responsestest.Status(tt.status, "", tt.sentence)
				}
				return responsestest.Reply{}
			})
			req := ask("")
			req.Messages = all
			for range 2 {
				if _, err := model.Generate(t.Context(), req, nil); err != nil {
					t.Fatal(err)
				}
			}
			calls := srv.Calls()
			if len(calls) != 3 {
				t.Fatalf("%d requests for two calls", len(calls))
			}
			for _, c := range calls[1:] {
				if diff := cmp.Diff(tt.want, c.Messages); diff != "" {
					t.Errorf("messages (-want +got):\n%s", diff)
				}
			}
			if req.Messages[0].Role != llm.RoleSystem {
				t.Error("the caller's messages changed")
			}
		})
	}
}

// A template that wants roles to alternate is first freed of system messages in the
// middle, then of all.
func TestRolesThatDoNotAlternate(t *testing.T) {
	srv, model := start(t)
	reply(srv, responsestest.Status(400, "", "Conversation roles must alternate user/assistant/user/assistant/..."))
	req := ask("")
	req.Messages = []llm.Message{llm.System("a"), llm.User("b"), llm.System("c")}
	_, err := model.Generate(t.Context(), req, nil)
	if e := wantKind(t, err, llm.Overloaded); !strings.Contains(e.Hint, "user's") {
		t.Errorf("hint %q", e.Hint)
	}
	_, err = model.Generate(t.Context(), req, nil)
	wantKind(t, err, llm.Invalid) // nothing is left to change
	var roles []string
	for _, c := range srv.Calls() {
		var r string
		for _, m := range c.Messages {
			r += m.Role[:1]
		}
		roles = append(roles, r)
	}
	if want := []string{"sus", "su", "u"}; !slices.Equal(roles, want) {
		t.Errorf("roles %q, wants %q", roles, want)
	}
}

// One name of the limit is refused, so the other one is sent: once, within the call.
func TestOtherNameOfTheLimit(t *testing.T) {
	const sentence = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
	for _, tt := range []struct {
		name      string
		sentences [][2]string
		kinds     []llm.ErrorKind // of two calls
		requests  int
	}{
		{"Azure", [][2]string{{`"max_tokens"`, sentence}}, []llm.ErrorKind{"", ""}, 3},
		{"Mistral", [][2]string{{`"max_tokens"`, `[{"type":"extra_forbidden","loc":["body","max_tokens"],"msg":"Extra inputs are not permitted"}]`}}, []llm.ErrorKind{"", ""}, 3},
		{"neither", [][2]string{{`"max_tokens"`, sentence}, {`"max_completion_tokens"`, "Unrecognized request argument supplied: max_completion_tokens"}}, []llm.ErrorKind{llm.Invalid, llm.Invalid}, 3},
		{"a limit that is too large", [][2]string{{`"max_tokens"`, "max_tokens must be less than or equal to 8192"}}, []llm.ErrorKind{llm.Invalid, llm.Invalid}, 2},
		{"the limit and the role", [][2]string{{`"max_tokens"`, sentence}, {`"system"`, "System role not supported"}}, []llm.ErrorKind{llm.Overloaded, ""}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			modes(t, func(t *testing.T, stream func(llm.Delta)) {
				srv, model := start(t)
				refuses(srv, tt.sentences...)
				req := ask("Hello.")
				req.Messages = append([]llm.Message{llm.System("Be brief.")}, req.Messages...)
				req.MaxTokens = 1000
				for i, kind := range tt.kinds {
					if _, err := model.Generate(t.Context(), req, stream); llm.KindOf(err) != kind {
						t.Errorf("call %d: %v, wants kind %q", i+1, err, kind)
					}
				}
				if n := len(srv.Calls()); n != tt.requests {
					t.Errorf("%d requests, wants %d", n, tt.requests)
				}
			})
		})
	}
	// Without a limit it is about something else.
	srv, model := start(t)
	reply(srv, responsestest.Status(400, "", sentence))
	_, err := model.Generate(t.Context(), ask("Hello."), nil)
	wantKind(t, err, llm.Invalid)
	if n := len(srv.Calls()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// What a server lacks is told once: by the first answer, also where it is one of a later
// call since the request without it failed, and by one of those that learn it at once.
func TestChangesAreSaidOnce(t *testing.T) {
	const sentence = "Unrecognized request argument supplied: stream_options"
	t.Run("later", func(t *testing.T) {
		srv, model := start(t)
		srv.On(func(c responsestest.Call) responsestest.Reply {
			switch c.N {
			case 1:
				return responsestest.Status(400, "", sentence)
			case 2:
				return responsestest.Status(429, "rate_limit_exceeded", "slow down")
			}
			return responsestest.Reply{}
		})
		_, err := model.Generate(t.Context(), ask("Hello."), ignore)
		wantKind(t, err, llm.RateLimit)
		for i := range 3 {
			if resp := generate(t, model); strings.Contains(resp.Hint, "come whole") != (i == 0) {
				t.Errorf("answer %d says %q", i+1, resp.Hint)
			}
		}
	})
	t.Run("at once", func(t *testing.T) {
		const calls = 16
		srv, model := start(t)
		var refused sync.WaitGroup
		refused.Add(calls)
		srv.On(func(c responsestest.Call) responsestest.Reply {
			if streamOf(c) != "counted stream" {
				return responsestest.Reply{}
			}
			return responsestest.Status(400, "", sentence).Before(func(responsestest.Call) {
				refused.Done()
				refused.Wait()
			})
		})
		var said atomic.Int32
		var all sync.WaitGroup
		for range calls {
			all.Go(func() {
				resp, err := model.Generate(t.Context(), ask("Hello."), ignore)
				if err != nil {
					t.Error(err)
				}
				if resp.Hint != "" {
					said.Add(1)
				}
			})
		}
		all.Wait()
		if n := said.Load(); n != 1 {
			t.Errorf("said by %d answers", n)
		}
	})
}
