package llmtest

import (
	"cmp"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

// verdict has its properties out of alphabetical order on purpose.
type verdict struct {
	Reasoning string   `json:"reasoning" jsonschema:"think aloud"`
	Kind      string   `json:"kind" pawl:"enum=right|wrong"`
	Advice    []string `json:"advice,omitempty"`
}

// structured asks for a schema: it arrives on the far side as the vendor demands
// it, and the answer made up from it satisfies it here.
func structured(t *testing.T, names Names, srv Server, model llm.Model, streaming bool) {
	s := schemaOf[verdict](t)
	req := question()
	req.Schema, req.SchemaName = s, "verdict"
	stream, heard := listener(streaming)

	srv.Play(Exchange{MadeUp: true})
	resp, err := model.Generate(t.Context(), req, stream)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Check([]byte(resp.Text)); err != nil {
		t.Errorf("answer %s: %v", resp.Text, err)
	}
	if streaming && heard.String() != resp.Text {
		t.Errorf("streamed %q, wants %q", heard, resp.Text)
	}
	if at := strings.Index(resp.Text, `"reasoning"`); at < 0 || at > strings.Index(resp.Text, `"kind"`) {
		t.Errorf("the order of the properties is lost: %s", resp.Text)
	}

	// A refusal and a cut stay what they are: neither is an answer to repair.
	srv.Play(Exchange{Refusal: "No."})
	_, err = model.Generate(t.Context(), req, stream)
	want{kind: cmp.Or(names.Declined, llm.Refused), message: "No.", usage: true}.check(t, err, streaming)
	srv.Play(Exchange{Text: `{"reasoning":"because"`, End: EndLength})
	_, err = model.Generate(t.Context(), req, stream)
	want{kind: llm.Truncated, partial: `{"reasoning":"because"`, usage: true}.check(t, err, streaming)

	if n, v := srv.Calls(), srv.Violations(); n != 3 || len(v) > 0 {
		t.Errorf("%d requests for 3 attempts, violations %q", n, v)
	}
}
