package realtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// A probe asks for a value that its schema forbids.
var probes = []struct {
	asked  string // what is looked at
	schema string // of property v
	tempt  string
}{
	{"enum", `{"type":"string","enum":["red","blue"]}`, `{"v": "green"}`},
	{"integer minimum, maximum", `{"type":"integer","minimum":1,"maximum":10}`, `{"v": 5000}`},
	{"number minimum, maximum", `{"type":"number","minimum":0,"maximum":1}`, `{"v": 750.5}`},
	{"minItems, maxItems", `{"type":"array","items":{"type":"string","maxLength":8},"minItems":3,"maxItems":4}`, `{"v": []}`},
	{"nested lists", `{"type":"array","items":{"type":"array","items":{"type":"integer","minimum":1,"maximum":9},"minItems":2,"maxItems":2},"minItems":2,"maxItems":3}`, `{"v": [[0], []]}`},
	{"minLength", `{"type":"string","minLength":30,"maxLength":40}`, `{"v": "a"}`},
	{"anchored pattern", `{"type":"string","pattern":"^[A-Z]{3}$"}`, `{"v": "hello"}`},
	{"pattern without anchors", `{"type":"string","pattern":"[0-9]{3}","maxLength":20}`, `{"v": "hello"}`},
}

// What a server may do with a keyword.
const (
	enforces = "enforces it"
	ignores  = "ignores it"
)

func TestWhatIsEnforced(t *testing.T) {
	url := address(t)
	for _, p := range probes {
		schema := json.RawMessage(`{"type":"object","properties":{"v":` + p.schema + `},"required":["v"],"additionalProperties":false}`)
		said := `Repeat exactly this JSON and nothing else: ` + p.tempt
		chat := ask(t, url+"/chat/completions", schema, map[string]any{
			"model": model, "max_tokens": 100, "temperature": 0, "messages": []any{map[string]string{"role": "user", "content": said}},
			"response_format": map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "v", "strict": true, "schema": schema}},
		})
		responses := ask(t, url+"/responses", schema, map[string]any{
			"model": model, "max_output_tokens": 100, "temperature": 0, "input": said,
			"text": map[string]any{"format": map[string]any{"type": "json_schema", "name": "v", "strict": true, "schema": schema}},
		})
		messages := ask(t, url+"/messages", schema, map[string]any{
			"model": model, "max_tokens": 100, "temperature": 0, "messages": []any{map[string]string{"role": "user", "content": said}},
			"output_config": map[string]any{"format": map[string]any{"type": "json_schema", "schema": schema}},
		})
		record("anthropic", p.asked, messages, "checks it")
		record("openai-chat", p.asked, chat, "checks it")
		record("openai", p.asked, responses, "checks it")
	}
}

// ask asks without Pawl, and says what the server made of the schema.
func ask(t *testing.T, url string, doc json.RawMessage, body map[string]any) string {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Anthropic-Version", "2023-06-01") // others have no use for it
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Sprintf("refuses it: %d %.80s", res.StatusCode, answer)
	}
	return judge(t, doc, textOf(answer))
}

func textOf(answer []byte) string {
	var a struct {
		Choices []struct{ Message struct{ Content string } }
		Output  []struct {
			Type    string
			Content []struct{ Text string }
		}
		Content []struct{ Text string }
	}
	_ = json.Unmarshal(answer, &a) // what is no answer has no text
	text := ""
	for _, c := range a.Choices {
		text += c.Message.Content
	}
	for _, c := range a.Content {
		text += c.Text
	}
	for _, o := range a.Output {
		if o.Type != "message" {
			continue
		}
		for _, c := range o.Content {
			text += c.Text
		}
	}
	return text
}

func judge(t *testing.T, doc json.RawMessage, text string) string {
	t.Helper()
	var s jsonschema.Schema
	if err := json.Unmarshal(doc, &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if json.Unmarshal([]byte(text), &v) != nil || resolved.Validate(v) != nil {
		return ignores
	}
	return enforces
}
