package temporal

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Submit implements journal.Journal. It returns when it is known what came of the command,
// which Handled says then, and sends it again under one id until it is.
func (k *keeper) Submit(ctx context.Context, p journal.Command) (int64, error) {
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
	taken, err := k.takeOver(ctx, p, c)
	if err != nil {
		return 0, err
	}
	a, err := k.send(ctx, p.Run, c.ID, raw, taken)
	if err != nil {
		return 0, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.n++
	k.answers[k.n] = a
	return k.n, nil
}

// again is how long a command waits that is to be sent once more.
const again = 100 * time.Millisecond

// perTry bounds one try: whoever waits for longer is not told, and asks again under the same id.
const perTry = 20 * time.Second

// send updates the run's workflow until that has answered.
func (k *keeper) send(ctx context.Context, id pawl.RunID, name string, raw rawValue, taken bool) (answer, error) {
	for {
		a, err := k.update(ctx, id, name, raw)
		switch {
		case err == nil && !a.Moved:
			return a, nil
		case ctx.Err() != nil:
			return a, k.failed(ctx, id, ctx.Err())
		}
		if err != nil {
			if stop := k.isHopeless(ctx, id, err, taken); stop != nil {
				return a, stop
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

func (k *keeper) update(ctx context.Context, id pawl.RunID, name string, raw rawValue) (a answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, perTry)
	defer cancel()
	h, err := k.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID(id), UpdateID: name, UpdateName: commandUpdate, Args: []any{raw}, WaitForStage: client.WorkflowUpdateStageCompleted,
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

// isHopeless returns why a command need not be sent again; nil: it may be taken yet.
func (k *keeper) isHopeless(ctx context.Context, id pawl.RunID, err error, taken bool) error {
	var failed *temporal.ApplicationError
	var none *serviceerror.NotFound
	var wrong *serviceerror.InvalidArgument
	switch {
	case errors.As(err, &wrong):
		return &pawl.Error{Kind: pawl.ErrInput, Run: id, Message: fmt.Sprintf("Temporal refuses what is decided: %v", err), Err: err}
	case errors.As(err, &none): // the workflow has ended, or there is none
		run, rerr := k.read(ctx, id)
		switch {
		case rerr != nil:
			return rerr
		case run.summary.Ended():
			return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s %s", id, run.summary.Ending())}
		case !taken:
			return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("the workflow of run %s was ended from outside", id), Hint: "resume the run"}
		}
	case errors.As(err, &failed):
		return nil // the workflow ended with the command, or its handler is not there yet
	}
	return nil
}

// Handled implements journal.Journal.
func (k *keeper) Handled(_ context.Context, n int64) (done bool, refused *journal.Failure, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.answers[n]
	if !ok {
		return false, nil, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no command %d", n)}
	}
	delete(k.answers, n)
	return true, a.Refused, nil
}

// Pending implements journal.Journal: no command waits, see Submit.
func (k *keeper) Pending(context.Context, pawl.RunID) ([]journal.Command, error) {
	return []journal.Command{}, nil
}
