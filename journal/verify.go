package journal

import (
	"fmt"

	"github.com/pawlrun/pawl"
)

// Verify checks that events are one run's whole history in order, with an
// unbroken chain of hashes. The error names the first event that is wrong.
func Verify(events []pawl.Event) error { return VerifyAfter(0, "", events) }

// VerifyAfter is Verify for events that follow one with that number and hash.
func VerifyAfter(last pawl.Seq, hash string, events []pawl.Event) error {
	for i, e := range events {
		switch {
		case e.Seq != last+1:
			return fmt.Errorf("event %d of run %s has number %d", last+1, e.Run, e.Seq)
		case e.Run != events[0].Run:
			return fmt.Errorf("event %d of run %s belongs to run %s", e.Seq, events[0].Run, e.Run)
		case i == 0 && last == 0 && e.Type != pawl.EventCreated:
			return fmt.Errorf("event 1 of run %s is %s, not created", e.Run, e.Type)
		case e.Version > Version:
			return fmt.Errorf("event %d of run %s has version %d, this program knows %d", e.Seq, e.Run, e.Version, Version)
		case Hash(hash, e) != e.Hash:
			return fmt.Errorf("event %d of run %s does not match its hash", e.Seq, e.Run)
		}
		last, hash = e.Seq, e.Hash
	}
	return nil
}

// VerifyBodies refuses an event without its own body in a run that is not listed as imported. Only
// a file withholds bodies; in a run of this journal somebody has put another in the place
// of what was recorded, and kept its digest so that the hashes still fit.
func (r Row) VerifyBodies(events []pawl.Event) error {
	for _, e := range events {
		if e.BodyDigest != "" && !r.Imported {
			return fmt.Errorf("event %d of run %s has another body than was recorded: nothing is withheld in a run that was not imported", e.Seq, e.Run)
		}
	}
	return nil
}
