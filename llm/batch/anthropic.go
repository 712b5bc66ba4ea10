package batch

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// anthropic takes a list of requests, and gives back one of results.
type anthropic struct{}

func (anthropic) name() string { return "anthropic" }

func (anthropic) paths() []string { return []string{"/messages"} }

// anthropicBatch is a batch as Anthropic tells of it.
type anthropicBatch struct {
	ID        string         `json:"id"`
	Status    string         `json:"processing_status"`
	CreatedAt time.Time      `json:"created_at"`
	Counts    map[string]int `json:"request_counts"`
}

const anthropicEnded = "ended"

func (anthropic) submit(b *Box, r *request, _ string, items []*item) (string, error) {
	type entry struct {
		CustomID string          `json:"custom_id"`
		Params   json.RawMessage `json:"params"`
	}
	all := make([]entry, len(items))
	for i, it := range items {
		all[i] = entry{it.name, it.body}
	}
	body, err := json.Marshal(map[string]any{"requests": all})
	if err != nil {
		return "", err
	}
	var made anthropicBatch
	if err := b.object(r, http.MethodPost, "/messages/batches", "application/json", body, &made); err != nil {
		return "", err
	}
	if made.ID == "" {
		return "", errors.New("batch: the vendor gave the batch no id")
	}
	return made.ID, nil
}

// find looks for a batch of the time that has as many requests: its results tell whether it
// is ours, and are there when it has ended. Anthropic keeps no words with a batch.
func (anthropic) find(b *Box, r *request, s *sent) (string, error) {
	waits := false
	for after := ""; ; {
		var page struct {
			Data    []anthropicBatch `json:"data"`
			HasMore bool             `json:"has_more"`
			LastID  string           `json:"last_id"`
		}
		path := "/messages/batches?limit=100"
		if after != "" {
			path += "&after_id=" + url.QueryEscape(after)
		}
		if err := b.object(r, http.MethodGet, path, "", nil, &page); err != nil {
			return "", err
		}
		older := false
		for _, is := range page.Data {
			if older = is.CreatedAt.Before(s.Created.Add(-apart)); older { // the newest come first
				break
			}
			requests := 0
			for _, n := range is.Counts {
				requests += n
			}
			if requests != len(s.Items) || is.CreatedAt.After(s.Created.Add(apart)) {
				continue
			}
			if is.Status != anthropicEnded {
				waits = true
				continue
			}
			ours := errors.New("is ours")
			err := b.lines(r, "/messages/batches/"+url.PathEscape(is.ID)+"/results", func(line []byte) error {
				var l struct {
					CustomID string `json:"custom_id"`
				}
				if err := json.Unmarshal(line, &l); err != nil {
					return errAbsent
				}
				if b.has(s, l.CustomID) {
					return ours
				}
				return errAbsent // the first tells
			})
			switch {
			case errors.Is(err, ours):
				return is.ID, nil
			case err != nil && !errors.Is(err, errAbsent) && !isGone(err):
				return "", err
			}
		}
		if older || !page.HasMore || page.LastID == "" {
			break
		}
		after = page.LastID
	}
	if waits {
		return "", nil
	}
	return "", errAbsent
}

// isGone reports whether a vendor does not have, or no longer, what it was asked for.
func isGone(err error) bool {
	var r *refused
	return errors.As(err, &r) && (r.Status == http.StatusNotFound || r.Status == http.StatusGone)
}

// has reports whether a batch has an item.
func (b *Box) has(s *sent, name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ledger.of[name] == s
}

func (anthropic) poll(b *Box, r *request, id string) (read, error) {
	var is anthropicBatch
	err := b.object(r, http.MethodGet, "/messages/batches/"+url.PathEscape(id), "", nil, &is)
	if err != nil || is.Status != anthropicEnded {
		return nil, err
	}
	return func(each func(answer)) (answer, error) { return anthropicAnswers(b, r, id, each) }, nil
}

// statusOf is the status that an error of a type has where it is asked for one answer; see
// https://platform.claude.com/docs/en/api/errors.
var statusOf = map[string]int{
	"invalid_request_error": 400, "authentication_error": 401, "billing_error": 402, "permission_error": 403, "not_found_error": 404,
	"request_too_large": 413, "rate_limit_error": 429, "api_error": 500, "timeout_error": 504, "overloaded_error": 529,
}

func anthropicAnswers(b *Box, r *request, id string, each func(answer)) (none answer, err error) {
	err = b.lines(r, "/messages/batches/"+url.PathEscape(id)+"/results", func(line []byte) error {
		var l struct {
			CustomID string `json:"custom_id"`
			Result   struct {
				Type    string          `json:"type"`
				Message json.RawMessage `json:"message"`
				Error   json.RawMessage `json:"error"`
			} `json:"result"`
		}
		if json.Unmarshal(line, &l) != nil {
			return nil // what stands for it is said below
		}
		var a answer
		switch l.Result.Type {
		case "succeeded":
			a = answer{Status: http.StatusOK, Body: l.Result.Message}
		case "errored":
			var is struct {
				RequestID string `json:"request_id"`
				Error     struct{ Type string }
			}
			_ = json.Unmarshal(l.Result.Error, &is) // what cannot be read is an error of theirs
			a = answer{Status: http.StatusInternalServerError, Body: l.Result.Error, RequestID: is.RequestID}
			if status := statusOf[is.Error.Type]; status > 0 {
				a.Status = status
			}
		case "expired":
			a = anthropicRefusal(529, "overloaded_error", "the batch expired before the request was done")
		case "canceled":
			a = anthropicRefusal(http.StatusBadRequest, "invalid_request_error", "the batch was canceled before the request was done")
		default:
			a = anthropicRefusal(http.StatusInternalServerError, "api_error", "the batch has a result of the unknown type "+l.Result.Type)
		}
		a.Name = l.CustomID
		each(a)
		return nil
	})
	return anthropicRefusal(http.StatusInternalServerError, "api_error", "the batch has no result of the request"), err
}

func anthropicRefusal(status int, kind, message string) answer {
	a := refusal(status, kind, message)
	a.Body, _ = json.Marshal(map[string]any{"type": "error", "error": map[string]string{"type": kind, "message": message}})
	return a
}
