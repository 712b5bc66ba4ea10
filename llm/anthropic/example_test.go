package anthropic_test

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/anthropic"
)

func ExampleNew() {
	ctx, key := context.Background(), "your key"
	model := anthropic.New(&anthropic.Options{APIKey: key})
	answer, err := model.Generate(ctx, llm.Request{
		Model:    "claude-haiku-5-5",
		Messages: []llm.Message{llm.User("Say hello.")},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Text)
}
