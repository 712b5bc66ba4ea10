package batchtest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// anthropic serves the batches of Anthropic; see
// https://platform.claude.com/docs/en/build-with-claude/batch-processing.
func (s *Server) anthropic(w http.ResponseWriter, r *http.Request, path string, body []byte) {
	if r.Header.Get("Anthropic-Version") == "" {
		s.t.Errorf("%s %s says no version", r.Method, r.URL.Path)
	}
	if path == "" && r.Method == http.MethodPost {
		var ask struct {
			Requests []struct {
				CustomID string          `json:"custom_id"`
				Params   json.RawMessage `json:"params"`
			}
		}
		if err := json.Unmarshal(body, &ask); err != nil || len(ask.Requests) == 0 {
			s.t.Errorf("the batch is %s: %v", body, err)
		}
		b := &Batch{}
		for _, item := range ask.Requests {
			b.Items = append(b.Items, Item{item.CustomID, "", item.Params, header(r)})
		}
		s.take(b)
		s.mu.Lock()
		defer s.mu.Unlock()
		send(w, b.anthropic())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if path == "" {
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		part, more := s.page(r.URL.Query().Get("after_id"), min(limit, 2))
		list, last := []any{}, ""
		for _, b := range part {
			list, last = append(list, b.anthropic()), b.ID
		}
		send(w, map[string]any{"data": list, "has_more": more, "last_id": last})
		return
	}
	id, results := strings.CutSuffix(strings.TrimPrefix(path, "/"), "/results")
	b := s.find(id)
	if b == nil || results && b.status == "in_progress" {
		missing(w, "batch")
		return
	}
	if !results {
		b.Calls++
		s.tellLater()
		send(w, b.anthropic())
		return
	}
	for i := len(b.done) - 1; i >= 0; i-- {
		r := b.done[i]
		result := map[string]any{"type": r.left}
		switch {
		case r.left != "":
		case r.status < 300:
			result = map[string]any{"type": "succeeded", "message": r.body}
		default:
			result = map[string]any{"type": "errored", "error": r.body}
		}
		_, _ = w.Write(jsonLine(map[string]any{"custom_id": r.name, "result": result}))
	}
}

// tellLater wakes who waits for a change, when the lock is free.
func (s *Server) tellLater() { go s.tell() }

func (b *Batch) anthropic() map[string]any {
	is := map[string]any{"id": b.ID, "type": "message_batch", "processing_status": "in_progress", "created_at": b.created.UTC().Format(time.RFC3339Nano),
		"request_counts": map[string]int{"processing": len(b.Items)}}
	if b.status != "in_progress" {
		is["processing_status"] = "ended"
		is["request_counts"] = map[string]int{"processing": 0, "succeeded": len(b.Items)}
	}
	return is
}
