package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// form is how a vendor takes batches.
type form interface {
	name() string

	// paths are where its API takes the requests that can be items.
	paths() []string

	// submit hands over the items of a batch with a mark, and returns its id there.
	submit(b *Box, r *request, mark string, items []*item) (id string, err error)

	// find returns the id of a batch that was perhaps handed over: errAbsent if it was not,
	// and an empty one as long as that cannot be told.
	find(b *Box, r *request, s *sent) (id string, err error)

	// poll returns how the answers of a batch are read that has ended; nil: it is under way.
	// The error is a *refused if it has failed as a whole.
	poll(b *Box, r *request, id string) (read, error)
}

// read reads the answers of a batch, and returns what stands for those that are not among
// them.
type read func(each func(answer)) (none answer, err error)

var forms = []form{openAI{}, anthropic{}}

func formOf(name string) form {
	for _, f := range forms {
		if f.name() == name {
			return f
		}
	}
	return nil
}

// at is the address of a path of the API.
func (r *request) at(path string) string {
	base, query, _ := strings.Cut(r.base, "?")
	path, more, _ := strings.Cut(path, "?")
	all := strings.Trim(query+"&"+more, "&")
	if all != "" {
		all = "?" + all
	}
	return base + path + all
}

// The most that is read of what a vendor says of a batch, and of one answer.
const (
	maxObject = 4 << 20
	maxLine   = 64 << 20
)

// object reads a JSON object that a call brings.
func (b *Box) object(r *request, method, path, contentType string, body []byte, into any) error {
	res, err := b.call(r, method, path, contentType, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxObject))
	if err != nil {
		return err
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return refusedBy(r, method, path, res, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("batch: %s %s: the answer is not the JSON that was expected: %w", method, path, err)
	}
	return nil
}

// refusedBy is what a vendor says in place of what was asked. Where it does not know the
// path it takes no batches.
func refusedBy(r *request, method, path string, res *http.Response, text []byte) error {
	path, _, _ = strings.Cut(path, "?")
	if res.StatusCode == http.StatusNotFound && method == http.MethodPost {
		host := r.base
		if u, err := url.Parse(r.base); err == nil {
			host = u.Host
		}
		a := refusal(http.StatusBadRequest, "no_batches", host+" takes no batches: it answered 404 to POST "+path)
		return &refused{answer: a}
	}
	if !json.Valid(text) {
		a := refusal(res.StatusCode, "", fmt.Sprintf("%s %s: %s", method, path, strings.ToValidUTF8(string(text[:min(len(text), 500)]), "")))
		return &refused{answer: a}
	}
	return &refused{answer: answer{Status: res.StatusCode, Body: text, RequestID: res.Header.Get("X-Request-Id")}}
}

// lines reads the JSON lines that a call brings.
func (b *Box) lines(r *request, path string, each func(line []byte) error) error {
	res, err := b.call(r, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, maxObject))
		return refusedBy(r, http.MethodGet, path, res, text)
	}
	scan := bufio.NewScanner(res.Body)
	scan.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; scan.Scan(); n++ {
		line := bytes.TrimSpace(scan.Bytes())
		if len(line) == 0 {
			continue
		}
		if err := each(line); err != nil {
			return fmt.Errorf("batch: %s, line %d: %w", path, n, err)
		}
	}
	return scan.Err()
}
