package responsestest

import (
	"fmt"
	"net/http"
	"strings"
)

// maxDeltas bounds how many pieces a text is streamed in.
const maxDeltas = 24

// stream writes server-sent events in the provider's order.
type stream struct {
	w    http.ResponseWriter
	call Call
	seq  int
}

func newStream(w http.ResponseWriter, c Call) *stream {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	return &stream{w: w, call: c}
}

func (s *stream) event(typ string, fields map[string]any) {
	fields["type"] = typ
	fields["sequence_number"] = s.seq
	s.seq++
	_, _ = fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", typ, mustJSON(fields))
	_ = http.NewResponseController(s.w).Flush()
}

// open sends everything up to the last delta of a text and leaves the rest out.
func (s *stream) open(text string) {
	s.begin(answer{status: "completed", text: text})
	s.deltas("response.output_text.delta", text)
}

// whole sends a complete answer with its terminal event.
func (s *stream) whole(a answer) {
	s.begin(a)
	if content := a.content(); content != nil {
		at := s.at(a)
		if a.refusal != "" {
			s.deltas("response.refusal.delta", a.refusal)
			s.event("response.refusal.done", merge(at, "refusal", a.refusal))
		} else {
			s.deltas("response.output_text.delta", a.text)
			s.event("response.output_text.done", merge(at, "text", a.text, "logprobs", []any{}))
		}
		s.event("response.content_part.done", merge(at, "part", content))
		s.event("response.output_item.done", map[string]any{"output_index": 0, "item": a.item(s.call, "completed")})
	}
	terminal := "response.completed"
	switch a.status {
	case "incomplete", "failed":
		terminal = "response." + a.status
	}
	s.event(terminal, map[string]any{"response": a.object(s.call)})
}

func (s *stream) begin(a answer) {
	started := answer{status: "in_progress"}.object(s.call)
	started["usage"] = nil
	s.event("response.created", map[string]any{"response": started})
	s.event("response.in_progress", map[string]any{"response": started})
	if a.content() == nil {
		return
	}
	item := a.item(s.call, "in_progress")
	item["content"] = []any{}
	s.event("response.output_item.added", map[string]any{"output_index": 0, "item": item})
	empty := a.content()
	for _, field := range []string{"text", "refusal"} {
		if _, ok := empty[field]; ok {
			empty[field] = ""
		}
	}
	s.event("response.content_part.added", merge(s.at(a), "part", empty))
}

func (s *stream) at(a answer) map[string]any {
	return map[string]any{"item_id": a.id("msg", s.call), "output_index": 0, "content_index": 0}
}

func (s *stream) deltas(typ, text string) {
	at := s.at(answer{})
	for _, piece := range pieces(text) {
		s.event(typ, merge(at, "delta", piece, "logprobs", []any{}))
	}
}

// pieces cuts a text after spaces into at most maxDeltas pieces that join to it.
func pieces(text string) []string {
	words := strings.SplitAfter(text, " ")
	size := (len(words) + maxDeltas - 1) / maxDeltas
	var out []string
	for len(words) > 0 {
		n := min(size, len(words))
		if piece := strings.Join(words[:n], ""); piece != "" {
			out = append(out, piece)
		}
		words = words[n:]
	}
	return out
}

func merge(base map[string]any, pairs ...any) map[string]any {
	out := make(map[string]any, len(base)+len(pairs)/2)
	for k, v := range base {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}
