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

// answer is an answer before it is written, in the words of the Responses API.
type answer struct {
	status  string
	text    string
	refusal string
	reason  string // why it is incomplete
	code    string // why it failed
	message string
	usage   *usage // nil: words are counted
	model   string // that answers; empty: the one that was asked

	tier      string // of service; empty: as Reply.Tier says
	uncounted bool   // no counts are sent
}

type usage struct{ input, output, cached, reasoning, written int64 }

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
	reply.answer.uncounted, reply.answer.model = base.answer.uncounted, base.answer.model
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
	if c.JSON && c.Schema == nil {
		return Text("{}"), nil // JSON mode promises an object and no more
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
