package local

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/journal"
)

// Deliver implements pawl.Engine.
func (e *Engine) Deliver(ctx context.Context, address, delivery string, value json.RawMessage) error {
	var to journal.Callback
	if _, err := to.Find(ctx, e.journal, address); err != nil {
		return err
	}
	c, err := exec.Deliver(to.Run, pawl.Decision{Key: to.Key, What: pawl.DecideAnswer, Who: "delivery " + delivery, At: now(), Digest: to.Seen, Delivery: delivery, Value: value})
	if err != nil {
		return err
	}
	if err := e.steer(ctx, to.Run, c); !errors.Is(err, exec.ErrDelivered) {
		return err
	}
	return nil
}
