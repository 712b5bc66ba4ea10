package journal

import (
	"context"
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/limit"
)

// Journal keeps the histories of runs. Every method may be called
// concurrently, and blocks until it is done or ctx ends. Errors are
// *pawl.Error: ErrNotFound for a run that is not there, ErrConflict for a claim
// that is not to be had, ErrStorage for what went wrong beneath.
type Journal interface {
	// Create stores a new run with its first events, the first of type
	// created, and claims it for this process: a claimed event is added behind
	// them, all in one commit. A run that is to be queued is not claimed, and
	// the claim is nil. An id that exists is ErrConflict.
	Create(ctx context.Context, run NewRun, first []Draft) (*Claim, error)

	// Claim takes an existing run to execute it and appends a claimed event.
	// If a live process holds it, that is ErrConflict and the message names the
	// process, unless take is set. The previous holder, if any, can no longer
	// append.
	Claim(ctx context.Context, id pawl.RunID, take bool) (*Claim, error)

	// Append seals the drafts behind the claim's last event, stores them, the
	// batch's blobs and the run's summary in one commit, and advances the
	// claim. A claim that was lost or released is ErrLost, a second result of
	// one step ErrConflict, a body or blob above MaxValueBytes ErrInput. After
	// any error nothing of the batch is stored, and the claim is not to be used
	// again; but after ErrInput, which comes before all else, and after a
	// limit.Exceeded of a journal that keeps limits, it holds.
	//
	// ctx bounds the wait for a place in the queue; once the commit has begun
	// it is finished.
	Append(ctx context.Context, c *Claim, b Batch) ([]pawl.Event, error)

	// Release gives the claim back, so that another process may take the run at
	// once. It appends nothing; Batch.Release does both. Releasing twice is
	// harmless.
	Release(ctx context.Context, c *Claim) error

	Reader

	// Changes blocks until something was committed after the moment that mark
	// stands for, by this process or another, and returns a new mark. The zero
	// mark returns at once. A change may be reported that is none.
	Changes(ctx context.Context, mark Mark) (Mark, error)

	// Close releases all claims and everything else. Calls that are under way
	// end first, those of Changes at once. Calls after it are ErrStorage,
	// another Close does nothing.
	Close() error

	Commands
}

// Reader is the part of a Journal that whoever shows runs needs.
type Reader interface {
	// Read returns a run's events after a place in order, at most limit of them
	// (0: all).
	Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error)

	// Runs lists runs, the newest first.
	Runs(ctx context.Context, f pawl.RunFilter) ([]Row, error)

	Blobs
}

// Blobs are bytes stored beside events, named by their digest.
type Blobs interface {
	// Blob returns the bytes with that digest, see Digest; ErrNotFound if there
	// are none.
	Blob(ctx context.Context, digest string) ([]byte, error)
}

// ErrHeld says that a live process has the run's claim, and was not to lose it.
var ErrHeld = errors.New("run held")

// ErrLost says that a claim no longer holds: another process took the run, or
// it was released.
var ErrLost = errors.New("claim lost")

// Mark is a moment in a journal's life, to wait for the next change.
type Mark int64

// NewRun is what is known of a run when it is created.
type NewRun struct {
	ID      pawl.RunID
	Flow    string
	Model   string
	Program string     // by which it is started, see Created
	Base    pawl.RunID // whose results it takes over; empty: it has none

	Schedule string // that started it, by name; empty: none did

	Summary Summary
	Queued  bool // nobody holds it: whoever takes up runs may claim it

	Blobs [][]byte // stored with its first events, as those of a Batch are
}

// Summary is what the list of runs shows of a run's state. The holder of the
// claim derives it from the events and stores it with them.
type Summary struct {
	Status pawl.Status
	Reason string
	WakeAt pawl.Time // of a waiting run: when its first timer runs out; zero: it has none
	Final  bool      // of a failed run: it has ended
}

// Row is a run in a list. Its Summary is the stored one, see Held.
type Row struct {
	ID      pawl.RunID
	Flow    string
	Model   string     // in force, see Batch
	Program string     // by which it was started; empty: not known
	Base    pawl.RunID // whose results it takes over; empty: it has none

	Schedule string // that started it, by name; empty: none did

	// SupersededBy is, of a run that failed, the newest that has it as its base and was not
	// canceled; empty: there is none.
	SupersededBy pawl.RunID

	Summary   Summary
	CreatedAt pawl.Time
	UpdatedAt pawl.Time // of the last event
	LastSeq   pawl.Seq
	LastHash  string
	Imported  bool // from a file, see Importer

	// Held says that a live process holds the run's claim. A row with status
	// running that is not held belongs to a process that died.
	Held bool
	// Holder describes that process for people, such as "process 4711"; empty
	// if not held.
	Holder string
}

// Claim is the right to append to one run. Its exported fields are the run's
// last event, from which the next batch goes on; Journals advance them.
type Claim struct {
	Run   pawl.RunID
	Epoch int64 // grows with every claim of the run
	Seq   pawl.Seq
	Hash  string
	At    pawl.Time
}

// Draft is an event before it has a place.
type Draft struct {
	Type pawl.EventType
	Key  pawl.Key
	At   pawl.Time // not before the run's last event: Seal moves it forward if need be, and cuts it to milliseconds
	Body any       // one of this package's body types; Seal encodes it

	// Salt is something random that the stored body has as a member, so that nobody can
	// guess it from its digest; empty: it has none.
	Salt string

	// Result says that this event is the result of step Key, of which there
	// can only be one at a time. Voids says that the one that there is, if any, is
	// none any more: this event, or a later one, may be the next.
	Result, Voids bool

	// Opens says that this event opens a blocker under its key, in place of one
	// that is open there; Lifts, that it lifts that one. The run's end lifts
	// all of the run's.
	Opens, Lifts bool
}

// Batch is what one Append stores.
type Batch struct {
	Drafts  []Draft
	Blobs   [][]byte // stored under their Digest; those already there are kept
	Summary *Summary // nil: unchanged
	Release bool     // the claim is given back with it, in the same commit
	Model   string   // that the list of runs shows from now on; empty: unchanged

	// Rest is the status at which the run comes to rest with the batch, if that is news:
	// every receiver is then owed a notice of the last event, see package notice. Empty: there
	// is nothing to tell.
	Rest pawl.Status

	// Handled says what came of commands of this run. A batch with done or canceled
	// refuses all others that are pending.
	Handled []Handled

	// Calls are the calls of models that leave when the batch is stored, and Ended those
	// that have ended with it. A journal that is a limit.Keeper counts them.
	Calls []limit.Call
	Ended []limit.Ended
}
