package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
	"golang.org/x/sync/errgroup"
)

// fill stores a count of runs that have ended in a data directory: args are both. One in a
// hundred has failed. It is for those who measure a long list.
func fill(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: fill COUNT DIR")
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	db, err := sqlite.Open(ctx, args[1], nil)
	if err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(64)
	for i := range n {
		all.Go(func() error { return store(ctx, db, i) })
	}
	return errors.Join(all.Wait(), db.Close())
}

func store(ctx context.Context, db journal.Journal, i int) error {
	input, err := json.Marshal(Order{To: fmt.Sprintf("number %d of many", i), Tone: "warm", Pages: 1})
	if err != nil {
		return err
	}
	at := pawl.At(time.Now())
	run := journal.NewRun{ID: pawl.NewRunID(), Flow: "letter", Model: "scene/", Summary: journal.Summary{Status: pawl.StatusDone}}
	last := journal.Draft{Type: pawl.EventDone, At: at, Body: journal.Done{Output: json.RawMessage(`{}`)}}
	if i%100 == 99 {
		run.Summary = journal.Summary{Status: pawl.StatusFailed, Reason: "it was not to be"}
		last = journal.Draft{Type: pawl.EventFailed, At: at, Body: journal.Failed{}}
	}
	created := journal.Draft{Type: pawl.EventCreated, At: at, Body: journal.Created{Flow: run.Flow, Input: input, Model: run.Model}}
	c, err := db.Create(ctx, run, []journal.Draft{created})
	if err == nil {
		_, err = db.Append(ctx, c, journal.Batch{Drafts: []journal.Draft{last}, Summary: &run.Summary, Release: true})
	}
	return err
}
