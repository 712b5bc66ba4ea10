package batch

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
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

const (
	patience = 2 * time.Minute // for an answer, and for the next piece of a long one
	slowest  = 64 << 10        // bytes in a second that an upload makes
)

// The most that is read of what a vendor says of a batch, and of one answer.
const (
	maxObject = 4 << 20
	maxLine   = 64 << 20
)

// object reads a JSON object that a call brings.
func (b *Box) object(r *request, method, path, contentType string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience+time.Duration(len(body)/slowest)*time.Second)
	defer cancel()
	res, err := b.call(ctx, r, method, path, contentType, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxObject))
	if err != nil {
		return &unreached{err}
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
		a := refusal(http.StatusBadRequest, "no_batches", host+" takes no batches: it answered 404 to POST "+path+": "+brief(text))
		return &refused{answer: a}
	}
	if !json.Valid(text) {
		a := refusal(res.StatusCode, "", method+" "+path+": "+brief(text))
		return &refused{answer: a}
	}
	return &refused{answer: answer{Status: res.StatusCode, Body: text, RequestID: res.Header.Get("X-Request-Id")}}
}

// brief is what a vendor says, cut.
func brief(text []byte) string {
	return strings.ToValidUTF8(string(text[:min(len(text), 300)]), "")
}

// lines reads the JSON lines that a call brings, until each returns an error.
func (b *Box) lines(r *request, path string, each func(line []byte) error) error {
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	idle := time.AfterFunc(patience, cancel)
	defer idle.Stop()
	res, err := b.call(ctx, r, http.MethodGet, path, "", nil)
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
	for scan.Scan() {
		idle.Reset(patience)
		if line := bytes.TrimSpace(scan.Bytes()); len(line) > 0 {
			if err := each(line); err != nil {
				return err
			}
		}
	}
	if err := scan.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
		return &unreached{err}
	}
	return scan.Err()
}
