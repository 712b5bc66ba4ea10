package batch

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// request is what an adapter asks, as an item of a batch.
type request struct {
	name string // of the item: by whom it is asked, and what
	body json.RawMessage
	group
	header http.Header // of the adapter's request: it says who pays
}

// group is what the requests of one batch have in common.
type group struct {
	form    string // how the vendor takes batches
	base    string // address of its API
	path    string // behind base, of each request
	model   string
	account string // digest of the headers that say who pays
}

// accountHeaders say who pays, and how the API is spoken.
var accountHeaders = []string{"Authorization", "X-Api-Key", "Openai-Organization", "Openai-Project", "Anthropic-Version", "User-Agent"}

// newRequest reads an adapter's request; the error says that it is none that batches take.
func newRequest(req *http.Request, of llm.Meta) (*request, error) {
	r := &request{header: http.Header{}}
	for _, f := range forms {
		for _, path := range f.paths() {
			if base, ok := strings.CutSuffix(req.URL.Path, path); ok && req.Method == http.MethodPost {
				u := *req.URL
				u.Path, u.RawPath = base, strings.TrimSuffix(u.RawPath, path)
				r.form, r.base, r.path = f.name(), u.String(), path
			}
		}
	}
	if r.form == "" {
		return nil, fmt.Errorf("no batch takes a request to %s", req.URL.Path)
	}
	if req.Body == nil {
		return nil, fmt.Errorf("a request without a body is no item of a batch")
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var known struct {
		Model  string
		Stream bool
	}
	if err := json.Unmarshal(body, &known); err != nil {
		return nil, fmt.Errorf("the request is not JSON: %w", err)
	}
	if known.Stream {
		return nil, fmt.Errorf("a batch has no streams")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, body); err != nil {
		return nil, err
	}
	r.body, r.model = compact.Bytes(), known.Model
	pays := sha256.New()
	for _, h := range accountHeaders {
		for _, v := range req.Header.Values(h) {
			r.header.Add(h, v)
			fmt.Fprintf(pays, "%s: %s\n", h, v)
		}
	}
	r.account = encoded(pays.Sum(nil))
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %d %s%s\n", of.Run, of.Key, of.Since, r.base, r.path)
	if of.Run == "" { // nobody could ask for it again, and who asks the same wants another answer
		fmt.Fprintln(sum, rand.Text())
	}
	sum.Write(r.body)
	r.name = encoded(sum.Sum(nil))
	return r, nil
}

// encoded is a digest that any vendor takes as the name of an item.
func encoded(sum []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20]))
}

// answer is what a vendor has said to an item.
type answer struct {
	Name      string          `json:"name"`
	Status    int             `json:"status"`
	RequestID string          `json:"request_id,omitempty"`
	Body      json.RawMessage `json:"body"`
}

// refusal is an answer that says why there is none.
func refusal(status int, code, message string) answer {
	body, _ := json.Marshal(map[string]any{"error": map[string]string{"type": code, "code": code, "message": message}})
	return answer{Status: status, Body: body}
}

// response is the answer as the adapter gets it.
func (a answer) response(req *http.Request) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	if a.RequestID != "" {
		h.Set("X-Request-Id", a.RequestID)
		h.Set("Request-Id", a.RequestID) // as Anthropic calls it
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status)), StatusCode: a.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Request: req,
		Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)),
	}
}
