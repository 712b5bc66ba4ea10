package pawl_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

type Order struct {
	Item string `json:"item"`
}

type Payment struct {
	Cents int `json:"cents" pawl:"min=1"`
}

// A flow waits for a payment, of which a program tells.
func ExampleAwait() {
	flow := pawl.New("sell", "Sell something.", func(r *pawl.Run, in Order) (string, error) {
		paid := pawl.Await[Payment](r, "paid")
		return fmt.Sprintf("%s for %d cents", in.Item, paid.Cents), nil
	})

	ctx := context.Background()
	engine := local.New(&local.Options{Journal: journal.NewMemory(), Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline"})
	defer engine.Close(ctx)
	handle, err := pawl.Start(ctx, engine, flow, Order{Item: "a kettle"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	run, _ := engine.Wait(ctx, handle.ID())
	fmt.Println(run.Status, run.Blockers[0].Kind)
	err = engine.Decide(ctx, handle.ID(), pawl.Decision{Key: "paid", What: pawl.DecideAnswer, Who: "the desk", Value: json.RawMessage(`{"cents": 4000}`)})
	fmt.Println(err)
	fmt.Println(handle.Result(ctx))

	// Output:
	// waiting event
	// <nil>
	// a kettle for 4000 cents <nil>
}

// The address is given away before the event is awaited. What comes there first, and
// twice, is one payment.
func ExampleTryAwait() {
	var engine pawl.Engine
	charge := func(ctx context.Context, address string) (string, error) { // at a payment provider, which calls a webhook
		for range 2 {
			if err := engine.Deliver(ctx, address, "evt_1", json.RawMessage(`{"cents": 4000}`)); err != nil {
				return "", err
			}
		}
		return "registered", nil
	}
	flow := pawl.New("sell", "Sell something.", func(r *pawl.Run, in Order) (string, error) {
		pawl.Do(r, "charge", r.Callback("paid"), charge)
		paid, err := pawl.TryAwait[Payment](r, "paid", pawl.For(24*time.Hour))
		if errors.Is(err, pawl.ErrExpired) {
			return "canceled", nil
		}
		return fmt.Sprintf("shipped for %d cents", paid.Cents), err
	})

	ctx := context.Background()
	engine = local.New(&local.Options{Journal: journal.NewMemory(), Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline"})
	defer engine.Close(ctx)
	handle, err := pawl.Start(ctx, engine, flow, Order{Item: "a kettle"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(handle.Result(ctx))

	// Output:
	// shipped for 4000 cents <nil>
}
