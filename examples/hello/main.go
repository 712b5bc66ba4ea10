// Command hello is a binary of one's own: the pawl command with one flow more.
//
//	go run ./examples/hello run hello --name Ada
package main

import (
	"embed"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

//go:embed prompts
var files embed.FS

// Input is what the command asks for: each field is a flag.
type Input struct {
	Name string `json:"name" jsonschema:"who is greeted" pawl:"len=1..80"`
}

// Greeting is the answer that the model must give. Its type is the contract.
type Greeting struct {
	Text   string `json:"text" jsonschema:"a friendly greeting of at most 20 words"`
	Formal bool   `json:"formal" jsonschema:"whether the greeting is formal"`
}

// Markdown is what a person sees of it.
func (g Greeting) Markdown() string { return g.Text }

var greetP = pawl.MustPrompt[Input, Greeting](files, "prompts/greet.md")

// Flow greets someone.
var Flow = pawl.New("hello", "Greet someone.", hello, pawl.Prompts(greetP), pawl.Example(Input{Name: "Ada"}))

func hello(r *pawl.Run, in Input) (Greeting, error) {
	return pawl.Ask(r, "greet", greetP.With(in)), nil
}

func main() { cli.Main(Flow) }
