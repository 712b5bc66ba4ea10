package local_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// A run that sleeps again and again is followed to its end: between two of its
// activations, too, this engine knows that it will go on.
func TestFollowThroughManySleeps(t *testing.T) {
	naps := pawl.New("naps", "Sleeps again and again.", func(r *pawl.Run, in topic) (int, error) {
		n := 0
		pawl.Map(r, "each", []int{1, 2, 3, 4, 5}, func(r *pawl.Run, i int) (int, error) {
			pawl.Sleep(r, "nap", time.Duration(i)*time.Minute)
			n++
			return n, nil
		})
		return n, nil
	})
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			if rec := finish(t, newEngine(journal.NewMemory(), &script{}), naps); rec.Status != pawl.StatusDone {
				t.Errorf("following ended while the run is %s (%s)", rec.Status, rec.Reason)
			}
		})
	}
}
