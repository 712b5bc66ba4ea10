package limit

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
)

// retryTime bounds how long each run is waited for, which a process that stands still may
// hold; retryAtOnce is how many are told at a time.
const (
	retryTime   = 10 * time.Second
	retryAtOnce = 8
)

// Set sets a limit, and has the runs that stand at it try once more, whoever executes them,
// if it leaves something, or begins anew at another time. It returns the limit as it stands
// then, and how many these are: if the error is one of theirs, the limit is set, and to set it
// once more tells those that are left. It is ErrConflict where somebody else has removed the
// limit meanwhile.
func Set(ctx context.Context, k Keeper, e pawl.Engine, l Limit) (is Tally, retried int, err error) {
	was, _, err := find(ctx, k, l.Name())
	if err != nil {
		return Tally{}, 0, err
	}
	if err := k.SetLimit(ctx, l); err != nil {
		return Tally{}, 0, err
	}
	is, there, err := find(ctx, k, l.Name())
	switch {
	case err != nil:
		return Tally{}, 0, err
	case !there:
		return Tally{}, 0, &pawl.Error{Kind: pawl.ErrConflict, Message: "somebody else has removed the limit meanwhile"}
	case !is.leaves() && is.Until == was.Until:
		return is, 0, nil
	}
	retried, err = retry(ctx, e, l.Name(), l.Who)
	return is, retried, err
}

// find returns a limit as it stands, and whether there is one.
func find(ctx context.Context, k Keeper, n Name) (is Tally, there bool, err error) {
	all, err := k.Limits(ctx)
	for _, t := range all {
		if t.Name() == n {
			return t, true, nil
		}
	}
	return Tally{}, false, err
}

// Remove removes a limit, and has the runs that stand at it try once more, as Set does: also
// those that were left standing when it was removed before. It is ErrNotFound where there is
// no limit, and no run at it.
func Remove(ctx context.Context, k Keeper, e pawl.Engine, n Name, who string) (retried int, err error) {
	gone := k.RemoveLimit(ctx, n)
	if gone != nil && !errors.Is(gone, pawl.ErrNotFound) {
		return 0, gone
	}
	if retried, err = retry(ctx, e, n, who); retried == 0 && err == nil {
		err = gone
	}
	return retried, err
}

// leaves reports whether nothing that is limited is used up.
func (t Tally) leaves() bool {
	l := t.Left()
	return (l.Calls == nil || *l.Calls > 0) && (l.Tokens == nil || *l.Tokens > 0) && (l.USD == nil || *l.USD > 0)
}

// retry has the runs that stand at a limit try once more. One that does something else by
// now is left to that, and so is one that is held by a process that does not answer.
func retry(ctx context.Context, e pawl.Engine, n Name, who string) (retried int, err error) {
	open, err := e.Inbox(ctx, pawl.RunFilter{Flow: n.Flow})
	if err != nil {
		return 0, err
	}
	decide := e.Decide
	if clerk, ok := e.(interface {
		Record(context.Context, pawl.RunID, pawl.Decision) error
	}); ok { // whoever works on the store takes them up
		decide = clerk.Record
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, retryAtOnce)
	for _, b := range open {
		if b.Limit == nil || *b.Limit != (pawl.LimitName{Flow: n.Flow, Per: string(n.Per)}) {
			continue
		}
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			within, cancel := context.WithTimeout(ctx, retryTime)
			defer cancel()
			one := decide(within, b.Run, pawl.Decision{Key: b.Key, What: pawl.DecideRetry, Who: who, Digest: b.Digest})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case one == nil:
				retried++
			case errors.Is(one, pawl.ErrConflict), errors.Is(one, pawl.ErrNotFound), within.Err() != nil && ctx.Err() == nil:
			case err == nil:
				err = one
			}
		})
	}
	all.Wait()
	return retried, err
}
