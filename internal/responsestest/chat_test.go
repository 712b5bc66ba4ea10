package responsestest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
)

const chatHello = `{"model":"m","messages":[{"role":"user","content":"Say hello to the world."}]}`

// chat posts a body to the chat API, without a key if key is empty.
func chat(t *testing.T, srv *responsestest.Server, key, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL()+"/chat/completions", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", key)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

type completion struct {
	Choices []struct {
		Message struct{ Content, Refusal string }
		Delta   struct{ Content, Refusal string }
		Finish  string `json:"finish_reason"`
	}
	Usage *struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
	}
	Error *struct{ Code, Message string }
}

func decodeCompletion(t *testing.T, text string) (c completion) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return c
}

// The same question gets the same words over both APIs, plain and streamed, and a
// stream has counts only if they were asked for.
func TestBothAPIsAnswerAlike(t *testing.T) {
	srv := responsestest.New(t)
	_, other := get(t, srv, hello)
	_, plain := chat(t, srv, "Bearer key", chatHello)
	whole := decodeCompletion(t, plain)
	text := whole.Choices[0].Message.Content
	if text == "" || !strings.Contains(other, strings.Fields(text)[0]) || whole.Choices[0].Finish != "stop" ||
		whole.Usage.Prompt != 5 || whole.Usage.Completion != len(strings.Fields(text)) {
		t.Errorf("answer %s, of the other API %s", plain, other)
	}
	for options, counted := range map[string]bool{`"stream":true,`: false, `"stream":true,"stream_options":{"include_usage":true},`: true} {
		_, events := chat(t, srv, "", strings.Replace(chatHello, "{", "{"+options, 1))
		var told strings.Builder
		var finish string
		usage, last := 0, ""
		for _, line := range strings.Split(events, "\n") {
			data, ok := strings.CutPrefix(line, "data: ")
			if !ok {
				continue
			}
			if last = data; data == "[DONE]" {
				continue
			}
			piece := decodeCompletion(t, data)
			for _, c := range piece.Choices {
				told.WriteString(c.Delta.Content)
				finish += c.Finish
			}
			if piece.Usage != nil {
				usage++
				if len(piece.Choices) != 0 || piece.Usage.Prompt != 5 {
					t.Errorf("counts in %s", data)
				}
			}
		}
		if told.String() != text || finish != "stop" || last != "[DONE]" || (usage == 1) != counted {
			t.Errorf("stream with %s\n%s", options, events)
		}
	}
	calls := srv.Calls()
	if calls[0].API != responsestest.Responses || calls[1].API != responsestest.Chat || calls[3].Nth != 3 || calls[1].Digest != calls[3].Digest {
		t.Errorf("calls %+v", calls)
	}
	if v := srv.Violations(); len(v) > 0 {
		t.Errorf("violations %q", v)
	}
}

func TestChatRepliesInItsOwnWords(t *testing.T) {
	for _, tt := range []struct {
		name                  string
		reply                 responsestest.Reply
		text, refusal, finish string
		code                  string
	}{
		{"text", responsestest.Text("Hi"), "Hi", "", "stop", ""},
		{"JSON", responsestest.JSON(map[string]int{"a": 1}), `{"a":1}`, "", "stop", ""},
		{"refusal", responsestest.Refusal("No."), "", "No.", "stop", ""},
		{"length", responsestest.Incomplete("max_output_tokens", "Hi"), "Hi", "", "length", ""},
		{"filter", responsestest.Incomplete("content_filter", ""), "", "", "content_filter", ""},
		{"any reason", responsestest.WithStatus("abort", "Hi"), "Hi", "", "abort", ""},
		{"failed", responsestest.Failed("server_error", "sorry"), "", "", "", "server_error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := responsestest.New(t)
			srv.On(func(responsestest.Call) responsestest.Reply { return tt.reply })
			status, plain := chat(t, srv, "", chatHello)
			_, events := chat(t, srv, "", strings.Replace(chatHello, "{", `{"stream":true,`, 1))
			var streamed completion
			var text, refusal, finish string
			for _, line := range strings.Split(events, "\n") {
				if data, ok := strings.CutPrefix(line, "data: "); ok && data != "[DONE]" {
					streamed = decodeCompletion(t, data)
					for _, c := range streamed.Choices {
						text, refusal, finish = text+c.Delta.Content, refusal+c.Delta.Refusal, finish+c.Finish
					}
				}
			}
			whole := decodeCompletion(t, plain)
			if status != 200 || text != tt.text || refusal != tt.refusal || finish != tt.finish {
				t.Errorf("streamed %q, %q, %q: %s", text, refusal, finish, events)
			}
			if tt.code != "" {
				if whole.Error == nil || whole.Error.Code != tt.code || streamed.Error == nil || strings.Contains(events, "[DONE]") {
					t.Errorf("answers %s and %s", plain, events)
				}
				return
			}
			if c := whole.Choices[0]; c.Message.Content != tt.text || c.Message.Refusal != tt.refusal || c.Finish != tt.finish {
				t.Errorf("answer %s", plain)
			}
		})
	}
}

func TestChatViolations(t *testing.T) {
	const messages = `"messages":[{"role":"user","content":"x"}]`
	format := func(f string) string { return `{"model":"m",` + messages + `,"response_format":` + f + `}` }
	named := func(f string) string { return format(`{"type":"json_schema","json_schema":` + f + `}`) }
	for _, tt := range []struct{ name, body, message string }{
		{"no JSON", `{"model"`, "could not parse"},
		{"request of the other API", hello, "unknown parameter: 'input'"},
		{"limit of the other API", `{"model":"m",` + messages + `,"max_output_tokens":10}`, "unknown parameter: 'max_output_tokens'"},
		{"temperature", `{"model":"m",` + messages + `,"temperature":2.5}`, "from 0 to 2"},
		{"several choices", `{"model":"m",` + messages + `,"n":2}`, "'n' is not supported"},
		{"no model", `{` + messages + `}`, "model"},
		{"no tokens", `{"model":"m",` + messages + `,"max_tokens":0}`, ">= 1"},
		{"two limits", `{"model":"m",` + messages + `,"max_tokens":10,"max_completion_tokens":10}`, "same time"},
		{"no messages", `{"model":"m"}`, "messages"},
		{"empty messages", `{"model":"m","messages":[]}`, "messages"},
		{"unknown role", `{"model":"m","messages":[{"role":"tool","content":"x"}]}`, "messages[0].role"},
		{"content null", `{"model":"m","messages":[{"role":"user","content":null}]}`, "messages[0].content"},
		{"part of the other API", `{"model":"m","messages":[{"role":"user","content":[{"type":"input_text","text":"x"}]}]}`, "content[0].type"},
		{"unknown field of a message", `{"model":"m","messages":[{"role":"user","content":"x","text":"y"}]}`, "messages[0]"},
		{"options of no stream", `{"model":"m",` + messages + `,"stream_options":{"include_usage":true}}`, "stream_options"},
		{"unknown stream option", `{"model":"m","stream":true,` + messages + `,"stream_options":{"usage":true}}`, "stream_options"},
		{"format of the other API", format(`{"type":"json_schema","name":"a","strict":true,"schema":{}}`), "response_format"},
		{"unknown format", format(`{"type":"yaml"}`), "response_format.type"},
		{"JSON mode without the word", format(`{"type":"json_object"}`), "must contain the word 'json'"},
		{"no schema", format(`{"type":"json_schema"}`), "response_format.json_schema"},
		{"no name", named(`{"strict":true,"schema":{}}`), "json_schema.name"},
		{"not strict", named(`{"name":"a","schema":{}}`), "json_schema.strict"},
		{"schema", named(`{"name":"a","strict":true,"schema":{"type":"object"}}`), "invalid schema for response_format 'a'"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := responsestest.New(t)
			status, body := chat(t, srv, "Bearer key", tt.body)
			if e := decodeCompletion(t, body).Error; status != 400 || e == nil || e.Message == "" {
				t.Errorf("answer %d %s", status, body)
			}
			if v := srv.Violations(); len(v) != 1 || !strings.Contains(v[0], tt.message) {
				t.Errorf("violations %q, wants one with %q", v, tt.message)
			}
		})
	}
}

// A key may be missing, as with local servers; one that is sent must be one.
func TestChatKeys(t *testing.T) {
	for key, want := range map[string]int{"": 200, "Bearer k": 200, "Bearer ": 401, "Basic eA==": 401} {
		srv := responsestest.New(t)
		if status, body := chat(t, srv, key, chatHello); status != want {
			t.Errorf("key %q: %d %s, wants %d", key, status, body, want)
		}
	}
}

func TestJSONMode(t *testing.T) {
	srv := responsestest.New(t)
	_, body := chat(t, srv, "", `{"model":"m","messages":[{"role":"user","content":"Some JSON."}],"response_format":{"type":"json_object"}}`)
	if text := decodeCompletion(t, body).Choices[0].Message.Content; text != "{}" || !srv.Calls()[0].JSON {
		t.Errorf("answer %s", body)
	}
}
