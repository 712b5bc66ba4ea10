// Command agent is an agent's loop by hand: the model chooses one of three tools,
// code runs it as a step, and what came of it goes back into the conversation,
// until the model answers. After eight turns without an answer it fails for good.
//
//	go run ./examples/agent run agent --question "What do 3 kettles cost, sent to Rome?" \
//		--model "offline?answers=examples/agent/answers.json"
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/llm"
)

//go:embed *.go prompts
var files embed.FS

// Question is what the agent is to answer.
type Question struct {
	Question string `json:"question" jsonschema:"about prices, stock and postage of the shop" pawl:"len=1..2000"`
}

// Action is what the model wants to be done: one of three tools, or the end.
type Action string

// The actions that there are.
const (
	Price   Action = "price"   // of an item
	Stock   Action = "stock"   // of an item
	Postage Action = "postage" // to a city
	Answer  Action = "answer"  // the end
)

// Enum closes the set.
func (Action) Enum() []string {
	return []string{string(Price), string(Stock), string(Postage), string(Answer)}
}

// Move is the model's turn. Which of its fields counts, the action says.
type Move struct {
	Action Action `json:"action"`
	Item   string `json:"item" jsonschema:"of price and stock: what; else empty"`
	City   string `json:"city" jsonschema:"of postage: where to; else empty"`
	Answer string `json:"answer" jsonschema:"of answer: the answer to the question; else empty"`
}

// argument is the field that counts.
func (m Move) argument() string {
	switch m.Action {
	case Answer:
		return m.Answer
	case Postage:
		return m.City
	default:
		return m.Item
	}
}

// Validate wants the field that counts.
func (m Move) Validate() error {
	if m.argument() == "" {
		return fmt.Errorf("the field that goes with %s is empty", m.Action)
	}
	return nil
}

var turnP = pawl.MustPrompt[Question, Move](files, "prompts/turn.md")

// Flow answers a question with tools.
var Flow = pawl.New("agent", "Answer a question about the shop with tools.", agent, pawl.Prompts(turnP), pawl.Sources(files),
	pawl.Example(Question{Question: "What do 3 kettles cost, sent to Rome?"}))

const turns = 8

func agent(r *pawl.Run, in Question) (string, error) {
	talk := turnP.With(in)
	for range turns {
		move := pawl.Ask(r, "turn", talk)
		if move.Action == Answer {
			return move.Answer, nil
		}
		result, err := pawl.TryDo(r, "tool", move, use, pawl.Repeatable, pawl.Purpose("Using a tool"))
		if err != nil {
			result = "error: " + err.Error() // for the model to see: it may try something else
		}
		r.Note("%s %s: %s", move.Action, move.argument(), result)
		talk = talk.Then(llm.AssistantJSON(move), llm.User(result))
	}
	return "", pawl.Fail(fmt.Errorf("no answer in %d turns", turns))
}

// shop is what the tools know. It stands for a database.
var shop = map[string]struct{ price, stock int }{"kettle": {40, 12}, "teapot": {25, 0}}

// use is the tools.
func use(_ context.Context, m Move) (string, error) {
	if m.Action == Postage {
		return fmt.Sprintf("%d euros", 5+len(m.City)%3), nil
	}
	item, ok := shop[m.Item]
	if !ok {
		return "", errors.New("no such item; there are " + strings.Join(slices.Sorted(maps.Keys(shop)), ", "))
	}
	if m.Action == Price {
		return fmt.Sprintf("%d euros", item.price), nil
	}
	return fmt.Sprintf("%d in stock", item.stock), nil
}

func main() { cli.Main(Flow) }
