package pawl_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
)

// Charge is what a customer pays.
type Charge struct {
	Customer string `json:"customer"`
	Cents    int    `json:"cents" pawl:"min=1"`
}

// An effect is code in a step: it happens once for as long as the journal is there. A
// service that knows the key also ignores what a crash had it asked twice.
func ExampleDo() {
	flow := pawl.New("charge", "Charge a customer.", func(r *pawl.Run, in Charge) (string, error) {
		receipt := pawl.Do(r, "charge", in, func(ctx context.Context, in Charge) (string, error) {
			_, step, _ := strings.Cut(pawl.IdempotencyKey(ctx), "/")
			return fmt.Sprintf("%s paid %d (%s)", in.Customer, in.Cents, step), nil
		})
		return receipt, nil
	})
	play(flow, Charge{"Ada", 500}, nil)

	// Output:
	// Ada paid 500 (charge)
}

// What the code returns as an error is a value.
func ExampleTryDo() {
	flow := pawl.New("charge", "Charge a customer.", func(r *pawl.Run, in Charge) (string, error) {
		_, err := pawl.TryDo(r, "charge", in, func(context.Context, Charge) (string, error) {
			return "", fmt.Errorf("the card has expired")
		})
		return fmt.Sprintf("not charged: %v", err), nil
	})
	play(flow, Charge{"Ada", 500}, nil)

	// Output:
	// not charged: the card has expired
}

// An effect without a result.
func ExampleExec() {
	flow := pawl.New("greet", "Greet a customer.", func(r *pawl.Run, in Charge) (string, error) {
		pawl.Exec(r, "greet", in.Customer, func(_ context.Context, name string) error {
			fmt.Println("hello", name)
			return nil
		})
		return "greeted", nil
	})
	play(flow, Charge{"Ada", 500}, nil)

	// Output:
	// hello Ada
	// greeted
}
