package replay

import (
	"fmt"

	"github.com/pawlrun/pawl"
)

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
