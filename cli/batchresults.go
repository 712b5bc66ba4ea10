package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"os"

	"github.com/pawlrun/pawl"
)

// result is a line of the results.
type result struct {
	Line   int               `json:"line"`
	Run    pawl.RunID        `json:"run"`
	Status pawl.Status       `json:"status"`
	Output json.RawMessage   `json:"output"`
	Error  *pawl.ErrorRecord `json:"error"`
	Usage  pawl.UsageRecord  `json:"usage"`
}

// results writes results in the order of their lines: each as soon as all before
// it are written. It is for one goroutine at a time.
type results struct {
	w    io.Writer
	file *file // nil: w is standard output
	next int
	kept map[int][]byte // those whose turn has not come
}

// newResults prepares a file that gets its name when it is whole; without a
// path the results go to stdout. They must not take the place of the inputs.
func (a *app) newResults(path, inputs string) (*results, error) {
	if path == "" {
		return &results{w: a.out, kept: map[int][]byte{}}, nil
	}
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return nil, badInput("-o %q: it is not a regular file", path)
		}
		if in, err := os.Stat(inputs); err == nil && inputs != "-" && os.SameFile(in, info) {
			return nil, badInput("-o %q: the inputs are in that file", path)
		}
	}
	f, err := newFile(path)
	if err != nil {
		return nil, badInput("-o %q cannot be written: %v", path, cause(err))
	}
	return &results{w: f, file: f, kept: map[int][]byte{}}, nil
}

// put takes result i, from 0.
func (r *results) put(i int, line result) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(line); err != nil {
		return err
	}
	r.kept[i] = b.Bytes()
	for r.kept[r.next] != nil {
		if _, err := r.w.Write(r.kept[r.next]); err != nil {
			return err
		}
		delete(r.kept, r.next)
		r.next++
	}
	return nil
}

func (r *results) commit() error {
	if r.file == nil {
		return nil
	}
	return r.file.commit()
}

func (r *results) discard() {
	if r.file != nil {
		r.file.discard()
	}
}
