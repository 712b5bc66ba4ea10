package responsestest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// postMessage asks for a message as a client would, and returns the status and the body.
func postMessage(t *testing.T, s *Server, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/messages", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "X-Api-Key": "k", "Anthropic-Version": "2023-06-01"} {
		req.Header.Set(name, value)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// The rules are those that the vendor's documentation has.
func TestMessagesRefusesWhatTheVendorRefuses(t *testing.T) {
	const good = `"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}]`
	format := func(schema string) string {
		return good + `,"output_config":{"format":{"type":"json_schema","schema":` + schema + `}}`
	}
	object := func(property string) string {
		return `{"type":"object","properties":{"a":` + property + `},"required":["a"],"additionalProperties":false}`
	}
	marked := `{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}`
	for _, tt := range []struct{ fields, want string }{
		{good, ""},
		{format(object(`{"type":"array","items":{"type":["string","null"]},"minItems":1}`)), ""},
		{`"max_tokens":9,"messages":[{"role":"user","content":"a"}]`, "model: Field required"},
		{`"model":"m","messages":[{"role":"user","content":"a"}]`, "max_tokens: Field required"},
		{`"model":"m","max_tokens":0,"messages":[{"role":"user","content":"a"}]`, "greater than or equal to 1"},
		{`"model":"m","max_tokens":9,"messages":[]`, "at least one message"},
		{`"model":"m","max_tokens":9,"messages":[{"role":"system","content":"a"}]`, "Input should be 'user' or 'assistant'"},
		{`"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":" "}]}]`, "non-whitespace"},
		{`"model":"m","max_tokens":9,"messages":[{"role":"user","content":[` + strings.Repeat(marked+",", 4) + marked + `]}]`, "maximum of 4 blocks"},
		{good + `,"temperature":1.1`, "range: 0..1"},
		{good + `,"store":false`, "unknown parameter"},
		{good + `,"output_config":{"effort":"minimal"}`, "output_config.effort"},
		{format(object(`{"type":"integer","minimum":1}`)), "'minimum' is not supported"},
		{format(object(`{"type":"string","minLength":1}`)), "'minLength' is not supported"},
		{format(object(`{"type":"array","items":{"type":"string"},"minItems":2}`)), "'minItems' values other than 0 or 1"},
		{format(object(`{"type":"string","format":"foo"}`)), `format "foo" is not supported`},
		{format(`{"type":"object","properties":{},"required":[]}`), "'additionalProperties' must be explicitly set to false"},
	} {
		s := New(t)
		status, body := postMessage(t, s, "{"+tt.fields+"}")
		var e struct {
			Type  string
			Error struct{ Type, Message string }
		}
		_ = json.Unmarshal([]byte(body), &e)
		switch {
		case tt.want == "" && (status != 200 || len(s.Violations()) > 0):
			t.Errorf("%s: %d %s", tt.fields, status, body)
		case tt.want != "" && (status != 400 || e.Type != "error" || e.Error.Type != "invalid_request_error" || !strings.Contains(e.Error.Message, tt.want) || len(s.Violations()) != 1):
			t.Errorf("%s: %d %s, wants %q", tt.fields, status, body, tt.want)
		}
	}
	for _, header := range [][]string{{"X-Api-Key", ""}, {"Authorization", "Bearer k"}, {"Anthropic-Version", ""}} {
		s := New(t)
		if status, _ := postMessage(t, s, "{"+good+"}", header...); status == 200 || len(s.Violations()) != 1 {
			t.Errorf("%q: %d", header, status)
		}
	}
}
