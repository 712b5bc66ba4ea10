package replay

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// VerifyRun is journal.Verify of a run as it is listed: its history is whole up to the row's last
// event, and is the one that was recorded, see VerifyBodies. It returns the events up to
// there; a run may have gone on since it was listed.
func VerifyRun(row journal.Row, events []pawl.Event) ([]pawl.Event, error) {
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
	return events, VerifyBodies(row.Imported, events)
}

// VerifyBodies refuses an event without its own body in a run that was not imported. Only
// a file withholds bodies; in a run of this journal somebody has put another in the place
// of what was recorded, and kept its digest so that the hashes still fit.
func VerifyBodies(imported bool, events []pawl.Event) error {
	for _, e := range events {
		if e.BodyDigest != "" && !imported {
			return fmt.Errorf("event %d of run %s has another body than was recorded: nothing is withheld in a run that was not imported", e.Seq, e.Run)
		}
	}
	return nil
}
