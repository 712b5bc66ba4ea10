package responsestest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/schema"
)

// answer is a response object before it is written.
type answer struct {
	status  string
	text    string
	refusal string
	reason  string // why it is incomplete
	code    string // why it failed
	message string
	usage   *usage // nil: words are counted
}

type usage struct{ input, output, cached int64 }

// answer makes the default answer and keeps the headers and usage of base. Calls
// that package offline cannot answer become a violation: the schema is then one
// that our own code does not understand.
func (s *Server) answer(r *http.Request, c Call, base Reply) Reply {
	reply, err := offlineAnswer(r, c)
	if err != nil {
		v := refuse("", "no answer can be made up: %v", err)
		s.mu.Lock()
		s.violations = append(s.violations, fmt.Sprintf("call %d: %s", c.N, v))
		s.mu.Unlock()
		return v.reply()
	}
	reply.header = base.header
	if base.answer.usage != nil {
		reply.answer.usage = base.answer.usage
	}
	return reply
}

func offlineAnswer(r *http.Request, c Call) (Reply, error) {
	req := llm.Request{SchemaName: c.SchemaName, MaxTokens: c.MaxTokens}
	for _, m := range c.Messages {
		role := llm.Role(m.Role)
		if m.Role == "developer" {
			role = llm.RoleSystem
		}
		req.Messages = append(req.Messages, llm.Message{Role: role, Parts: []llm.Part{{Type: llm.PartText, Text: m.Text}}})
	}
	if c.Schema != nil {
		var err error
		if req.Schema, err = schema.Parse(c.Schema); err != nil {
			return Reply{}, err
		}
	}
	resp, err := offline.Model{}.Generate(context.WithoutCancel(r.Context()), req, nil)
	var e *llm.Error
	if errors.As(err, &e) && e.Kind == llm.Truncated {
		return Incomplete("max_output_tokens", e.Partial), nil
	}
	if err != nil {
		return Reply{}, err
	}
	return Text(resp.Text), nil
}

// id is the same for the same call made the same time again.
func (a answer) id(prefix string, c Call) string {
	return fmt.Sprintf("%s_%s%04d", prefix, c.Digest[:24], c.Nth)
}

// item is the answer's message, nil if it has none.
func (a answer) item(c Call, status string) map[string]any {
	content := a.content()
	if content == nil {
		return nil
	}
	return map[string]any{
		"id": a.id("msg", c), "type": "message", "role": "assistant", "status": status,
		"content": []any{content},
	}
}

func (a answer) content() map[string]any {
	switch {
	case a.refusal != "":
		return map[string]any{"type": "refusal", "refusal": a.refusal}
	case a.text != "":
		return map[string]any{"type": "output_text", "text": a.text, "annotations": []any{}, "logprobs": []any{}}
	}
	return nil
}

// object is the response object. Its time is fixed: nothing here depends on when
// the test runs.
func (a answer) object(c Call) map[string]any {
	output := []any{}
	itemStatus := "completed"
	if a.status == "incomplete" {
		itemStatus = "incomplete"
	}
	if item := a.item(c, itemStatus); item != nil {
		output = append(output, item)
	}
	o := map[string]any{
		"id": a.id("resp", c), "object": "response", "created_at": 1767225600, "status": a.status,
		"model": c.Model, "output": output, "error": nil, "incomplete_details": nil,
		"parallel_tool_calls": true, "tool_choice": "auto", "tools": []any{}, "store": false,
		"instructions": nil, "metadata": map[string]any{}, "temperature": 1, "top_p": 1,
	}
	if a.reason != "" {
		o["incomplete_details"] = map[string]any{"reason": a.reason}
	}
	if a.code != "" {
		o["error"] = map[string]any{"code": a.code, "message": a.message}
	} else {
		u := a.counted(c)
		o["usage"] = map[string]any{
			"input_tokens": u.input, "input_tokens_details": map[string]any{"cached_tokens": u.cached},
			"output_tokens": u.output, "output_tokens_details": map[string]any{"reasoning_tokens": 0},
			"total_tokens": u.input + u.output,
		}
	}
	return o
}

func (a answer) counted(c Call) usage {
	if a.usage != nil {
		return *a.usage
	}
	return usage{input: words(c.Prompt()), output: words(a.text) + words(a.refusal)}
}

func words(s string) int64 { return int64(len(strings.Fields(s))) }

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("responsestest: marshal %T: %v", v, err))
	}
	return b
}
