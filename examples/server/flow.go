package main

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Input says whom the letter is for.
type Input struct {
	Name string `json:"name" pawl:"len=1..80"`
}

// letter stands for a flow of yours: two calls, and a person who decides.
var letter = pawl.New("letter", "Write a letter and have it approved.", func(r *pawl.Run, in Input) (string, error) {
	idea := pawl.Ask(r, "idea", pawl.Messages[string]("Finding an idea", llm.User("Why write to "+in.Name+"? Answer in one sentence.")))
	text := pawl.Ask(r, "write", pawl.Messages[string]("Writing the letter", llm.User("Write a short letter to "+in.Name+".\n\n"+idea)))
	answer := pawl.Approve(r, "send", text, "Send this letter?")
	return answer.Value, answer.Err()
})
