package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/internal/wholefile"
)

// result is a line of the results.
type result struct {
	Line   int               `json:"line"`   // its number among the inputs, from 1
	Run    pawl.RunID        `json:"run"`    // the run's id
	Status pawl.Status       `json:"status"` // where the run stands
	Output json.RawMessage   `json:"output"` // the flow's output; null: there is none
	Error  *pawl.ErrorRecord `json:"error"`  // why there is none; null: there is one
	Usage  pawl.UsageRecord  `json:"usage"`  // what the run took
	Reason string            `json:"reason"` // why it has that status; of a line that is done why its output is not approved
}

// results writes results in the order of their lines: each as soon as all before
// it are written. It is for one goroutine at a time.
type results struct {
	w    io.Writer
	file *wholefile.File // nil: w is standard output
	next int
	kept map[int][]byte // those whose turn has not come
	left bool           // no more are taken
}

// newResults prepares a file that gets its name when it is whole; without a
// path the results go to stdout.
func (a *app) newResults(path string) (*results, error) {
	if path == "" {
		return &results{w: a.out, kept: map[int][]byte{}}, nil
	}
	f, err := wholefile.New(path)
	if err != nil {
		return nil, badInput("-o %q cannot be written: %v", path, form.Cause(err))
	}
	return &results{w: f, file: f, kept: map[int][]byte{}}, nil
}

// checkResults refuses a path where results would take the place of something
// else: of the inputs, of another flow's results, or of a file of another sort.
// It makes nothing.
func (a *app) checkResults(ctx context.Context, path, inputs, flow string) error {
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil // there is nothing, or making the file says what is wrong
	}
	if !info.Mode().IsRegular() {
		return badInput("-o %q: it is not a regular file", path)
	}
	if in, err := os.Stat(inputs); err == nil && inputs != "-" && os.SameFile(in, info) {
		return badInput("-o %q: the inputs are in that file", path)
	}
	id, err := firstResult(path)
	if err != nil || id == "" {
		return err
	}
	s, err := a.openExisting(ctx)
	if err != nil || s == nil {
		return err
	}
	runs, err := s.view.Summaries(ctx, pawl.RunFilter{Prefix: id, Limit: 1})
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	if len(runs) == 1 && runs[0].ID == id && runs[0].Flow != flow {
		return badInput("-o %q: results of flow %s are in that file; name another one for those of %s", path, runs[0].Flow, flow)
	}
	return nil
}

// firstResult returns the run of a results file's first line, nothing if the file
// is empty.
func firstResult(path string) (pawl.RunID, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", badInput("-o %q cannot be read: %v", path, form.Cause(err))
	}
	defer f.Close()
	var first result
	err = json.NewDecoder(io.LimitReader(f, 4*form.MaxFileBytes)).Decode(&first)
	switch {
	case err == io.EOF: // nothing but blanks
		return "", nil
	case err != nil || first.Line < 1 || !first.Run.Valid() || first.Status == "":
		return "", badInput("-o %q: it is not a results file; name another one, or remove it", path)
	}
	return first.Run, nil
}

// put takes result i, from 0.
func (r *results) put(i int, line result) error {
	if r.left {
		return nil
	}
	var b bytes.Buffer
	if err := writeJSON(&b, line, ""); err != nil {
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

// leave ends results that are not whole: it writes those whose turn has not come, and what
// an earlier file of the same name has of the others that are done. It returns how many
// there are; without any, a file that was there stays.
func (r *results) leave(lines []batchLine) (n int, err error) {
	r.left = true
	before := map[pawl.RunID]result{}
	if r.file != nil {
		before = doneResults(r.file.Path)
	}
	n = r.next
	for i := r.next; i < len(lines); i++ {
		text := r.kept[i]
		if old, ok := before[lines[i].run]; ok && text == nil {
			old.Line = lines[i].n
			var b bytes.Buffer
			if err := writeJSON(&b, old, ""); err != nil {
				return 0, err
			}
			text = b.Bytes()
		}
		if text == nil {
			continue
		}
		if _, err := r.w.Write(text); err != nil {
			return 0, err
		}
		n++
	}
	if n == 0 {
		return 0, nil
	}
	return n, r.commit()
}

// doneResults are the results in a file of runs that are done, as far as it can be read.
func doneResults(path string) map[pawl.RunID]result {
	done := map[pawl.RunID]result{}
	f, err := os.Open(path)
	if err != nil {
		return done
	}
	defer f.Close()
	for d := json.NewDecoder(bufio.NewReader(f)); ; {
		var one result
		if d.Decode(&one) != nil {
			return done
		}
		if one.Status == pawl.StatusDone {
			done[one.Run] = one
		}
	}
}

func (r *results) commit() error {
	if r.file == nil {
		return nil
	}
	return r.file.Commit()
}

func (r *results) discard() {
	if r.file != nil {
		r.file.Discard()
	}
}
