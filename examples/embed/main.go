// Command embed runs a flow inside a program of one's own: it opens an engine,
// starts a run and waits for its typed result.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

func main() {
	title, err := run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(title)
}

func run(ctx context.Context) (string, error) {
	db, err := sqlite.Open(ctx, "pawl-data", nil)
	if err != nil {
		return "", err
	}
	defer db.Close()
	engine := local.New(&local.Options{Journal: db, Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline"})
	defer engine.Close(ctx)
	handle, err := pawl.Start(ctx, engine, article.Flow, article.Input{Topic: "Why small steps work", MaxRevisions: 1}, nil)
	if err != nil {
		return "", err
	}
	out, err := handle.Result(ctx) // an article.Output
	return out.Outline.Title, err
}
