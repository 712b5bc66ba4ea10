package journal

import (
	"context"
	"maps"
	"slices"

	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// Remove implements Remover.
func (m *Memory) Remove(ctx context.Context, runs ...Shown) (Removed, error) {
	return holding(ctx, m, "remove runs", func() (done Removed, err error) {
		for _, shown := range runs {
			id := shown.Run
			r := m.runs[id]
			if err := r.removable(shown); err != nil {
				done.Kept = append(done.Kept, err)
				continue
			}
			done.Runs = append(done.Runs, id)
			m.costs.Take(r.n, r.Flow, cost.Happened{What: cost.Gone}, m.now())
			delete(m.runs, id)
			m.order = slices.DeleteFunc(m.order, func(o *memoryRun) bool { return o == r })
			m.feed = slices.DeleteFunc(m.feed, func(p memoryPlaced) bool { return p.run == r })
			m.open = slices.DeleteFunc(m.open, func(o memoryOpen) bool { return o.run == r })
			m.notices = slices.DeleteFunc(m.notices, func(n *memoryNotice) bool { return n.run == r })
			for i := range m.commands { // the others keep their numbers
				if m.commands[i].run == r {
					m.commands[i] = memoryCommand{handled: true}
				}
			}
			m.commit()
		}
		left := map[string]bool{}
		for _, r := range m.order {
			for _, e := range r.events {
				AddDigests(left, e.Body)
			}
		}
		maps.DeleteFunc(m.blobs, func(digest string, _ []byte) bool { return !left[digest] })
		return done, nil
	})
}

// removable refuses a run that is not there, held, or not as it was shown.
func (r *memoryRun) removable(shown Shown) error {
	switch {
	case r == nil:
		return refusal.NotFound(shown.Run)
	case r.held:
		return refusal.Held(shown.Run, holder(), ErrHeld)
	case shown.Seq != 0 && shown.Seq != r.last.Seq:
		return refusal.Changed(shown.Run, r.Summary.Status)
	}
	return nil
}
