package runfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Read is Decode of all that r has.
func Read(r io.Reader) (*File, error) {
	data, err := io.ReadAll(io.LimitReader(r, limits.RunFileBytes+1))
	if err != nil {
		return nil, err
	}
	return Decode(data)
}

// Decode reads a file and verifies it: the chain of hashes, the blobs against their
// digests, that none is missing and nothing else is there, and all bytes against the
// digest in the file's head. The error is ErrInput and names the line, and the first event
// that is wrong; it is ErrChanged too where the file begins as one does.
func Decode(data []byte) (*File, error) {
	if len(data) > limits.RunFileBytes {
		return nil, refuse("it is larger than %d MiB", limits.RunFileBytes>>20)
	}
	r := reader{rest: data}
	f, err := r.file()
	if err == nil {
		return f, nil
	}
	e := &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("line %d: %v", r.line, err)}
	if known := (*pawl.Error)(nil); errors.As(err, &known) {
		e.Message = known.Message
	}
	if r.begun {
		e.Err = ErrChanged
	}
	return nil, e
}

// ErrChanged says that the file of a run is not what was exported.
var ErrChanged = errors.New("the file of a run was changed")

func refuse(format string, args ...any) error {
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf(format, args...)}
}

// reader reads a file line by line. Each line has one form alone.
type reader struct {
	rest  []byte
	begun bool // the file begins as one of a run
	line  int  // the number of the one that was read last
}

var errEnds = errors.New("the file ends too early")

// next takes the next line, without its end.
func (r *reader) next() ([]byte, error) {
	r.line++
	line, rest, whole := bytes.Cut(r.rest, []byte("\n"))
	if !whole {
		return nil, errEnds
	}
	r.rest = rest
	return line, nil
}

// take takes a line that can be none but this.
func (r *reader) take(want string) error {
	line, err := r.next()
	if err == nil && string(line) != want {
		err = fmt.Errorf("wants %s", want)
	}
	return err
}

func (r *reader) file() (*File, error) {
	digest, covered, err := r.begin()
	if err != nil {
		return nil, err
	}
	h, err := r.head()
	if err != nil {
		return nil, err
	}
	f := &File{Blobs: map[string][]byte{}}
	if err := r.events(f, h); err != nil {
		return nil, err
	}
	if err := r.blobs(f); err != nil {
		return nil, err
	}
	if err := r.record(f); err != nil {
		return nil, err
	}
	if journal.Digest(covered) != digest {
		return nil, errors.New("the file has other bytes than its digest says, which are in no event: in its head, a blob, the record or what is told of an event that is withheld")
	}
	return f, f.check(h)
}

// begin reads up to the digest, and returns what that covers.
func (r *reader) begin() (digest string, covered []byte, err error) {
	if err := r.take("{"); err != nil {
		return "", nil, errors.New("it is no run that was exported")
	}
	line, err := r.next()
	if err != nil {
		return "", nil, errors.New("it is no run that was exported")
	}
	if want := fmt.Sprintf(`"pawl_run":%d,`, Version); string(line) != want {
		if bytes.HasPrefix(line, []byte(`"pawl_run":`)) {
			return "", nil, fmt.Errorf("has another form than this program knows, which is %d", Version)
		}
		return "", nil, errors.New("it is no run that was exported")
	}
	r.begun = true
	if line, err = r.next(); err != nil {
		return "", nil, err
	}
	return string(bytes.TrimSuffix(bytes.TrimPrefix(line, []byte(`"digest":"`)), []byte(`",`))), r.rest, nil
}

// member takes the next member of the file.
func (r *reader) member(name string, to any) error {
	line, err := r.next()
	if err != nil {
		return err
	}
	raw, ok := strings.CutPrefix(string(line), fmt.Sprintf("%q:", name))
	raw, comma := strings.CutSuffix(raw, ",")
	if !ok || !comma || json.Unmarshal([]byte(raw), to) != nil {
		return fmt.Errorf("wants %q", name)
	}
	return nil
}

func (r *reader) head() (h head, err error) {
	before := r.rest
	for _, m := range []struct {
		name string
		to   any
	}{{"run", &h.run}, {"flow", &h.flow}, {"last", &h.last}, {"withheld", &h.withheld}} {
		if err := r.member(m.name, m.to); err != nil {
			return h, err
		}
	}
	if err := r.take(strings.TrimSuffix(openEvents, "\n")); err != nil {
		return h, err
	}
	if !bytes.HasPrefix(before, h.lines()) {
		return h, errors.New("the head is not as this form is written")
	}
	if !h.run.Valid() {
		return h, fmt.Errorf("%q is no id of a run", h.run)
	}
	return h, nil
}

// list takes lines up to the one that ends the list, and gives each without its comma.
func (r *reader) list(end string, item func(line []byte) error) error {
	for more := true; ; {
		line, err := r.next()
		if err != nil {
			return err
		}
		if string(line) == end {
			return nil
		}
		if !more {
			return errors.New("wants the end of the list, since the line before has no comma")
		}
		if line, more = bytes.CutSuffix(line, []byte(",")); more && bytes.HasPrefix(r.rest, []byte(end)) {
			return errors.New("has a comma, and the list ends")
		}
		if err := item(line); err != nil {
			return err
		}
	}
}

func (r *reader) events(f *File, h head) error {
	seq, hash := pawl.Seq(0), ""
	err := r.list("],", func(line []byte) error {
		if len(f.Events) == limits.RunFileEvents {
			return fmt.Errorf("the run has more than %d events", limits.RunFileEvents)
		}
		e, err := readEvent(line, h.run)
		if err == nil {
			err = journal.VerifyAfter(seq, hash, []pawl.Event{e})
		} else {
			err = fmt.Errorf("event %d: %w", seq+1, err)
		}
		seq, hash = e.Seq, e.Hash
		f.Events = append(f.Events, e)
		return err
	})
	switch {
	case err != nil:
		return err
	case len(f.Events) == 0:
		return errors.New("the run has no events")
	case h.last != last{seq, hash}:
		return fmt.Errorf("the events end with %d, which is not the last one that the head names: number %d with another hash", seq, h.last.Seq)
	}
	return nil
}

func readEvent(line []byte, run pawl.RunID) (pawl.Event, error) {
	var l event
	if err := json.Unmarshal(line, &l); err != nil {
		return pawl.Event{}, fmt.Errorf("it cannot be read: %w", err)
	}
	e := pawl.Event{Version: l.V, Run: run, Seq: l.Seq, Type: l.Type, Key: l.Key, At: l.At, Hash: l.Hash, Body: l.Body, BodyDigest: l.BodyDigest}
	if l.BodyDigest != "" {
		e.Body = l.Shown
	}
	switch {
	case len(e.Body) > limits.ValueBytes:
		return e, fmt.Errorf("its body has %d bytes, at most %d fit", len(e.Body), limits.ValueBytes)
	case len(l.Key) > limits.KeyBytes:
		return e, fmt.Errorf("its key is longer than %d bytes", limits.KeyBytes)
	}
	if err := checkBounds(e.Body); err != nil {
		return e, err
	}
	if e.BodyDigest != "" {
		if err := checkShown(e); err != nil {
			return e, err
		}
	}
	again, err := eventLine(e)
	if err == nil && !bytes.Equal(again, line) {
		err = errors.New("it is not written as this form is")
	}
	return e, err
}

// checkBounds looks at how deep and many the values of a body are before it is read. The
// body is around values, which the limits are for.
func checkBounds(body []byte) error {
	depth, values, quoted := 0, 1, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
			values++
		case c == '}', c == ']':
			depth--
		case c == ',':
			values++
		}
		if depth > limits.Depth+10 {
			return fmt.Errorf("it is nested deeper than %d levels", limits.Depth)
		}
		if values > 2*limits.Values {
			return fmt.Errorf("it has more than %d values", 2*limits.Values)
		}
	}
	return nil
}

func (r *reader) blobs(f *File) error {
	if err := r.take(`"blobs":[`); err != nil {
		return err
	}
	before := ""
	return r.list("],", func(line []byte) error {
		var l blob
		if err := json.Unmarshal(line, &l); err != nil {
			return fmt.Errorf("the blob cannot be read: %w", err)
		}
		data := l.Base64
		if l.Text != nil {
			data = []byte(*l.Text)
		}
		again, err := blobLine(l.Digest, data)
		switch {
		case err != nil:
			return err
		case len(data) > limits.ValueBytes:
			return fmt.Errorf("blob %s has %d bytes, at most %d fit", l.Digest, len(data), limits.ValueBytes)
		case journal.Digest(data) != l.Digest:
			return fmt.Errorf("blob %q has other bytes than its digest says", l.Digest)
		case l.Digest <= before || !bytes.Equal(again, line):
			return fmt.Errorf("blob %s is not written as this form is", l.Digest)
		}
		before, f.Blobs[l.Digest] = l.Digest, data
		return nil
	})
}

func (r *reader) record(f *File) error {
	line, err := r.next()
	if err != nil {
		return err
	}
	raw, ok := bytes.CutPrefix(line, []byte(`"record":`))
	if !ok || !json.Valid(raw) {
		return errors.New(`wants "record"`)
	}
	f.Record = raw
	if err := r.take("}"); err != nil {
		return err
	}
	if len(r.rest) > 0 {
		r.line++
		return errors.New("something follows on the file's end")
	}
	return nil
}

// check looks at what the parts of a file say of each other.
func (f *File) check(h head) error {
	named := map[string]bool{}
	for _, e := range f.Events {
		names, err := blobsOf(e)
		if err != nil {
			return err
		}
		for _, name := range names {
			named[name] = true
			if _, has := f.Blobs[name]; !has {
				return refuse("event %d names blob %s, which the file has not", e.Seq, name)
			}
		}
	}
	if len(named) != len(f.Blobs) {
		return refuse("the file has blobs that no event names")
	}
	began, err := journal.Decode[journal.Created](f.Events[0])
	switch {
	case err != nil:
		return err
	case began.Flow != h.flow:
		return refuse("the head says flow %q, and the run's first event %q", h.flow, began.Flow)
	case h.withheld != withheld{f.Withheld(), f.Unsalted()}:
		return refuse("the head counts %d events that are withheld, %d of them unsalted; the events say %d and %d", h.withheld.Events, h.withheld.Unsalted, f.Withheld(), f.Unsalted())
	}
	st, err := replay.Fold(f.Events)
	if err != nil {
		return err
	}
	return checkRecord(f.Record, st)
}
