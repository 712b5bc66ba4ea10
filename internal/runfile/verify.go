package runfile

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Verify proves that a run of a journal is what was recorded: its chain of hashes holds
// from the first event to the last one that the list of runs names, the list says what
// the events say, and every blob that they name is there with the bytes of its digest.
// The error is ErrDatabase and names the first event that is wrong. row is the run as it
// was listed: one that has gone on since is verified up to there.
func Verify(ctx context.Context, j journal.Reader, row journal.Row) (*File, error) {
	events, err := j.Read(ctx, row.ID, 0, 0)
	if err != nil {
		return nil, err
	}
	if events, err = journal.VerifyRun(row, events); err != nil {
		return nil, tampered(row.ID, "%v", err)
	}
	f := &File{Events: events, Blobs: map[string][]byte{}}
	if err := f.verifyShown(); err != nil {
		return nil, err
	}
	st, err := replay.Fold(events)
	if err != nil {
		return nil, err
	}
	listed := st.Listed()
	is := journal.Summary{Status: st.Status, Reason: st.Reason, WakeAt: st.WakeAt, Final: listed.Final}
	if row.Flow != st.Created.Flow || row.Summary != listed && row.Summary != is {
		return nil, tampered(row.ID, "the list of runs has run %s as %s of %s, its events as %s of %s", row.ID, row.Summary.Status, row.Flow, listed.Status, st.Created.Flow)
	}
	return f, f.verifyBlobs(ctx, j)
}

// verifyShown looks at what is told of the events that are withheld: a value among it would
// be taken for what was recorded.
func (f *File) verifyShown() error {
	for _, e := range f.Events {
		if e.BodyDigest == "" {
			continue
		}
		if err := checkShown(e); err != nil {
			return tampered(e.Run, "event %d of run %s: %v", e.Seq, e.Run, err)
		}
	}
	return nil
}

// verifyBlobs looks at the bytes of each blob that the events name.
func (f *File) verifyBlobs(ctx context.Context, j journal.Blobs) error {
	if err := f.takeBlobs(ctx, j); err != nil {
		return tampered(f.Run(), "%v", err)
	}
	for _, e := range f.Events {
		names, err := blobsOf(e)
		if err != nil {
			return err
		}
		for _, name := range names {
			if journal.Digest(f.Blobs[name]) != name {
				return tampered(f.Run(), "event %d of run %s names a blob that has other bytes than its digest says: %s", e.Seq, f.Run(), name)
			}
		}
	}
	return nil
}

func tampered(run pawl.RunID, format string, args ...any) error {
	return &pawl.Error{Kind: pawl.ErrDatabase, Run: run, Message: fmt.Sprintf(format, args...)}
}
