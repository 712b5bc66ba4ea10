package pawl

import (
	"fmt"
	"time"

	"github.com/pawlrun/pawl/host"
)

// Sleep waits, durably: the run may give up its memory and its process meanwhile
// and goes on where it was when the time has come, on this or another process.
// The time counts by the wall clock from when Sleep is first reached; a replay
// does not begin it anew, also if d has changed. Zero and less wait for nothing
// and are a step all the same.
func Sleep(r *Run, name string, d time.Duration) {
	r.host.Wait(host.Wait{Name: name, Caller: calledFrom(), Purpose: fmt.Sprintf("Waiting %s", max(0, d)), Kind: KindSleep, For: d})
}
