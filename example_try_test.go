package pawl_test

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Another model answers when the first provider's account is empty, or what goes wrong
// there has not passed after three attempts. Each may repair its answer once.
func ExampleQuestion_Fallback() {
	flow := pawl.New("greet", "Greet.", func(r *pawl.Run, _ Mail) (string, error) {
		greeting := pawl.Messages[string]("Greeting", llm.User("Say hello.")).
			Fallback("second/small").
			Tries(3).
			Repairs(1).
			Gate("short", func(s string) error {
				if len(s) > 20 {
					return fmt.Errorf("has %d characters, wants at most 20", len(s))
				}
				return nil
			})
		return pawl.Ask(r, "greet", greeting), nil
	})
	models := llm.Catalog{
		"first": llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
			return llm.Response{}, &llm.Error{Kind: llm.Quota, Message: "no credit is left"}
		}),
		"second": llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
			if len(req.Messages) == 1 {
				return llm.Response{Text: "Hello and welcome to all of you."}, nil
			}
			return llm.Response{Text: "Hello."}, nil
		}),
	}
	ctx := context.Background()
	engine := local.New(&local.Options{Journal: journal.NewMemory(), Models: models, Model: "first/large"})
	defer engine.Close(ctx)
	handle, err := pawl.Start(ctx, engine, flow, Mail{Text: "Hi!"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(handle.Result(ctx))

	// Output:
	// Hello. <nil>
}
