package runfile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/journal"
)

// thief is a journal from which something was taken.
type thief struct {
	*journal.Memory
	spoil func([]pawl.Event) []pawl.Event
	blob  []byte // in place of every one; nil: as they are
}

func (s thief) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	events, err := s.Memory.Read(ctx, id, after, limit)
	if s.spoil != nil {
		events = s.spoil(events)
	}
	return events, err
}

func (s thief) Blob(ctx context.Context, digest string) ([]byte, error) {
	if s.blob != nil {
		return s.blob, nil
	}
	return s.Memory.Blob(ctx, digest)
}

// Verify finds what is wrong with a stored run, its end included.
func TestVerify(t *testing.T) {
	_, j, id := ranPlain(t)
	rows, err := j.Runs(t.Context(), pawl.RunFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runfile.Verify(t.Context(), j, rows[0]); err != nil {
		t.Error(err)
	}
	for name, tt := range map[string]struct {
		j    thief
		want string
	}{
		"last removed": {thief{spoil: func(all []pawl.Event) []pawl.Event { return all[:len(all)-1] }}, fmt.Sprintf("has %d of its %d events", rows[0].LastSeq-1, rows[0].LastSeq)},
		"withheld":     {thief{spoil: forge}, "has another body than was recorded"},
		"one removed":  {thief{spoil: func(all []pawl.Event) []pawl.Event { return slices.Delete(all, 3, 4) }}, "event 4 of run " + string(id) + " has number 5"},
		"one changed": {thief{spoil: func(all []pawl.Event) []pawl.Event {
			all[4].Body = json.RawMessage(`{}`)
			return all
		}}, "event 5 of run " + string(id) + " does not match its hash"},
		"blob changed": {thief{blob: []byte("other")}, "has other bytes than its digest says"},
		"the end made anew": {thief{spoil: func(all []pawl.Event) []pawl.Event {
			last := &all[len(all)-1]
			last.Body = json.RawMessage(`{"output":["other"]}`)
			last.Hash = journal.Hash(all[len(all)-2].Hash, *last)
			return all
		}}, "is not the last one that was recorded"},
	} {
		tt.j.Memory = j
		_, err := runfile.Verify(t.Context(), tt.j, rows[0])
		if !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, wants %q", name, err, tt.want)
		}
	}
	for name, change := range map[string]func(*journal.Row){
		"status":      func(r *journal.Row) { r.Summary.Status = pawl.StatusFailed },
		"flow":        func(r *journal.Row) { r.Flow = "letter" },
		"model":       func(r *journal.Row) { r.Model = "other" },
		"program":     func(r *journal.Row) { r.Program = "other" },
		"base":        func(r *journal.Row) { r.Base = "other" },
		"begin":       func(r *journal.Row) { r.CreatedAt = pawl.At(r.CreatedAt.Add(time.Second)) },
		"last change": func(r *journal.Row) { r.UpdatedAt = pawl.At(r.UpdatedAt.Add(time.Second)) },
	} {
		row := rows[0]
		change(&row)
		if _, err := runfile.Verify(t.Context(), j, row); !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "the list of runs has run") {
			t.Errorf("another %s in the list: %v", name, err)
		}
	}
}

// forge puts another answer in the place of the one that was recorded, and keeps the digest
// of that, as if a file had withheld it.
func forge(all []pawl.Event) []pawl.Event {
	for i, e := range all {
		if e.Type == pawl.EventAttempt && e.Key == "topics[0]/name" {
			all[i].BodyDigest = journal.Digest(e.Body)
			all[i].Body = bytes.ReplaceAll(e.Body, []byte("answer to topics[0]/name"), []byte("FORGED"))
		}
	}
	return all
}

// A forged answer leaves no journal, whether the run was imported or not.
func TestForgedIsNotExported(t *testing.T) {
	_, j, id := ranPlain(t)
	forged := thief{Memory: j, spoil: forge}
	if _, err := runfile.Export(t.Context(), forged, id, runfile.Options{Flow: plain}); !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "another body than was recorded") {
		t.Errorf("a run of this journal: %v", err)
	}
	if _, err := runfile.Export(t.Context(), forged, id, runfile.Options{}); !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "has a value all the same") {
		t.Errorf("an imported run: %v", err)
	}
	rows, err := j.Runs(t.Context(), pawl.RunFilter{})
	if err != nil {
		t.Fatal(err)
	}
	rows[0].Imported = true
	if _, err := runfile.Verify(t.Context(), forged, rows[0]); !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "has a value all the same") {
		t.Errorf("an imported run is verified: %v", err)
	}
}
