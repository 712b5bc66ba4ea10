package runfile

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// event is an event's line.
type event struct {
	V          int             `json:"v"`
	Seq        pawl.Seq        `json:"seq"`
	Type       pawl.EventType  `json:"type"`
	Key        pawl.Key        `json:"key,omitempty"`
	At         pawl.Time       `json:"at"`
	Hash       string          `json:"hash"`
	BodyDigest string          `json:"body_digest,omitempty"` // the body is withheld
	Shown      json.RawMessage `json:"shown,omitempty"`       // what is told of it then
	Body       json.RawMessage `json:"body,omitempty"`
}

// blob is a blob's line. Bytes that are no text are in Base64.
type blob struct {
	Digest string  `json:"digest"`
	Text   *string `json:"text,omitempty"`
	Base64 []byte  `json:"base64,omitempty"`
}

// head is what stands before the events.
type head struct {
	run      pawl.RunID
	flow     string
	last     last
	withheld withheld
}

type last struct {
	Seq  pawl.Seq `json:"seq"`
	Hash string   `json:"hash"`
}

type withheld struct {
	Events   int `json:"events"`
	Unsalted int `json:"unsalted"`
}

// Encode returns the file's bytes: always the same ones for the same run.
func (f *File) Encode() ([]byte, error) {
	var b bytes.Buffer
	h, err := f.head()
	if err != nil {
		return nil, err
	}
	b.Write(h.lines())
	for i, e := range f.Events {
		line, err := eventLine(e)
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", e.Seq, err)
		}
		b.Write(line)
		b.WriteString(separator(i, len(f.Events)))
	}
	b.WriteString(openBlobs)
	for i, digest := range f.digests() {
		line, err := blobLine(digest, f.Blobs[digest])
		if err != nil {
			return nil, fmt.Errorf("blob %s: %w", digest, err)
		}
		b.Write(line)
		b.WriteString(separator(i, len(f.Blobs)))
	}
	b.WriteString(openRecord)
	b.Write(f.Record)
	b.WriteString(closing)
	all := append(fileHead(b.Bytes()), b.Bytes()...)
	if len(all) > limits.RunFileBytes {
		return nil, tooLarge(len(all))
	}
	return all, nil
}

// What stands between the parts of a file.
const (
	openHead   = "{\n\"pawl_run\":%d,\n\"digest\":%q,\n"
	openEvents = "\"events\":[\n"
	openBlobs  = "],\n\"blobs\":[\n"
	openRecord = "],\n\"record\":"
	closing    = "\n}\n"
)

// fileHead is the beginning of a file with that rest, whose digest it has.
func fileHead(rest []byte) []byte { return fmt.Appendf(nil, openHead, Version, journal.Digest(rest)) }

func tooLarge(n int) error {
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("the run takes %d bytes as a file, at most %d fit", n, limits.RunFileBytes)}
}

// separator is what follows on the i-th of n lines.
func separator(i, n int) string {
	if i < n-1 {
		return ",\n"
	}
	return "\n"
}

// digests returns the names of the blobs in order.
func (f *File) digests() []string { return slices.Sorted(maps.Keys(f.Blobs)) }

func (f *File) head() (head, error) {
	began, err := journal.Decode[journal.Created](f.Events[0])
	end := f.Last()
	return head{f.Run(), began.Flow, last{end.Seq, end.Hash}, withheld{f.Withheld(), f.Unsalted()}}, err
}

func (h head) lines() []byte {
	var b bytes.Buffer
	for _, member := range []struct {
		name  string
		value any
	}{{"run", h.run}, {"flow", h.flow}, {"last", h.last}, {"withheld", h.withheld}} {
		raw, _ := schema.Marshal(member.value) // texts and numbers always encode
		fmt.Fprintf(&b, "%q:%s,\n", member.name, raw)
	}
	b.WriteString(openEvents)
	return b.Bytes()
}

// eventLine writes an event. Its body stays byte for byte what it is, or the hash would
// not fit any more.
func eventLine(e pawl.Event) ([]byte, error) {
	line := event{V: e.Version, Seq: e.Seq, Type: e.Type, Key: e.Key, At: e.At, Hash: e.Hash, BodyDigest: e.BodyDigest}
	if e.BodyDigest != "" {
		line.Shown = e.Body
		return schema.Marshal(line)
	}
	if body := bytes.TrimSpace(e.Body); len(body) != len(e.Body) || bytes.ContainsRune(body, '\n') || !json.Valid(body) {
		return nil, fmt.Errorf("its body is not as this program writes it")
	}
	b, err := schema.Marshal(line)
	if err != nil {
		return nil, err
	}
	b = append(b[:len(b)-1], `,"body":`...)
	return append(append(b, e.Body...), '}'), nil
}

func blobLine(digest string, data []byte) ([]byte, error) {
	line := blob{Digest: digest}
	if utf8.Valid(data) {
		text := string(data)
		line.Text = &text
		return schema.Marshal(line)
	}
	return fmt.Appendf(nil, `{"digest":%q,"base64":%q}`, digest, base64.StdEncoding.EncodeToString(data)), nil
}
