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
	"github.com/pawlrun/pawl/engine/local"
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
	box   *llmbatch.Box
	wait  time.Duration
	limit int // calls in flight of each model, where nobody has said another number
}

// mostLater is how many lines of a batch are under way at once unless somebody says so.
const mostLater = 10_000

// askLater has the models of a batch asked by the batches of their vendors, if that was
// asked for. What was sent is kept in the data directory, as that of the batch of lines.
func (a *app) askLater(ctx context.Context, o *batchOptions, known string, lines int, limited bool) error {
	if o.wait == 0 {
		return nil
	}
	if a.calls.timeout > 0 {
		return badInput("--timeout and --wait: an attempt has as long as --wait says")
	}
	for _, model := range append([]string{cmp.Or(o.model, a.defaultModel())}, o.others...) {
		name, _ := llm.Split(model)
		i := slices.IndexFunc(a.providers, func(p llm.Provider) bool { return p.Name == name })
		if i < 0 || a.providers[i].Over == nil {
			return notByBatches(model)
		}
	}
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	how := a.batches
	how.Dir, how.Owner, how.Tell = filepath.Join(dir, "batches"), known, a.tellBatch
	box, err := llmbatch.Open(ctx, how)
	if err != nil {
		return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("--wait: what was sent cannot be kept: %v", form.Cause(err)), Err: err}
	}
	if !limited {
		o.limit = min(max(lines, o.limit), mostLater)
	}
	a.later = &asksLater{box, o.wait, o.limit}
	return nil
}

func notByBatches(model string) error { return badInput("--wait: %s is not asked by batches", model) }

// end ends the asking. As long as the store is open, what the box gives up would be taken for
// failures, and asked anew: then it is left as it is, for the process ends. When all lines are
// at rest, their answers are in the journal.
func (l *asksLater) end(closed, rests bool) {
	if l == nil || !closed {
		return
	}
	l.box.Close()
	if rests {
		l.box.Clear()
	}
}

// onlyUnseen reports whether a run waits for nothing but calls whose outcome nobody saw.
func onlyUnseen(rec pawl.RunRecord) bool {
	return rec.Status == pawl.StatusWaiting && len(rec.Blockers) > 0 && !slices.ContainsFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Kind != pawl.BlockerUnknown })
}

// makeAgain has calls made again whose outcome nobody saw. Elsewhere a person is asked, since
// each may be paid for once more; what was sent in a batch is found instead.
func (a *app) makeAgain(ctx context.Context, s *store, rec pawl.RunRecord) error {
	for _, b := range rec.Blockers {
		d := pawl.Decision{Key: b.Key, What: pawl.DecideRetry, Who: a.who(), Digest: b.Digest, At: pawl.At(a.now())}
		if err := s.engine.Decide(ctx, rec.ID, d); err != nil && !errors.Is(err, pawl.ErrConflict) {
			return err
		}
	}
	return nil
}

// tellBatch says what has become of a vendor's batch.
func (a *app) tellBatch(n llmbatch.News) {
	which := fmt.Sprintf("batch %s of %s to %s", term.Plain(cmp.Or(n.Batch, "without a name yet")), term.Count(int64(n.Requests), "request"), term.Plain(n.Model))
	switch {
	case n.Err != nil:
		a.stamped("%s %s: %s", which, n.Stage, term.Plain(n.Err.Error()))
	case !a.quiet:
		a.stamped("%s: %s", which, n.Stage)
	}
}

// bound gives attempts the time that answers may take, and lets as many be in flight as there
// are lines under way.
func (l *asksLater) bound(to *local.Options) {
	if l != nil {
		to.Timeout = l.wait + time.Hour // the vendor is to be the first to give up
		to.InFlight = l.limit
	}
}

// catalog is the models of all providers. Where answers may take a day, what cannot be asked
// by batches cannot be asked.
func (l *asksLater) catalog(providers []llm.Provider, getenv func(string) string) llm.Catalog {
	c := llm.NewCatalog(providers, getenv)
	if l == nil {
		return c
	}
	for _, p := range providers {
		c[p.Name] = atOnceOnly(p.Name)
		if p.Over != nil {
			c[p.Name] = l.box.Model(p.Over(getenv, l.box.Client()))
		}
	}
	return c
}

// atOnceOnly is a provider whose models answer at once or not at all.
type atOnceOnly string

func (p atOnceOnly) CheckModel(string) error {
	return &llm.Error{Kind: llm.Invalid, Message: fmt.Sprintf("with --wait, models of %s are not asked: it takes no batches", p), Hint: "leave out --wait"}
}

func (p atOnceOnly) Generate(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
	return llm.Response{}, p.CheckModel("")
}
