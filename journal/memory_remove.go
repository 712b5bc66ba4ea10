package journal

import (
	"context"
	"maps"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// Remove implements Remover.
func (m *Memory) Remove(ctx context.Context, ids ...pawl.RunID) error {
	if err := m.begin(ctx, "remove runs"); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for _, id := range ids {
		r := m.runs[id]
		switch {
		case r == nil:
			return refusal.NotFound(id)
		case r.held:
			return refusal.Held(id, holder(), ErrHeld)
		}
		delete(m.runs, id)
		m.order = slices.DeleteFunc(m.order, func(o *memoryRun) bool { return o == r })
		m.open = slices.DeleteFunc(m.open, func(o memoryOpen) bool { return o.run == r })
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
	return nil
}
