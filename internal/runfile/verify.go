package runfile

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	if events, err = verifyChain(row, events); err != nil {
		return nil, tampered(row.ID, "%v", err)
	}
	f := &File{Events: events, Blobs: map[string][]byte{}}
	if err := f.verifyShown(); err != nil {
		return nil, err
	}
	if err := f.verifyRow(row); err != nil {
		return nil, err
	}
	return f, f.verifyBlobs(ctx, j)
}

// verifyChain is journal.Verify of a run as it is listed: its history is whole up to the row's last
// event, and is the one that was recorded, see Row.VerifyBodies. It returns the events up to
// there; a run may have gone on since it was listed.
func verifyChain(row journal.Row, events []pawl.Event) ([]pawl.Event, error) {
	if len(events) > int(row.LastSeq) {
		events = events[:row.LastSeq]
	}
	if err := journal.Verify(events); err != nil {
		return nil, err
	}
	switch n := pawl.Seq(len(events)); {
	case n < row.LastSeq:
		return nil, fmt.Errorf("run %s has %d of its %d events", row.ID, n, row.LastSeq)
	case n > 0 && events[n-1].Hash != row.LastHash:
		return nil, fmt.Errorf("event %d of run %s is not the last one that was recorded: that had another hash", n, row.ID)
	}
	return events, row.VerifyBodies(events)
}

// verifyRow looks at what the list of runs says of the run.
func (f *File) verifyRow(row journal.Row) error {
	st, err := replay.Fold(f.Events)
	if err != nil {
		return err
	}
	is := newRun(st)
	for _, fact := range []struct {
		name         string
		listed, told string
	}{
		{"flow", row.Flow, is.Flow}, {"model", row.Model, is.Model}, {"program", row.Program, is.Program}, {"base", string(row.Base), string(is.Base)}, {"schedule", row.Schedule, is.Schedule},
		{"begin", written(row.CreatedAt), written(st.CreatedAt())}, {"last change", written(row.UpdatedAt), written(f.Last().At)},
	} {
		if fact.listed != fact.told {
			return tampered(row.ID, "the list of runs has run %s with the %s %q, its events with %q", row.ID, fact.name, fact.listed, fact.told)
		}
	}
	going := is.Summary
	going.Status, going.Reason, going.WakeAt = st.Status, st.Reason, st.WakeAt
	if row.Summary != is.Summary && row.Summary != going {
		return tampered(row.ID, "the list of runs has run %s as %s, its events as %s", row.ID, row.Summary.Status, is.Summary.Status)
	}
	return nil
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

func written(at pawl.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// ErrTampered says that a stored run is not what was recorded.
var ErrTampered = errors.New("something else than Pawl has changed the run")

func tampered(run pawl.RunID, format string, args ...any) error {
	return &pawl.Error{Kind: pawl.ErrDatabase, Run: run, Message: fmt.Sprintf(format, args...), Err: ErrTampered}
}
