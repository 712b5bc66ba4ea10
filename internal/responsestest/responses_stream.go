package responsestest

// responsesStream writes events in the order of the Responses API.
type responsesStream struct {
	events *events
	call   Call
	seq    int
}

func (s *responsesStream) event(typ string, fields map[string]any) {
	fields["type"] = typ
	fields["sequence_number"] = s.seq
	s.seq++
	s.events.send(typ, mustJSON(fields))
}

// open sends everything up to the last delta of a text and leaves the rest out.
func (s *responsesStream) open(text string) {
	s.begin(answer{status: "completed", text: text})
	s.deltas("response.output_text.delta", text)
}

// whole sends a complete answer with its terminal event.
func (s *responsesStream) whole(a answer) {
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
	s.event(terminal, map[string]any{"response": responsesAPI{}.object(a, s.call)})
}

func (s *responsesStream) begin(a answer) {
	started := responsesAPI{}.object(answer{status: "in_progress"}, s.call)
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

func (s *responsesStream) at(a answer) map[string]any {
	return map[string]any{"item_id": a.id("msg", s.call), "output_index": 0, "content_index": 0}
}

func (s *responsesStream) deltas(typ, text string) {
	at := s.at(answer{})
	for _, piece := range pieces(text) {
		s.event(typ, merge(at, "delta", piece, "logprobs", []any{}))
	}
}
