package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
	llmbatch "github.com/pawlrun/pawl/llm/batch"
)

// vendorsDay is within which time vendors answer a batch.
const vendorsDay = 24 * time.Hour

// waitFlag is how long answers may take.
type waitFlag struct{ timeoutFlag }

func (f waitFlag) Type() string    { return "wait" }
func (f waitFlag) Accepts() string { return "a time from 24h up: vendors answer a batch within a day" }

func (f waitFlag) Set(s string) error {
	var d time.Duration
	if err := (timeoutFlag{&d}).Set(s); err != nil || d < vendorsDay {
		return errors.New("wants " + f.Accepts())
	}
	*f.to = d
	return nil
}

// asksLater is how models are asked whose answers may take a day.
type asksLater struct {
	box    *llmbatch.Box
	wait   time.Duration
	models []string // full names
	limit  int      // calls in flight of each, where nobody has said another number
}

// mostLater is how many lines of a batch are under way at once unless somebody says so.
const mostLater = 10_000

// askLater has the models of a batch asked by the batches of their vendors, if that was
// asked for. What was sent is kept in the data directory.
func (a *app) askLater(ctx context.Context, o *batchOptions, lines int, limited bool) (end func(), err error) {
	if o.wait == 0 {
		return func() {}, nil
	}
	if a.calls.timeout > 0 {
		return nil, badInput("--timeout and --wait: an attempt has as long as --wait says")
	}
	models := append([]string{cmp.Or(o.model, a.defaultModel())}, o.others...)
	for _, model := range models {
		name, _ := llm.Split(model)
		i := slices.IndexFunc(a.providers, func(p llm.Provider) bool { return p.Name == name })
		if i < 0 || a.providers[i].Over == nil {
			return nil, badInput("--wait: %s is not asked by batches", model)
		}
	}
	dir, err := a.dataDir()
	if err != nil {
		return nil, err
	}
	how := a.batches
	how.Dir, how.Tell = filepath.Join(dir, "batches"), a.tellBatch
	box, err := llmbatch.Open(ctx, how)
	if err != nil {
		return nil, &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("--wait: what was sent cannot be kept: %v", form.Cause(err)), Err: err}
	}
	if !limited {
		o.limit = min(max(lines, o.limit), mostLater)
	}
	a.later = &asksLater{box, o.wait, models, o.limit}
	return box.Close, nil
}

// tellBatch says what has become of a vendor's batch.
func (a *app) tellBatch(n llmbatch.News) {
	requests := term.Count(int64(n.Requests), "request")
	switch {
	case n.Err != nil:
		a.stamped("batch %s of %s to %s is given up: %v", term.Plain(n.Batch), requests, term.Plain(n.Model), n.Err)
	case !a.quiet:
		a.stamped("batch %s of %s to %s: %s", term.Plain(n.Batch), requests, term.Plain(n.Model), n.Stage)
	}
}

// bound gives attempts the time that answers may take, and lets as many be in flight as there
// are lines under way.
func (l *asksLater) bound(to *callLimits) {
	if l == nil {
		return
	}
	to.timeout = l.wait + time.Hour // the vendor is to be the first to give up
	for _, model := range l.models {
		if to.max[model] == 0 {
			to.max[model] = l.limit
		}
	}
}

// catalog is the models of all providers, those that can be asked by batches.
func (l *asksLater) catalog(providers []llm.Provider, getenv func(string) string) llm.Catalog {
	c := llm.NewCatalog(providers, getenv)
	if l == nil {
		return c
	}
	for _, p := range providers {
		if p.Over != nil {
			c[p.Name] = l.box.Model(p.Over(getenv, l.box.Client()))
		}
	}
	return c
}
