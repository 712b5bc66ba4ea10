package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
)

// Version is the form in which this package writes bodies and hashes.
const Version = 1

// MaxValueBytes bounds the body of one event and one blob.
const MaxValueBytes = limits.ValueBytes

// Digest names bytes: "sha256:" and 64 hex digits.
func Digest(b []byte) string {
	var name [len(digestPrefix) + 2*sha256.Size]byte
	return string(appendDigest(name[:0], b))
}

const digestPrefix = "sha256:"

func appendDigest(to, b []byte) []byte {
	sum := sha256.Sum256(b)
	return hex.AppendEncode(append(to, digestPrefix...), sum[:])
}

// Seal turns drafts into the events that follow the claim's last one, and
// returns the claim as it is behind them. It changes neither argument, and
// dates no event before the one that it follows. A body above MaxValueBytes is
// ErrInput; one that is not JSON is ErrInternal.
func Seal(c Claim, drafts []Draft) ([]pawl.Event, Claim, error) {
	events := make([]pawl.Event, len(drafts))
	next := c
	for i, d := range drafts {
		body, err := encode(d.Body)
		if err == nil && d.Salt != "" {
			body = d.salted(body)
		}
		switch {
		case err != nil:
			return nil, c, d.refuse(c.Run, pawl.ErrInternal, "", fmt.Errorf("encode body: %w", err))
		case len(body) > MaxValueBytes:
			return nil, c, d.refuse(c.Run, pawl.ErrInput, "make the value smaller, or keep it elsewhere and record a reference", sizeError(len(body)))
		case d.Result && d.Key == "":
			return nil, c, d.refuse(c.Run, pawl.ErrInternal, "", errors.New("a result needs a key"))
		}
		at := pawl.At(d.At.Time)
		if at.Before(next.At.Time) {
			at = next.At
		}
		next.Seq++
		e := pawl.Event{Version: Version, Run: c.Run, Seq: next.Seq, Type: d.Type, Key: d.Key, At: at, Body: body}
		e.Hash = Hash(next.Hash, e)
		next.Hash, next.At = e.Hash, at
		events[i] = e
	}
	return events, next, nil
}

// salted adds the draft's salt to a body, which has other members.
func (d Draft) salted(body []byte) []byte {
	return fmt.Appendf(body[:len(body)-1], `,"salt":%q}`, d.Salt)
}

func (d Draft) refuse(run pawl.RunID, kind pawl.ErrorKind, hint string, cause error) error {
	subject := fmt.Sprintf("%s event of run %q", d.Type, run)
	if d.Key != "" {
		subject = fmt.Sprintf("%s event of step %q", d.Type, d.Key)
	}
	return &pawl.Error{Kind: kind, Message: subject + ": " + cause.Error(), Hint: hint, Run: run, Step: d.Key, Err: cause}
}

func sizeError(n int) error {
	return fmt.Errorf("%d bytes are too many, at most %d fit", n, MaxValueBytes)
}

// Digests returns the names of the batch's blobs, in their order. A blob above
// MaxValueBytes is ErrInput.
func (b Batch) Digests() ([]string, error) {
	names := make([]string, len(b.Blobs))
	for i, data := range b.Blobs {
		names[i] = Digest(data)
		if len(data) > MaxValueBytes {
			err := sizeError(len(data))
			return nil, &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("blob %q: %v", names[i], err), Err: err}
		}
	}
	return names, nil
}

// Hash returns the hash of an event behind one with the hash prev ("" for the
// first): over prev, the envelope and the digest of the body, be it here or withheld.
// docs/reference/journal.md has the exact bytes.
func Hash(prev string, e pawl.Event) string {
	b := make([]byte, 0, 512)
	field := func(s string) { b = append(append(b, s...), '\n') }
	field("pawl-event-1")
	field(prev)
	b = append(strconv.AppendInt(b, int64(e.Version), 10), '\n')
	field(string(e.Run))
	b = append(strconv.AppendInt(b, int64(e.Seq), 10), '\n')
	field(string(e.Type))
	field(string(e.Key))
	b = append(appendTime(b, e.At), '\n')
	if e.BodyDigest != "" {
		field(e.BodyDigest)
	} else {
		b = append(appendDigest(b, e.Body), '\n')
	}
	return Digest(b)
}
