package openai_test

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/openai"
)

func ExampleNew() {
	ctx, key := context.Background(), "your key"
	model := openai.New(&openai.Options{APIKey: key})
	answer, err := model.Generate(ctx, llm.Request{
		Model:    "gpt-5.4-mini",
		Messages: []llm.Message{llm.User("Say hello.")},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Text)
}
