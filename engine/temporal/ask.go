package temporal

import (
	"cmp"
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/llm"
)

// ask is the activity that asks a model once. That the model failed is a result: sorting
// errors is not Temporal's. An error says that nobody knows what came of it.
func (s *settings) ask(ctx context.Context, raw rawValue) (rawValue, error) {
	var w question
	err := unpack(raw, &w)
	if err != nil {
		return rawValue{}, temporal.NewNonRetryableApplicationError(err.Error(), unreadableType, nil)
	}
	q, err := w.read()
	if err != nil {
		return rawValue{}, temporal.NewNonRetryableApplicationError(err.Error(), unreadableType, nil)
	}
	defer s.beat(ctx, cmp.Or(activity.GetInfo(ctx).HeartbeatTimeout, s.heartbeat))()
	reply := s.activityDeps().Ask(ctx, q, s.stream(q))
	if ctx.Err() != nil && reply.Error != nil { // the worker is being stopped, or nobody listens any more
		return rawValue{}, temporal.NewNonRetryableApplicationError("the call was cut: "+context.Cause(ctx).Error(), lostType, nil)
	}
	return s.stored(ctx, reply)
}

// beat tells Temporal that the activity is at work, until its result is called: by the
// clock, since a model may think for minutes before it says a word. limit is for how long it may
// hear nothing.
func (s *settings) beat(ctx context.Context, limit time.Duration) (stop func()) {
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(limit / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				activity.RecordHeartbeat(ctx)
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-gone }
}

// stream tells Options.Pieces what arrives; models stream also where nobody listens.
func (s *settings) stream(q exec.Question) func(llm.Delta) {
	if s.Pieces == nil {
		return func(llm.Delta) {}
	}
	m := q.Request.Meta
	return func(d llm.Delta) {
		s.Pieces(pawl.Piece{Run: pawl.RunID(m.Run), Key: pawl.Key(m.Key), Attempt: m.Attempt, Text: d.Text, Sensitive: q.Sensitive})
	}
}
