package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/llm"
)

// batchState is what the goroutines of a batch share.
type batchState struct {
	begun  time.Time
	ending chan struct{} // closed when no further line is to begin
	bar    *term.Bar     // nil: stderr is no terminal

	// writing is held while results are written, which takes as long as their
	// reader does; mu is not.
	writing sync.Mutex

	mu       sync.Mutex // guards all below
	live     map[pawl.RunID]bool
	atRest   int // lines that have come to rest
	done     int // of them
	before   int // of those: done already when the batch began
	failures []batchFailure
	denied   []int            // the lines that are done and whose results are not approved
	paid     pawl.UsageRecord // by the lines since the batch began, as far as it is known
	ended    bool             // ending is closed
	bill     page.Bill        // of those lines
	refused  error            // why no further line begins: the provider's word
	failed   error            // the store's: nothing can be relied on
}

func newBatchState(begun time.Time) batchState {
	return batchState{begun: begun, ending: make(chan struct{}), live: map[pawl.RunID]bool{}, paid: noUsage()}
}

// run executes the lines that are not done, at most limit at once, in order.
func (b *batch) run(ctx context.Context) {
	var lines sync.WaitGroup
	places := make(chan struct{}, b.limit)
	defer lines.Wait()
	for i, l := range b.lines {
		select {
		case places <- struct{}{}:
		case <-b.ending:
			return
		}
		if b.over() {
			return
		}
		lines.Go(func() {
			defer func() { <-places }()
			b.line(ctx, i, l)
		})
	}
}

// over reports whether no further line is to begin.
func (b *batch) over() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended
}

// end has no further line begin. It is called with mu held.
func (b *batch) end() {
	if !b.ended {
		b.ended = true
		close(b.ending)
	}
}

// stop begins no more lines.
func (b *batch) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end()
}

// pause has the runs under way pause and begins no more. It waits for none of
// them: flow code that hangs keeps a run from hearing.
func (b *batch) pause(ctx context.Context) {
	b.mu.Lock()
	b.end()
	defer b.mu.Unlock()
	for id := range b.live {
		go b.app.pauseRun(ctx, b.store, id)
	}
}

// line brings one line to its rest.
func (b *batch) line(ctx context.Context, i int, l batchLine) {
	before, err := b.app.get(ctx, b.store, l.run)
	fresh := errors.Is(err, pawl.ErrNotFound)
	rec := before
	if fresh || err == nil && !resting(rec) {
		rec, err = b.goOn(ctx, l, before, fresh)
	}
	for err == nil && b.app.later != nil && onlyUnseen(rec) {
		if err = b.app.makeAgain(ctx, b.store, rec); err == nil {
			rec, err = b.goOn(ctx, l, rec, false)
		}
	}
	if err == nil && b.rested(l, rec, before) {
		b.writing.Lock()
		err = b.results.put(i, result{Line: l.n, Run: rec.ID, Status: rec.Status, Reason: rec.Reason, Output: rec.Output, Error: rec.Error, Usage: rec.Usage})
		b.writing.Unlock()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended && (errors.Is(err, pawl.ErrStopped) || ctx.Err() != nil) {
		return // what is not done is queued
	}
	if err != nil && b.failed == nil {
		b.failed = err
		b.end()
	}
}

// resting reports whether a batch leaves a run alone.
func resting(rec pawl.RunRecord) bool { return rec.Ended() || rec.Status == pawl.StatusWaiting }

// goOn starts a line's run or goes on with it, and follows it to its rest.
func (b *batch) goOn(ctx context.Context, l batchLine, rec pawl.RunRecord, fresh bool) (pawl.RunRecord, error) {
	e := b.store.engine
	b.mu.Lock()
	b.live[l.run] = true
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.live, l.run)
		b.mu.Unlock()
	}()
	var err error
	if fresh {
		_, err = e.Start(ctx, b.flow, l.input, &pawl.StartOptions{ID: l.run, Who: b.app.who(), Checked: true, Model: b.model, Fallback: b.others, Budget: b.budget})
	} else {
		err = e.Direct(ctx, l.run, pawl.Directive{What: pawl.DirectResume, Who: b.app.who(), Model: b.model, Fallback: b.others})
		if errors.Is(err, pawl.ErrConflict) {
			err = nil // another process executes it, or it has just come to its end
		}
	}
	if err != nil {
		return rec, err
	}
	if b.over() { // the pause may have come too early for it
		b.app.pauseRun(ctx, b.store, l.run)
	}
	if _, err := e.Wait(ctx, l.run); err != nil {
		return rec, err
	}
	return b.app.get(ctx, b.store, l.run)
}

// rested takes in how a line has come to rest. was is the record at the beginning,
// empty for a new run. rested reports whether that is a result.
func (b *batch) rested(l batchLine, rec, was pawl.RunRecord) bool {
	a, before := b.app, was.Status == pawl.StatusDone
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended && (rec.Status == pawl.StatusPaused || rec.Status == pawl.StatusQueued) {
		return false // as was asked
	}
	b.atRest++
	b.paid = b.paid.Plus(since(was.Usage, rec.Usage))
	if before {
		b.before++
	} else {
		about := page.BillOf(rec.Steps, a.isStandIn)
		b.bill = page.Bill{Paid: b.bill.Paid || about.Paid, About: b.bill.About || about.About}
	}
	if rec.Status == pawl.StatusDone {
		if b.done++; rec.Reason != "" {
			b.denied = append(b.denied, l.n)
		}
	} else {
		why, hint := rec.Reason, ""
		if rec.Error != nil {
			hint = rec.Error.Hint
			why = strings.TrimPrefix(string(rec.Error.Step)+": "+rec.Error.Message, ": ")
			if b.refused == nil && isRefusedAccount(rec) {
				b.refused = &pawl.Error{Kind: rec.Error.Kind, Message: rec.Error.Message, Hint: rec.Error.Hint}
				b.end()
			}
		}
		f := batchFailure{Line: l.n, Run: rec.ID, Status: rec.Status, Reason: why, Hint: hint}
		if rec.Status == pawl.StatusWaiting {
			f.lift = a.liftCommand(rec)
		}
		b.failures = append(b.failures, f)
		if !a.quiet {
			a.stamped("%s", page.Sentence(fmt.Sprintf("line %d: run %%s %s", l.n, view.Standing(rec.Status)), rec.ID, why))
		}
	}
	if !before && !b.ended {
		b.progress()
	}
	return true
}

// isRefusedAccount reports whether a run failed because the provider of its model refuses
// the account, so that other lines would fail too. What another provider refuses, or the
// service of a do, is no matter of theirs.
func isRefusedAccount(rec pawl.RunRecord) bool {
	if k := llm.ErrorKind(rec.Error.Kind); k != llm.Auth && k != llm.Quota {
		return false
	}
	own, _ := llm.Split(rec.Model)
	i := slices.IndexFunc(rec.Steps, func(s pawl.StepRecord) bool { return s.Key == rec.Error.Step })
	if i < 0 || rec.Steps[i].Kind != pawl.KindAsk {
		return false
	}
	tried := rec.Steps[i].Attempts
	if len(tried) == 0 {
		return true // its model has no key
	}
	asked, _ := llm.Split(tried[len(tried)-1].Model)
	return asked == own
}

// since is what was used between two records of a run: nothing, if no call was
// made, also where the sums are not known.
func since(before, now pawl.UsageRecord) pawl.UsageRecord {
	switch before.ModelCalls {
	case 0:
		return now
	case now.ModelCalls:
		return noUsage()
	}
	return now.Plus(negative(before))
}

// negative takes off what it is added to.
func negative(u pawl.UsageRecord) pawl.UsageRecord {
	return pawl.UsageRecord{
		ModelCalls: -u.ModelCalls, InputTokens: negated(u.InputTokens), OutputTokens: negated(u.OutputTokens), CachedTokens: negated(u.CachedTokens),
		CacheWriteTokens: -u.CacheWriteTokens, CostUSD: negated(u.CostUSD), CacheSavedUSD: -u.CacheSavedUSD,
	}
}

func negated[N int64 | float64](n *N) *N {
	if n == nil {
		return nil
	}
	return new(-*n)
}

// noUsage is that of nothing.
func noUsage() pawl.UsageRecord {
	var none [3]int64
	return pawl.UsageRecord{InputTokens: &none[0], OutputTokens: &none[1], CachedTokens: &none[2], CostUSD: new(float64)}
}

// doneLines is how many lines are done. It may be called while lines are under way.
func (b *batch) doneLines() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.done
}
