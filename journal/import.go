package journal

import (
	"context"

	"github.com/pawlrun/pawl"
)

// Importer is what a Journal also offers to those who bring runs from elsewhere. Its
// methods behave like the Journal's.
type Importer interface {
	// Import stores a run as it was elsewhere, to be read, taken over from and removed,
	// and for nothing else: Claim and Submit refuse it with ErrConflict, and neither Idle
	// nor OpenBlockers lists it. If the run is there with the same last event, imported or
	// not, that is no error, nothing is stored, and there is true. Another history
	// under its id is ErrConflict, a chain of hashes that is broken ErrInput.
	Import(ctx context.Context, run Imported) (there bool, err error)
}

// Imported is a run as it was elsewhere.
type Imported struct {
	NewRun              // Queued is not looked at, and Blobs are all that its events name
	Events []pawl.Event // its whole history
}

// Digests checks the history and returns the names of the blobs, in their order.
func (r Imported) Digests() ([]string, error) {
	err := Verify(r.Events)
	switch {
	case err != nil:
		return nil, &pawl.Error{Kind: pawl.ErrInput, Message: err.Error(), Run: r.ID, Err: err}
	case len(r.Events) == 0 || r.Events[0].Run != r.ID:
		return nil, &pawl.Error{Kind: pawl.ErrInput, Message: "the events are not those of run " + string(r.ID), Run: r.ID}
	}
	for _, e := range r.Events {
		if len(e.Body) > MaxValueBytes {
			return nil, Draft{Type: e.Type, Key: e.Key}.refuse(r.ID, pawl.ErrInput, "", sizeError(len(e.Body)))
		}
	}
	return Batch{Blobs: r.Blobs}.Digests()
}
