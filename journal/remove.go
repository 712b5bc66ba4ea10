package journal

import (
	"bytes"
	"context"

	"github.com/pawlrun/pawl"
)

// Remover is what a Journal also offers to those who delete runs. Its methods behave like
// the Journal's.
type Remover interface {
	// Remove deletes runs for good: all that is stored of them, and the blobs whose
	// digests stand in no event that is left. Of their bytes nothing can be read
	// afterwards in the files of the journal. The ids may then be used anew.
	//
	// A run that cannot be removed keeps no other: Removed says which went and why the
	// others did not, also beside an error. After an error some of the runs may be
	// removed, each of them whole. The next removal, also one of no runs, does what an
	// earlier one could not finish.
	Remove(ctx context.Context, runs ...Shown) (Removed, error)
}

// Shown is a run as it was when it was decided to remove it.
type Shown struct {
	Run pawl.RunID
	Seq pawl.Seq // of its last event at that time; 0: as it stands now, whatever that is
}

// Removed is what became of the runs that were to be removed, each in the order in which
// they were given.
type Removed struct {
	Runs []pawl.RunID // that are removed
	// Kept has an error for each of the others, a *pawl.Error with its Run: ErrConflict
	// for one that a live process holds or that is not as it was shown, ErrNotFound for
	// one that is not there.
	Kept []error
}

// AddDigests adds to a set the digests that stand anywhere in a body.
func AddDigests(to map[string]bool, body []byte) {
	const size = len(digestPrefix) + 64
	for i := 0; i+size <= len(body); i++ {
		if body[i] != digestPrefix[0] || string(body[i:i+len(digestPrefix)]) != digestPrefix {
			continue
		}
		if name := body[i : i+size]; len(bytes.TrimLeft(name[len(digestPrefix):], "0123456789abcdef")) == 0 && !to[string(name)] {
			to[string(name)] = true
		}
		i += len(digestPrefix) - 1
	}
}
