package pawl_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
)

// A flow ends its run for good: it is failed, and nothing resumes it.
func ExampleFail() {
	flow := pawl.New("refund", "Pay money back.", func(r *pawl.Run, in Charge) (string, error) {
		if in.Cents > 10_000 {
			return "", pawl.Fail(errors.New("more than we pay back"))
		}
		return "paid back", nil
	})
	play(flow, Charge{"Ada", 20_000}, nil)

	// Output:
	// flow: more than we pay back
}

// A step or scope that is renamed under a run in flight keeps what is recorded.
func ExampleWas() {
	flow := pawl.New("greet", "Greet a customer.", func(r *pawl.Run, in Charge) (string, error) {
		return pawl.Do(r, "greeting", in, func(_ context.Context, in Charge) (string, error) {
			return "hello " + in.Customer, nil
		}, pawl.Was("greet")), nil
	})
	play(flow, Charge{"Ada", 1}, nil)

	// Output:
	// hello Ada
}

// A run that an earlier process has started is had by its id, which may be made of what
// it is about: then it is started once, however often one says so.
func ExampleFlowOf_Handle() {
	flow := pawl.New("double", "Double an amount.", func(r *pawl.Run, in Charge) (int, error) { return 2 * in.Cents, nil })
	ctx := context.Background()
	engine := newEngine(nil)
	defer engine.Close(ctx)

	id := pawl.RunIDOf("invoice", "2026-0042")
	for range 2 {
		if _, err := pawl.Start(ctx, engine, flow, Charge{"Ada", 21}, &pawl.StartOptions{ID: id}); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(flow.Handle(engine, id).Result(ctx))

	// Output:
	// 42 <nil>
}
