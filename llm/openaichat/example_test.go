package openaichat_test

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/openaichat"
)

func ExampleNew() {
	ctx := context.Background()
	model := openaichat.New(&openaichat.Options{BaseURL: "http://localhost:11434/v1"})
	answer, err := model.Generate(ctx, llm.Request{
		Model:    "qwen3:8b",
		Messages: []llm.Message{llm.User("Say hello.")},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Text)
}
