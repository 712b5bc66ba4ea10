package journal

import (
	"context"

	"github.com/pawlrun/pawl"
)

// Feed is what a Journal also offers to those who follow all runs at once. Its methods
// behave like the Journal's.
type Feed interface {
	// Last returns the event that was committed last; a zero one: there is none.
	Last(ctx context.Context) (Placed, error)

	// From returns the events of all runs from a place on, that at the place included if it
	// is still there, in the order in which they were committed: at most limit of them. Whoever
	// goes on from an event asks from its place, and finds it again: if another one is there,
	// or none, runs were removed, and what came meanwhile may have taken their places.
	From(ctx context.Context, place int64, limit int) ([]Placed, error)

	// Changed returns in short what From has behind a place: for each run and type the last
	// event of that type, in order, and of the event no more than its Run, Seq and Type.
	Changed(ctx context.Context, place int64) ([]Placed, error)

	// Changes is the Journal's.
	Changes(ctx context.Context, mark Mark) (Mark, error)
}

// Placed is an event and its place among those of all runs, which grows with every commit.
type Placed struct {
	Place int64
	Event pawl.Event
}
