package runfile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// Options say what must not leave.
type Options struct {
	// Flow is the run's: it says what is sensitive. Nil: the run was imported, and what
	// its file withheld stays withheld.
	Flow pawl.Flow

	// Redact names steps, or parts of the input, of the output or of steps' results, whose
	// results are left out as if they were sensitive, and with them all that quotes them:
	// see Redactions. The steps that begin behind what is named first, and of which something
	// leaves, are File.Behind: they may say it in other words.
	Redact []string

	Keys []string // of providers: what quotes one is left out
}

// Export makes a file of a run as it stands. A history that something else than Pawl has
// changed is ErrDatabase, a redaction that names nothing ErrInput.
func Export(ctx context.Context, j journal.Reader, id pawl.RunID, o Options) (*File, error) {
	events, err := j.Read(ctx, id, 0, 0)
	if err != nil {
		return nil, err
	}
	if err = journal.Verify(events); err == nil {
		err = journal.Row{Imported: o.Flow == nil}.VerifyBodies(events)
	}
	if err != nil {
		return nil, &pawl.Error{Kind: pawl.ErrDatabase, Run: id, Message: fmt.Sprintf("something else than Pawl has changed the run's history: %v", err), Err: err}
	}
	f := &File{Events: events, Blobs: map[string][]byte{}}
	if err := f.verifyShown(); err != nil {
		return nil, err
	}
	if err := f.takeBlobs(ctx, j); err != nil {
		return nil, err
	}
	w, err := newWithholding(events, o)
	if err != nil {
		return nil, err
	}
	f.Events = slices.Clone(events)
	for i, e := range events {
		if e.BodyDigest == "" && !w.holds(e, f.Blobs) {
			continue
		}
		w.lose(e)
		if e.BodyDigest != "" {
			continue
		}
		if f.Events[i], err = w.shown(e); err != nil {
			return nil, err
		}
	}
	f.Behind = w.behind(events, f.Events)
	if err := f.dropBlobs(); err != nil {
		return nil, err
	}
	st, err := replay.Fold(f.Events)
	if err != nil {
		return nil, err
	}
	f.Record, err = schema.Marshal(st.Record())
	return f, err
}

// takeBlobs reads the blobs that the events name.
func (f *File) takeBlobs(ctx context.Context, j journal.Blobs) error {
	for _, e := range f.Events {
		names, err := blobsOf(e)
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, has := f.Blobs[name]; has {
				continue
			}
			data, err := j.Blob(ctx, name)
			if err != nil {
				return fmt.Errorf("event %d of run %s names a blob that cannot be read: %w", e.Seq, e.Run, err)
			}
			f.Blobs[name] = data
		}
	}
	return nil
}

// dropBlobs leaves those that are still named.
func (f *File) dropBlobs() error {
	named := map[string][]byte{}
	for _, e := range f.Events {
		names, err := blobsOf(e)
		if err != nil {
			return err
		}
		for _, name := range names {
			named[name] = f.Blobs[name]
		}
	}
	f.Blobs = named
	return nil
}

// isSalted reports whether nobody can guess a body: it has something random in it.
func isSalted(e pawl.Event) bool {
	var random struct {
		Salt   string `json:"salt"`
		Digest string `json:"secret_digest"`
		Secret string `json:"secret"`
	}
	return json.Unmarshal(e.Body, &random) == nil && (random.Salt != "" || e.Type == pawl.EventCreated && random.Digest+random.Secret != "")
}

// isSame reports whether two documents say the same.
func isSame(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, err := schema.Canonical(a)
	if err != nil {
		return false
	}
	y, err := schema.Canonical(b)
	return err == nil && bytes.Equal(x, y)
}
