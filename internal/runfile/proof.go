package runfile

import (
	"context"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Proof is what a file, or a run that was verified, says of itself, in the form in which
// it is printed as JSON.
type Proof struct {
	Run      pawl.RunID `json:"run"`      // the run's id
	Events   int        `json:"events"`   // how many it has
	Last     string     `json:"last"`     // hash of the last event: note it elsewhere, or compare it with one that you noted
	Withheld int        `json:"withheld"` // how many of them have no body here
	Unsalted int        `json:"unsalted"` // how many of these have no salt, so that short bodies can be guessed
}

// Proof returns what the file says of itself.
func (f *File) Proof() Proof {
	return Proof{f.Run(), len(f.Events), f.Last().Hash, f.Withheld(), f.Unsalted()}
}

// Taken is what became of the file of a run that was to be taken in, in the form in which
// it is printed as JSON.
type Taken struct {
	Run      pawl.RunID  `json:"run"`      // the run's id
	Flow     string      `json:"flow"`     // its flow
	Status   pawl.Status `json:"status"`   // where it stands
	Events   int         `json:"events"`   // how many it has
	Withheld int         `json:"withheld"` // how many of them have no body, of the run as it is here
	There    bool        `json:"there"`    // it was here already, and was left as it is
	Lacks    int         `json:"lacks"`    // how many bodies are withheld here that the file has
}

// Import takes the file's run into a journal, and returns it as it is there. A journal
// that takes in none is ErrInput.
func (f *File) Import(ctx context.Context, j journal.Reader) (Taken, *File, error) {
	run, err := f.Imported()
	if err != nil {
		return Taken{}, nil, err
	}
	importer, ok := j.(journal.Importer)
	if !ok {
		return Taken{}, nil, &pawl.Error{Kind: pawl.ErrInput, Message: "the journal of this program does not import runs"}
	}
	there, err := importer.Import(ctx, run)
	stored := f
	if err == nil && there {
		stored = &File{}
		stored.Events, err = j.Read(ctx, run.ID, 0, 0)
	}
	if err != nil {
		return Taken{}, nil, err
	}
	return Taken{run.ID, run.Flow, run.Summary.Status, len(run.Events), stored.Withheld(), there, stored.Lacks(f)}, stored, nil
}
