package local

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local/internal/exec"
	"github.com/pawlrun/pawl/journal"
)

// Deliver implements pawl.Engine.
func (e *Engine) Deliver(ctx context.Context, address, delivery string, value json.RawMessage) error {
	to, err := e.callback(ctx, address)
	if err != nil {
		return err
	}
	c, err := exec.Deliver(to.Run, pawl.Decision{Key: to.Key, What: pawl.DecideAnswer, Who: "delivery " + delivery, At: now(), Delivery: delivery, Value: value})
	if err != nil {
		return err
	}
	if err := e.steer(ctx, to.Run, c); !errors.Is(err, exec.ErrDelivered) {
		return err
	}
	return nil
}

// callback returns what an address is of. Of one that is none it does not say what is
// wrong with it.
func (e *Engine) callback(ctx context.Context, address string) (c journal.Callback, err error) {
	none := &pawl.Error{Kind: pawl.ErrNotFound, Message: "no step has this callback address"}
	if !c.Read(address) {
		return c, none
	}
	events, err := e.journal.Read(ctx, c.Run, 0, 1)
	switch {
	case errors.Is(err, pawl.ErrNotFound):
		return c, none
	case err != nil:
		return c, pawl.AsError(err, pawl.ErrStorage)
	case len(events) == 0:
		return c, none
	}
	created, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		return c, pawl.AsError(err, pawl.ErrDatabase)
	}
	secret, err := created.CallbackSecret(ctx, e.journal)
	if err != nil {
		return c, pawl.AsError(err, pawl.ErrStorage)
	}
	if !c.Is(address, secret) {
		return c, none
	}
	return c, nil
}
