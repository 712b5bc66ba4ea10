package local_test

import (
	"context"
	"flag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// What the tests here share with the suite for all engines.
type (
	script  = enginetest.Script
	topic   = enginetest.Topic
	outline = enginetest.Outline
	post    = enginetest.Post
)

var (
	abc, twoAsks, publish = enginetest.ABC, enginetest.TwoAsks, enginetest.Publish
	text, chain           = enginetest.Text, enginetest.Chain

	start, startWith, finish, follow = enginetest.Start, enginetest.StartWith, enginetest.Finish, enginetest.Follow
	status, keys, spent              = enginetest.Status, enginetest.Keys, enginetest.Spent
	resume, direct, decide, raise    = enginetest.Resume, enginetest.Direct, enginetest.Decide, enginetest.Raise
	refused, cost                    = enginetest.Refused, enginetest.Cost
)

func nothing(context.Context, int) (int, error) { return 0, nil }

var evictAlways = flag.Bool("evict", false, "give up every run's memory at every wait")

func newEngine(j journal.Journal, m llm.Model, flows ...pawl.Flow) *local.Engine {
	o := &local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Flows: flows}
	if *evictAlways {
		o.Evict = -1
	}
	return local.New(o)
}

func ask(r *pawl.Run, name string) string { return pawl.Ask(r, name, text("plain")) }
