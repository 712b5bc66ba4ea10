package runfile

import (
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// blobsOf returns the digests of the blobs that an event names. Those that stand in its
// values are not among them: they are texts like any other. An event whose body is
// withheld names none.
func blobsOf(e pawl.Event) ([]string, error) {
	if e.BodyDigest != "" {
		return nil, nil
	}
	switch e.Type {
	case pawl.EventCreated:
		b, err := journal.Decode[journal.Created](e)
		return promptBlobs(b.Prompts), err
	case pawl.EventDirective:
		b, err := journal.Decode[journal.Directive](e)
		return promptBlobs(b.Prompts), err
	case pawl.EventIntent:
		b, err := journal.Decode[journal.Intent](e)
		return requestBlobs(b.Request), err
	case pawl.EventBlocker:
		b, err := journal.Decode[journal.Blocker](e)
		if b.Schema == "" {
			return nil, err
		}
		return []string{b.Schema}, err
	}
	return nil, nil
}

func promptBlobs(all []pawl.Replaced) (names []string) {
	for _, p := range all {
		names = append(names, p.Digest)
	}
	return names
}

// requestBlobs are those of a request, without the answers that it sends back.
func requestBlobs(r *journal.Request) (names []string) {
	if r == nil {
		return nil
	}
	for _, m := range r.Messages {
		if strings.HasPrefix(m, "sha256:") {
			names = append(names, m)
		}
	}
	if r.Schema != "" {
		names = append(names, r.Schema)
	}
	return names
}
