package replay

import (
	"iter"
	"time"

	"github.com/pawlrun/pawl"
)

// InOrder returns the steps in the order of their first events, each with where
// it stands. It makes nothing: the steps are the state's own, not to be changed,
// and their place never changes.
func (st *State) InOrder() iter.Seq2[*Step, pawl.StepStatus] {
	return func(yield func(*Step, pawl.StepStatus) bool) {
		for _, s := range st.order {
			if !yield(s, st.stepStatus(s)) {
				return
			}
		}
	}
}

// Usage adds up what the run's model calls took.
func (st *State) Usage() pawl.UsageRecord {
	var sum usageSum
	for _, s := range st.order {
		s.addTo(&sum)
	}
	return sum.record()
}

// Usage adds up what the step's model calls took, the one in flight included.
func (s *Step) Usage() pawl.UsageRecord {
	var sum usageSum
	s.addTo(&sum)
	return sum.record()
}

func (s *Step) addTo(sum *usageSum) {
	for i := range s.Attempts {
		sum.add(&s.Attempts[i])
	}
	if s.Open != nil && s.Open.Model != "" {
		sum.calls++
	}
}

// Took returns how long the step's attempts took, the one in flight until now.
// What nobody saw the end of is not counted.
func (s *Step) Took(now time.Time) time.Duration {
	var took time.Duration
	for i, end := range s.endings {
		if !end.IsZero() {
			took += end.Sub(s.Attempts[i].StartedAt.Time)
		}
	}
	if s.Open != nil {
		took += max(0, now.Sub(s.began.Time))
	}
	return took
}

// RetryAt returns when the next attempt may leave, if one is to be waited for.
func (s *Step) RetryAt() (at time.Time, ok bool) {
	if n := len(s.Attempts); n > 0 && s.Open == nil && s.Attempts[n-1].RetryAt != nil {
		return s.Attempts[n-1].RetryAt.Time, true
	}
	return time.Time{}, false
}
