package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"time"
)

// openAI takes a file with a request in each line, and gives back one with the answers and
// one with the errors.
type openAI struct{}

func (openAI) name() string { return "openai" }

func (openAI) paths() []string { return []string{"/responses", "/chat/completions"} }

// markField is the mark's name among what OpenAI keeps with a batch.
const markField = "pawl_batch"

// openAIBatch is a batch as OpenAI tells of it.
type openAIBatch struct {
	ID        string            `json:"id"`
	Status    string            `json:"status"`
	CreatedAt int64             `json:"created_at"`
	Metadata  map[string]string `json:"metadata"`
	Output    string            `json:"output_file_id"`
	Failed    string            `json:"error_file_id"`
	Errors    struct {
		Data []struct{ Code, Message string } `json:"data"`
	} `json:"errors"`
}

func (openAI) submit(b *Box, r *request, mark string, items []*item) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("purpose", "batch") // to memory
	file, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="pawl-` + mark + `.jsonl"`}, "Content-Type": {"application/jsonl"}})
	if err != nil {
		return "", err
	}
	const version = "/v1" // of the paths within a batch, whatever the address
	for _, it := range items {
		line, err := json.Marshal(struct {
			CustomID string          `json:"custom_id"`
			Method   string          `json:"method"`
			URL      string          `json:"url"`
			Body     json.RawMessage `json:"body"`
		}{it.name, http.MethodPost, version + r.path, it.body})
		if err != nil {
			return "", err
		}
		_, _ = file.Write(append(line, '\n'))
	}
	if err := form.Close(); err != nil {
		return "", err
	}
	var uploaded struct{ ID string }
	if err := b.object(r, http.MethodPost, "/files", form.FormDataContentType(), body.Bytes(), &uploaded); err != nil {
		return "", err
	}
	ask, err := json.Marshal(map[string]any{"input_file_id": uploaded.ID, "endpoint": version + r.path, "completion_window": "24h",
		"metadata": map[string]string{markField: mark}})
	if err != nil {
		return "", err
	}
	var made openAIBatch
	if err := b.object(r, http.MethodPost, "/batches", "application/json", ask, &made); err != nil {
		return "", err
	}
	if made.ID == "" {
		return "", errors.New("batch: the vendor gave the batch no id")
	}
	return made.ID, nil
}

// apart is how far clocks may go apart.
const apart = time.Hour

func (openAI) find(b *Box, r *request, s *sent) (string, error) {
	for after := ""; ; {
		var page struct {
			Data    []openAIBatch `json:"data"`
			HasMore bool          `json:"has_more"`
		}
		path := "/batches?limit=100"
		if after != "" {
			path += "&after=" + url.QueryEscape(after)
		}
		if err := b.object(r, http.MethodGet, path, "", nil, &page); err != nil {
			return "", err
		}
		for _, is := range page.Data {
			if is.Metadata[markField] == s.Mark {
				return is.ID, nil
			}
			if time.Unix(is.CreatedAt, 0).Before(s.Created.Add(-apart)) { // the newest come first
				return "", errAbsent
			}
			after = is.ID
		}
		if !page.HasMore || len(page.Data) == 0 {
			return "", errAbsent
		}
	}
}

func (openAI) poll(b *Box, r *request, id string) (read, error) {
	var is openAIBatch
	if err := b.object(r, http.MethodGet, "/batches/"+url.PathEscape(id), "", nil, &is); err != nil {
		return nil, err
	}
	switch is.Status {
	case "completed", "expired", "cancelled":
		return func(each func(answer)) (answer, error) { return is.answers(b, r, each) }, nil
	case "failed":
		return nil, &refused{answer: is.failure(), final: true}
	}
	return nil, nil
}

// failure is what stands for each answer of a batch that was refused as a whole, before any
// of it was done.
func (is openAIBatch) failure() answer {
	code, message := "batch_failed", "the batch was refused"
	for i, e := range is.Errors.Data {
		if i == 0 {
			code = e.Code
		}
		message += ": " + e.Message
	}
	if code == "token_limit_exceeded" { // as many as may be queued are
		return refusal(http.StatusTooManyRequests, code, message)
	}
	return refusal(http.StatusBadRequest, code, message)
}

func (is openAIBatch) answers(b *Box, r *request, each func(answer)) (none answer, err error) {
	switch is.Status {
	case "expired":
		none = refusal(http.StatusServiceUnavailable, "batch_expired", "the batch expired before the request was done")
	case "cancelled":
		none = refusal(http.StatusBadRequest, "batch_cancelled", "the batch was canceled before the request was done")
	default:
		none = refusal(http.StatusBadGateway, "batch_without_answer", "the batch has no answer to the request")
	}
	for _, file := range []string{is.Output, is.Failed} {
		if file == "" {
			continue
		}
		err := b.lines(r, "/files/"+url.PathEscape(file)+"/content", func(line []byte) error {
			var l struct {
				CustomID string `json:"custom_id"`
				Response *struct {
					StatusCode int             `json:"status_code"`
					RequestID  string          `json:"request_id"`
					Body       json.RawMessage `json:"body"`
				} `json:"response"`
				Error *struct{ Code, Message string } `json:"error"`
			}
			if json.Unmarshal(line, &l) != nil {
				return nil // none stands for it
			}
			a := none
			switch {
			case l.Response != nil && l.Response.StatusCode > 0:
				a = answer{Status: l.Response.StatusCode, RequestID: l.Response.RequestID, Body: l.Response.Body}
			case l.Error != nil:
				status := http.StatusBadGateway
				if l.Error.Code == "batch_expired" {
					status = http.StatusServiceUnavailable
				}
				a = refusal(status, l.Error.Code, l.Error.Message)
			}
			a.Name = l.CustomID
			each(a)
			return nil
		})
		if err != nil {
			return none, err
		}
	}
	return none, nil
}
