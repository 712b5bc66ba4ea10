// Package runfile is a run as a file: complete enough to be read, verified, compared and
// taken over from on another machine.
//
// A [File] has the run's events with their hashes, the blobs that they name and, for
// readers who want no more, the run's record. [Export] makes one of a journal's run and
// leaves out what must not leave: secrets, what is marked sensitive and what the caller
// names. Of an event that is withheld the file has the digest of the body, so that the
// chain of hashes still holds. [Decode] reads a file, and finds every byte that was
// changed; docs/reference/runfile.md is its form.
//
//	file, err := runfile.Export(ctx, journal, id, runfile.Options{Flow: flow})
//	data, err := file.Encode()
//
// A run is the same bytes wherever it is exported, also where it was imported.
package runfile

import (
	"encoding/json"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Version is the form of the files that this package writes and reads.
const Version = 1

// File is a run as a file has it.
type File struct {
	Events []pawl.Event      // the whole history; a withheld one has a BodyDigest
	Blobs  map[string][]byte // by digest: all that the events name, and no others
	Record json.RawMessage   // the run's record: what the events say, as one object
	Behind []pawl.Key        // of one that Export made: see [Options].Redact
}

// Run returns the id of the run.
func (f *File) Run() pawl.RunID { return f.Events[0].Run }

// Last returns the run's last event. Who knows its hash from elsewhere knows that all
// events are what they were.
func (f *File) Last() pawl.Event { return f.Events[len(f.Events)-1] }

// Withheld counts the events whose bodies are left out.
func (f *File) Withheld() (n int) {
	for _, e := range f.Events {
		if e.BodyDigest != "" {
			n++
		}
	}
	return n
}

// Lacks counts the events whose bodies are left out here, and not in another file of the
// run.
func (f *File) Lacks(other *File) (n int) {
	for i, e := range f.Events {
		if e.BodyDigest != "" && i < len(other.Events) && other.Events[i].BodyDigest == "" {
			n++
		}
	}
	return n
}

// Unsalted counts those of them that have nothing random in them: whoever guesses such a
// body can tell from its digest that it is right.
func (f *File) Unsalted() (n int) {
	for _, e := range f.Events {
		var says struct {
			Unsalted bool `json:"unsalted"`
		}
		if e.BodyDigest != "" && json.Unmarshal(e.Body, &says) == nil && says.Unsalted {
			n++
		}
	}
	return n
}

// Imported returns the run as a journal takes it in.
func (f *File) Imported() (journal.Imported, error) {
	st, err := replay.Fold(f.Events)
	if err != nil {
		return journal.Imported{}, err
	}
	run := newRun(st)
	for _, digest := range f.digests() {
		run.Blobs = append(run.Blobs, f.Blobs[digest])
	}
	return journal.Imported{NewRun: run, Events: f.Events}, nil
}

// newRun is a run as the list of runs has it by its events.
func newRun(st *replay.State) journal.NewRun {
	run := journal.NewRun{ID: st.Run, Flow: st.Created.Flow, Model: st.Model().Name, Summary: st.Listed(), Program: st.Created.Program, Schedule: st.Created.Schedule}
	if base := st.Created.Base; base != nil {
		run.Base = base.Run
	}
	return run
}
