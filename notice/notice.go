package notice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
)

// Day is how long a notice is owed: a run that came to rest longer ago is told of no more. A
// receiver whom nobody has told anything for so long is owed no new ones.
const Day = 24 * time.Hour

// Receiver is an address at which it is told that runs have come to rest.
type Receiver struct {
	ID      string // names it, see IDOf
	Address string // as it may be shown
	Program string // whose runs it is told of, and those of no known program; empty: of all
}

// IDOf returns the id of the receiver at an address that is told of a program's runs. The
// address cannot be read off it.
func IDOf(address, program string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s", program, address))
	return hex.EncodeToString(sum[:16])
}

// Notice is that a run came to rest, for one receiver, and what has become of telling it.
type Notice struct {
	Run      pawl.RunID
	Seq      pawl.Seq // of the event with which it came to rest
	Receiver string   // its id

	Rested pawl.Time // when it came to rest
	Due    pawl.Time // when it is to be told; of one that was taken, until when nobody else tells it; zero: never
	Tries  int       // that have failed
	Since  pawl.Time // when the first of them did; zero: none has
	Told   pawl.Time // when it was told; zero: it is not
	GaveUp pawl.Time // when it was given up; zero: it is not

	Problem string // why the last try failed; empty: none has
}

// ID is what the notice of an event is called, whoever tells it and however often. A run that
// was removed and made anew under its id has others.
func ID(run pawl.RunID, seq pawl.Seq, hash string) string {
	_, digits, _ := strings.Cut(hash, ":")
	return fmt.Sprintf("%s-%d-%s", run, seq, digits[:min(len(digits), 8)])
}

// Keeper keeps receivers and notices. Its methods behave like those of a journal.Journal.
type Keeper interface {
	// KeepReceiver says that somebody tells a receiver at that time: what comes to rest within
	// the Day after is owed to it. It is to be said again before that has passed.
	KeepReceiver(ctx context.Context, r Receiver, at pawl.Time) error

	// NoteTrouble stores since when and why nothing that is told a receiver comes through; if
	// that is noted already, the time stays. A zero time says that it does again.
	NoteTrouble(ctx context.Context, receiver string, since pawl.Time, problem string) error

	// TakeNotices returns the notices to a receiver that are due, the one due longest first
	// and at most limit of them, and makes them due again at until: nobody else is given them
	// before.
	TakeNotices(ctx context.Context, receiver string, now, until pawl.Time, limit int) ([]Notice, error)

	// SettleNotice stores what has become of a notice that was taken and was due again at
	// that time. It is ErrConflict if somebody else has taken it since, ErrNotFound if its run
	// was removed.
	SettleNotice(ctx context.Context, n Notice, taken pawl.Time) error

	// Notices lists those of a run, in the order in which it came to rest.
	Notices(ctx context.Context, run pawl.RunID) ([]pawl.Notice, error)
}
