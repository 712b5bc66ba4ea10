// Command script is where most begin: three calls of a model, one after another. If the
// third fails, the first two are paid for again.
//
//	go run ./examples/learn/1-script Tides
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: script TOPIC")
		os.Exit(2)
	}
	outline := ask("Write an outline of a post about " + os.Args[1] + ".")
	draft := ask("Write the post of 150 to 300 words by this outline:\n" + outline)
	fmt.Println(ask("Make this post better, in 150 to 300 words:\n" + draft))
}

var calls int

// ask calls a model, here the stand-in that needs no key.
func ask(prompt string) string {
	calls++
	fmt.Fprintln(os.Stderr, "call", calls)
	answer, err := offline.Model{}.Generate(context.Background(), llm.Request{Messages: []llm.Message{llm.User(prompt)}}, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return answer.Text
}
