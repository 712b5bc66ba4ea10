package batchtest

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

// openAI serves the files and batches of OpenAI; see
// https://developers.openai.com/api/docs/guides/batch.
func (s *Server) openAI(w http.ResponseWriter, r *http.Request, path string, body []byte) {
	switch id := path[strings.LastIndex(path, "/")+1:]; {
	case path == "/files" && r.Method == http.MethodPost:
		_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil {
			s.t.Errorf("the upload is no form: %v", err)
			return
		}
		form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(1 << 30)
		if err != nil || form.Value["purpose"][0] != "batch" || len(form.File["file"]) != 1 || !strings.HasSuffix(form.File["file"][0].Filename, ".jsonl") {
			s.t.Errorf("the upload is not one file of a batch: %v, %+v", err, form)
			return
		}
		f, err := form.File["file"][0].Open()
		if err != nil {
			s.t.Error(err)
			return
		}
		content, _ := io.ReadAll(f)
		s.mu.Lock()
		id := "file-" + strconv.Itoa(len(s.files)+1)
		s.files[id] = content
		s.mu.Unlock()
		send(w, map[string]any{"id": id, "object": "file", "purpose": "batch"})
	case path == "/batches" && r.Method == http.MethodPost:
		s.takeOpenAI(w, r, body)
	case path == "/batches":
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		s.mu.Lock()
		defer s.mu.Unlock()
		part, more := s.page(r.URL.Query().Get("after"), min(limit, 2)) // so that there is more than a page
		list := []any{}
		for _, b := range part {
			list = append(list, b.openAI())
		}
		send(w, map[string]any{"object": "list", "data": list, "has_more": more})
	case strings.HasPrefix(path, "/batches/"):
		s.mu.Lock()
		b := s.find(id)
		if b != nil {
			b.Calls++
			s.tellLater()
		}
		defer s.mu.Unlock()
		if b == nil {
			missing(w, "batch")
			return
		}
		send(w, b.openAI())
	case strings.HasSuffix(path, "/content"):
		s.content(w, strings.TrimSuffix(strings.TrimPrefix(path, "/files/"), "/content"))
	default:
		s.t.Errorf("unknown call %s %s", r.Method, path)
	}
}

func (s *Server) takeOpenAI(w http.ResponseWriter, r *http.Request, body []byte) {
	var ask struct {
		Input    string            `json:"input_file_id"`
		Endpoint string            `json:"endpoint"`
		Window   string            `json:"completion_window"`
		Metadata map[string]string `json:"metadata"`
	}
	if err := json.Unmarshal(body, &ask); err != nil || ask.Window != "24h" {
		s.t.Errorf("the batch is %s: %v", body, err)
	}
	s.mu.Lock()
	content, ok := s.files[ask.Input]
	s.mu.Unlock()
	if !ok {
		missing(w, "file")
		return
	}
	b := &Batch{}
	for _, mark := range ask.Metadata {
		b.Mark = mark
	}
	model := ""
	for _, line := range bytes.Split(bytes.TrimSpace(content), []byte("\n")) {
		var l struct {
			CustomID string `json:"custom_id"`
			Method   string
			URL      string
			Body     json.RawMessage
		}
		var of struct{ Model string }
		if err := json.Unmarshal(line, &l); err != nil || l.Method != "POST" || l.URL != ask.Endpoint {
			s.t.Errorf("a line of the batch is %s: %v", line, err)
		}
		if err := json.Unmarshal(l.Body, &of); err != nil || model != "" && of.Model != model {
			s.t.Errorf("a batch for several models: %s: %v", line, err)
		}
		model = of.Model
		b.Items = append(b.Items, Item{l.CustomID, l.URL, l.Body, header(r)})
	}
	s.take(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	send(w, b.openAI())
}

func (b *Batch) openAI() map[string]any {
	is := map[string]any{"id": b.ID, "object": "batch", "status": b.status, "created_at": b.created.Unix(),
		"metadata": map[string]string{"mark": b.Mark}, "output_file_id": nil, "error_file_id": nil, "errors": nil}
	if b.Mark != "" {
		is["metadata"] = map[string]string{"pawl_batch": b.Mark}
	}
	switch b.status {
	case "in_progress":
	case "failed":
		is["errors"] = map[string]any{"object": "list", "data": []any{map[string]any{"code": b.why, "message": "said of the batch: " + b.why, "line": nil}}}
	default:
		for _, r := range b.done {
			if r.left == "" && r.status < 300 {
				is["output_file_id"] = "out-" + b.ID
			} else if r.left != "canceled" {
				is["error_file_id"] = "err-" + b.ID
			}
		}
	}
	return is
}

// content sends the answers of a batch, or what went wrong, the last item first: nothing
// says that they are in order.
func (s *Server) content(w http.ResponseWriter, file string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kind, id, _ := strings.Cut(file, "-")
	b := s.find(id)
	if b == nil {
		missing(w, "file")
		return
	}
	for i := len(b.done) - 1; i >= 0; i-- {
		r := b.done[i]
		line := map[string]any{"id": "batch_req_" + strconv.Itoa(i), "custom_id": r.name, "error": nil,
			"response": map[string]any{"status_code": r.status, "request_id": r.requestID, "body": r.body}}
		if r.left != "" {
			line["response"], line["error"] = nil, map[string]any{"code": "batch_expired", "message": "This request could not be executed before the completion window expired."}
		}
		if good := r.left == "" && r.status < 300; good == (kind == "out") && r.left != "canceled" {
			_, _ = w.Write(jsonLine(line))
		}
	}
}
