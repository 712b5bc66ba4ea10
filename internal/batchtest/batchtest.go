// Package batchtest is a vendor that takes batches, for tests: it answers their items by
// asking another server, one request an item, when the test says so.
package batchtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server takes batches as OpenAI and as Anthropic do, and hands all else on. Its methods may
// be called concurrently.
type Server struct {
	t       testing.TB
	http    *httptest.Server
	backend string // address that ends in /v1

	mu      sync.Mutex
	files   map[string][]byte
	all     []*Batch // the oldest first
	changed chan struct{}
	hold    bool
	refuse  func(r *http.Request) (status int, body string)
}

// Batch is one that was taken.
type Batch struct {
	ID    string
	Mark  string // that was sent with it
	Items []Item
	Calls int // how often it was asked for

	status  string
	why     string // of its failure, a code
	created time.Time
	done    []result
}

// Item is a request in a batch.
type Item struct {
	Name   string
	URL    string // its path; empty in batches of Anthropic
	Body   json.RawMessage
	header http.Header
}

type result struct {
	name      string
	status    int
	requestID string
	body      json.RawMessage
	left      string // why it was not done
}

// New starts a vendor whose items the server at an address answers, one that ends in /v1.
func New(t testing.TB, backend string) *Server {
	s := &Server{t: t, backend: backend, files: map[string][]byte{}, changed: make(chan struct{})}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.http.Close)
	return s
}

// URL is the address of its API. It ends in /v1.
func (s *Server) URL() string { return s.http.URL + "/v1" }

// Refuse has calls be answered so, where status is not 0. Nil takes that back.
func (s *Server) Refuse(why func(r *http.Request) (status int, body string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = why
}

// Hold has batches that come stay under way until Finish, Fail or Expire.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = true
}

// Batches are those that were taken.
func (s *Server) Batches() (all []Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.all {
		all = append(all, *b)
	}
	return all
}

// Wait waits until so many batches were taken.
func (s *Server) Wait(n int) []Batch {
	s.t.Helper()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if all := s.Batches(); len(all) >= n {
			return all
		}
		select {
		case <-changed:
		case <-time.After(30 * time.Second):
			s.t.Fatalf("%d batches were taken, want %d", len(s.Batches()), n)
		}
	}
}

// WaitForCall waits until somebody has asked for a batch again.
func (s *Server) WaitForCall(i int) {
	s.t.Helper()
	for before := s.Batches()[i].Calls; ; {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if s.Batches()[i].Calls > before {
			return
		}
		select {
		case <-changed:
		case <-time.After(30 * time.Second):
			s.t.Fatal("nobody asks for the batch")
		}
	}
}

// Finish has a batch be done.
func (s *Server) Finish(i int) {
	items := s.Batches()[i].Items
	s.end(i, "completed", "", s.answers(items))
}

// Expire has a batch end of whose items only the first n were done.
func (s *Server) Expire(i, n int) {
	items := s.Batches()[i].Items
	done := s.answers(items[:n])
	for _, it := range items[n:] {
		done = append(done, result{name: it.Name, left: "expired"})
	}
	s.end(i, "expired", "", done)
}

// Cancel has a batch end as if its owner had canceled it.
func (s *Server) Cancel(i int) {
	var none []result
	for _, it := range s.Batches()[i].Items {
		none = append(none, result{name: it.Name, left: "canceled"})
	}
	s.end(i, "cancelled", "", none)
}

// Fail has a batch be refused after it was taken, with a code.
func (s *Server) Fail(i int, code string) { s.end(i, "failed", code, nil) }

func (s *Server) end(i int, status, why string, done []result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.all[i]
	b.status, b.why, b.done = status, why, done
}

// answers asks the backend for each item.
func (s *Server) answers(items []Item) (all []result) {
	for _, it := range items {
		url := s.backend + strings.TrimPrefix(cmp.Or(it.URL, "/v1/messages"), "/v1")
		req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(it.Body))
		if err != nil {
			s.t.Error(err)
			return nil
		}
		req.Header = it.header.Clone()
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			s.t.Error(err)
			return nil
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			s.t.Error(err)
			return nil
		}
		if !json.Valid(body) {
			body, _ = json.Marshal(string(body))
		}
		all = append(all, result{name: it.Name, status: res.StatusCode, requestID: res.Header.Get("X-Request-Id"), body: body})
	}
	return all
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	refuse := s.refuse
	s.mu.Unlock()
	if refuse != nil {
		if status, text := refuse(r); status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
			return
		}
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1")
	switch {
	case path == "/files" || path == "/batches" || strings.HasPrefix(path, "/files/") || strings.HasPrefix(path, "/batches/"):
		s.openAI(w, r, path, body)
	case strings.HasPrefix(path, "/messages/batches"):
		s.anthropic(w, r, strings.TrimPrefix(path, "/messages/batches"), body)
	default:
		s.t.Errorf("a request past the batches: %s %s", r.Method, r.URL.Path)
		w.WriteHeader(http.StatusTeapot)
	}
}

// take takes a batch.
func (s *Server) take(b *Batch) {
	s.mu.Lock()
	b.ID, b.created, b.status = "batch_"+strconv.Itoa(len(s.all)+1), time.Now(), "in_progress"
	seen := map[string]bool{}
	for _, it := range b.Items {
		if it.Name == "" || len(it.Name) > 64 || seen[it.Name] {
			s.t.Errorf("the item %q: its name is empty, too long or there twice", it.Name)
		}
		seen[it.Name] = true
	}
	s.all = append(s.all, b)
	hold, i := s.hold, len(s.all)-1
	s.mu.Unlock()
	if !hold {
		s.Finish(i)
	}
	s.tell()
}

// tell wakes who waits for a change.
func (s *Server) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) find(id string) *Batch {
	for _, b := range s.all {
		if b.ID == id {
			return b
		}
	}
	return nil
}

func send(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func missing(w http.ResponseWriter, what string) {
	w.WriteHeader(http.StatusNotFound)
	send(w, map[string]any{"error": map[string]any{"message": "no " + what, "type": "invalid_request_error"}})
}

// page is the part of the batches, the newest first, behind one of them.
func (s *Server) page(after string, limit int) (part []*Batch, more bool) {
	for i := len(s.all) - 1; i >= 0; i-- {
		if after != "" {
			if s.all[i].ID == after {
				after = ""
			}
			continue
		}
		if len(part) == limit {
			return part, true
		}
		part = append(part, s.all[i])
	}
	return part, false
}

func header(r *http.Request) http.Header {
	h := http.Header{}
	for _, name := range []string{"Authorization", "X-Api-Key", "Anthropic-Version", "Openai-Organization", "Openai-Project"} {
		if v := r.Header.Get(name); v != "" {
			h.Set(name, v)
		}
	}
	return h
}

func jsonLine(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprint(err)) // of our own making
	}
	return append(b, '\n')
}
