// Command approve asks a person, who here is the program itself, before a flow
// goes on.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

// Input says whom the letter is for.
type Input struct {
	Name string `json:"name"`
}

// Letter is what is approved, and may be edited.
type Letter struct {
	Subject string `json:"subject" pawl:"len=1..80"`
	Text    string `json:"text"`
}

var flow = pawl.New("letter", "Write a letter and have it approved.", letter)

func letter(r *pawl.Run, in Input) (Letter, error) {
	draft := pawl.Ask(r, "write", pawl.Messages[Letter]("Writing the letter", llm.User("Write a short letter to "+in.Name+".")))
	answer := pawl.Approve(r, "send", draft, "Send this letter?", pawl.RejectAfter(48*time.Hour))
	return answer.Value, answer.Err()
}

func main() {
	subject, err := run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("sent:", subject)
}

func run(ctx context.Context) (string, error) {
	db, err := sqlite.Open(ctx, "pawl-data", nil)
	if err != nil {
		return "", err
	}
	defer db.Close()
	engine := local.New(&local.Options{Journal: db, Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline", Flows: []pawl.Flow{flow}})
	defer engine.Close(ctx)
	handle, err := pawl.Start(ctx, engine, flow, Input{Name: "Ada"}, nil)
	if err != nil {
		return "", err
	}
	_, _ = handle.Result(ctx) // returns when the run waits; it takes no memory from now on

	open, err := engine.Inbox(ctx, pawl.RunFilter{Prefix: handle.ID()})
	if err != nil {
		return "", err
	}
	for _, b := range open {
		fmt.Println(b.Question, string(b.Proposal))
		err := engine.Decide(ctx, b.Run, pawl.Decision{Key: b.Key, What: pawl.DecideApprove, Who: "Ada", Digest: b.Digest})
		if err != nil {
			return "", err
		}
	}
	sent, err := handle.Result(ctx)
	return sent.Subject, err
}
