package crashtest

import (
	"fmt"
	"testing"
)

// A process that is killed right before or right after any of its commits, and
// so also between any two model calls, leaves a run that goes on without
// repeating what is recorded.
func TestKilledAtEveryCommit(t *testing.T) {
	for _, s := range []scene{articleRevised, articleRepaired, blogSequential, blogParallelReworked} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %s", s.name, when(after)), func(t *testing.T) {
				t.Parallel()
				ref := undisturbedChild(t, s)
				for k := 1; ; k++ {
					if !sampled(k) {
						continue
					}
					h := newHome(t, s)
					if !h.child(s, "", k, after) {
						// Each attempt has at least two commits, see taking.
						if least := 2 * s.calls; k <= least {
							t.Errorf("the child has fewer than %d commits, wants at least %d", k, least)
						}
						break
					}
					ok := t.Run(fmt.Sprint(k), func(t *testing.T) {
						h := &home{t: t, dir: h.dir, provider: h.provider}
						run, open := h.inspect(s, k == 1 && !after)
						if run != "" {
							h.checkHistory(h.finish(run), ref, open)
						}
					})
					if !ok {
						break
					}
				}
			})
		}
	}
}

// The process that resumes may be killed at any of its commits too.
func TestKilledAtEveryCommitOfAResume(t *testing.T) {
	s := articleRevised
	firsts := []int{3, 5, 8}
	if testing.Short() {
		firsts = firsts[1:2]
	}
	for _, first := range firsts {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("first at %d, then %s", first, when(after)), func(t *testing.T) {
				t.Parallel()
				ref := undisturbedChild(t, s)
				for k := 1; ; k++ {
					if !sampled(k) {
						continue
					}
					h := newHome(t, s)
					if !h.child(s, "", first, after) {
						t.Fatalf("the child has fewer than %d commits", first)
					}
					run, open := h.inspect(s, false)
					if !h.child(s, run, k, after) {
						break
					}
					_, again := h.inspect(s, false)
					ok := t.Run(fmt.Sprint(k), func(t *testing.T) {
						h := &home{t: t, dir: h.dir, provider: h.provider}
						// Before the second process has claimed the run, what
						// the first had in flight is still open.
						if k > 1 || after {
							for key, n := range again {
								open[key] += n
							}
						}
						h.checkHistory(h.finish(run), ref, open)
					})
					if !ok {
						break
					}
				}
			})
		}
	}
}

func when(after bool) string {
	if after {
		return "after"
	}
	return "before"
}
