package exec

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/llm"
)

// Question is what one attempt asks a model. It is data: who asks it needs neither the run
// nor its flow.
type Question struct {
	Model     string        // provider/model
	Timeout   time.Duration // of the attempt
	Sensitive bool          // the answer holds what views must not show
	Request   llm.Request   // but for its Model, which follows from the name
}

// Ask asks a model, and tells stream what comes of the answer. What it took is priced.
func (d *Deps) Ask(ctx context.Context, q Question, stream func(llm.Delta)) replay.Reply {
	ctx, cancel := context.WithTimeout(ctx, q.Timeout)
	defer cancel()
	resp, err := d.generate(ctx, q, stream)
	reply := replay.Answered(resp, err, q.Request.MaxTokens).Priced(d.Prices, q.Model)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		reply.Outlast(q.Timeout)
	}
	return reply
}

// generate calls the model. A provider that panics has failed.
func (d *Deps) generate(ctx context.Context, q Question, stream func(llm.Delta)) (resp llm.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &pawl.Error{Kind: pawl.ErrInternal, Message: fmt.Sprintf("model %s panicked: %s%s", q.Model, host.PanicText(p), host.PanicPlace())}
			d.Log.Error("model panicked", "model", q.Model, "panic", err, "stack", string(debug.Stack()))
		}
	}()
	m, name, err := d.Models.Lookup(q.Model)
	if err != nil {
		return resp, lookupError(err)
	}
	q.Request.Model = name
	resp, err = m.Generate(ctx, q.Request, stream)
	if resp.Hint != "" {
		d.Log.Warn(q.Model+": "+resp.Hint, "run", q.Request.Meta.Run)
	}
	err, _ = host.Sound(err)
	return resp, err
}
