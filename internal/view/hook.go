package view

import (
	"context"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Hook returns the address at which a program answers an open blocker, see
// [pawl.Engine.Deliver]; empty: none can. It is a secret: whoever has it can answer.
func (v *View) Hook(ctx context.Context, b *Blocker) (string, error) {
	if !b.hooked || len(b.events) == 0 {
		return "", nil
	}
	created, err := journal.Decode[journal.Created](b.events[0])
	if err != nil {
		return "", err
	}
	secret, err := created.CallbackSecret(ctx, v.journal)
	if err != nil || secret == "" {
		return "", err
	}
	to := journal.Callback{Run: b.Run.ID, Key: b.Key}
	if b.Kind == pawl.BlockerInput { // it counts for what is shown
		to.Seen = replay.Seen(b.Digest)
	}
	return to.Address(secret), nil
}

// Hooked returns the run and the flow that an address of a callback is of. Of one that is
// none the error is ErrNotFound, whatever is wrong with it.
func (v *View) Hooked(ctx context.Context, address string) (id pawl.RunID, flow string, err error) {
	var to journal.Callback
	created, err := to.Find(ctx, v.journal, address)
	return to.Run, created.Flow, err
}
