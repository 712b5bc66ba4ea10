package temporal

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Submit implements journal.Journal. It returns when it is known what came of the command,
// which Handled says then, and sends it again under one id until it is.
func (k *keeper) Submit(ctx context.Context, p journal.Command) (int64, error) {
	run, err := k.read(ctx, p.Run)
	if err != nil {
		return 0, err
	}
	if run.imported {
		return 0, errImported(p.Run)
	}
	decision, directive, err := p.Encode()
	if err != nil {
		return 0, err
	}
	c := command{ID: crand.Text(), Decision: decision, Directive: directive}
	raw, size, err := pack(c)
	if err == nil && size > k.settings.most { // Temporal would end the workflow for it
		err = &pawl.Error{Kind: pawl.ErrInput, Run: p.Run, Hint: "make the value smaller, or give the engine a store of blobs",
			Message: fmt.Sprintf("what is decided takes %d bytes, Temporal takes at most %d in one value", size, k.settings.most)}
	}
	if err != nil {
		return 0, err
	}
	a, err := k.settle(ctx, run, p, c, raw)
	if err != nil {
		return 0, err
	}
	k.feed.stirred()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.n++
	k.came[k.n] = a
	return k.n, nil
}

// again is how long a command waits that is to be sent once more.
// The wait doubles up to the longest.
const (
	again        = 100 * time.Millisecond
	longestAgain = 5 * time.Second
)

// perTry bounds one try: whoever waits for longer is not told, and asks again under the same id.
const perTry = 20 * time.Second

// settle sends a command until it is known what came of it. It takes the run over if that is to
// be done for the command, and looks again when nobody has answered for a while. run is that as it
// was just now.
func (k *keeper) settle(ctx context.Context, run *kept, p journal.Command, c command, raw rawValue) (a answer, err error) {
	taken := false
	for first := true; ; first = false {
		now, err := k.takeOver(ctx, p, c)
		if err != nil {
			return a, err
		}
		if taken = taken || now; first && !now {
			k.sayUnheard(ctx, run)
		}
		a, err := k.send(ctx, p.Run, c.ID, raw, taken)
		if !errors.Is(err, errNobody) {
			return a, err
		}
	}
}

// sayUnheard tells who steers a run that nobody is there to hear it.
func (k *keeper) sayUnheard(ctx context.Context, run *kept) {
	if run.closed {
		return
	}
	if why, err := k.unheard(ctx, run); err == nil && why != "" {
		k.settings.log.Warn("what is said to the run is not heard yet: "+why, "run", run.run.ID)
	}
}

// errNobody says that a command was not answered for a while.
var errNobody = errors.New("nobody answers")

// send updates the run's workflow until that has answered, or does not for a while.
func (k *keeper) send(ctx context.Context, id pawl.RunID, name string, raw rawValue, taken bool) (answer, error) {
	for began, wait := time.Now(), again; ; wait = min(2*wait, longestAgain) {
		a, err := k.update(ctx, id, name, raw)
		switch {
		case err == nil && !a.Moved:
			return a, nil
		case ctx.Err() != nil:
			return a, k.failed(ctx, id, ctx.Err())
		}
		if err != nil {
			if a, known, hopeless := k.settled(ctx, id, name, err, taken); known || hopeless != nil {
				return a, hopeless
			}
		}
		if time.Since(began) > perTry {
			return a, errNobody
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (k *keeper) update(ctx context.Context, id pawl.RunID, name string, raw rawValue) (a answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, perTry)
	defer cancel()
	h, err := k.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: k.workflowID(id), UpdateID: name, UpdateName: commandUpdate, Args: []any{raw}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return a, err
	}
	var back rawValue
	if err := h.Get(ctx, &back); err != nil {
		return a, err
	}
	return a, unpack(back, &a)
}

// isHopeless reports whether the same request will be refused the next time, too.
func isHopeless(err error) bool {
	var denied *serviceerror.PermissionDenied
	var unknown *serviceerror.NamespaceNotFound
	var unable *serviceerror.Unimplemented
	return errors.As(err, &denied) || errors.As(err, &unknown) || errors.As(err, &unable)
}

// settled looks what became of a command after an error: it returns the answer if that is
// known, or why it need not be sent again; neither: it may be taken yet.
func (k *keeper) settled(ctx context.Context, id pawl.RunID, name string, err error, taken bool) (a answer, known bool, hopeless error) {
	var none *serviceerror.NotFound
	var wrong *serviceerror.InvalidArgument
	if errors.As(err, &wrong) {
		return a, false, &pawl.Error{Kind: pawl.ErrInput, Run: id, Message: fmt.Sprintf("Temporal refuses what is decided: %v", err), Err: err}
	}
	if isHopeless(err) {
		return a, false, k.failed(ctx, id, err)
	}
	if !errors.As(err, &none) {
		return a, false, nil // out of time, or its handler is not there yet, or the execution ended with it
	}
	run, err := k.read(ctx, id)
	if err != nil {
		return a, false, err
	}
	a, known = run.answer(name)
	switch {
	case known:
		return a, true, nil
	case run.summary.Ended():
		return a, false, run.summary.ErrEnded(id)
	case run.closed && run.next == "" && !taken:
		return a, false, &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("the workflow of run %s was ended from outside", id), Hint: "resume the run where there are workers of its flow"}
	}
	return a, false, nil
}

// Handled implements journal.Journal.
func (k *keeper) Handled(_ context.Context, n int64) (done bool, refused *journal.Failure, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.came[n]
	if !ok {
		return false, nil, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no command %d", n)}
	}
	delete(k.came, n)
	return true, a.Refused, nil
}

// Pending implements journal.Journal: no command waits, see Submit.
func (k *keeper) Pending(context.Context, pawl.RunID) ([]journal.Command, error) {
	return []journal.Command{}, nil
}
