package pawl

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pawlrun/pawl/host"
)

// Run is a run from inside, as flow code sees it: one value for the flow and
// one for each branch. A branch uses its own, and only on its own goroutine.
//
// What a flow decides must follow from its input and its steps' results: no
// clocks, random numbers, files, network, environment or goroutines outside
// steps. Now, ID and Rand are the replayable ones.
type Run struct {
	host    host.Host
	prompts replacements // those of the flow whose code has this Run; nil: none
}

// branch returns the Run of one of r's branches.
func (r *Run) branch(h host.Host) *Run { return &Run{host: h, prompts: r.prompts} }

// Note adds a line to the run's history, for its readers. A replay does not
// repeat it.
func (r *Run) Note(format string, args ...any) { r.host.Note(fmt.Sprintf(format, args...)) }

// Now returns the time of the last event that the run has taken. It moves only
// between steps and never goes back.
func (r *Run) Now() time.Time { return r.host.Now() }

// Who returns who started the run, as they said of themselves; empty if they did not.
func (r *Run) Who() string { return r.host.Info().Who }

// ID returns a name for something in the outside world, the same each time
// this run asks for it in this scope and different in every other run. Keep it
// out of prompts: a rerun has other IDs and could reuse nothing.
func (r *Run) ID(name string) string {
	info := r.host.Info()
	sum := r.sum("id", string(info.Run), name)
	return hex.EncodeToString(sum[:16])
}

// Rand returns random numbers that are the same on every replay and rerun. The
// same name in the same scope gives the same numbers from the beginning.
func (r *Run) Rand(name string) *rand.Rand {
	info := r.host.Info()
	sum := r.sum("rand", fmt.Sprint(info.Seed), name)
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
}

func (r *Run) sum(what, root, name string) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "pawl-%s-1\n%q\n%q\n%q", what, root, r.host.Info().Scope, name))
}
