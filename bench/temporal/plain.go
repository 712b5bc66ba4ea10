package main

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// plain is a worker of the SDK's own, whose activity answers at once.
type plain struct {
	client client.Client
	worker worker.Worker
	queue  string
}

func openPlain(at client.Options, queue string) (*plain, error) {
	c, err := client.Dial(at)
	if err != nil {
		return nil, err
	}
	w := worker.New(c, queue, worker.Options{MaxConcurrentActivityExecutionSize: calls})
	w.RegisterWorkflow(inSequence)
	w.RegisterWorkflow(atOnce)
	w.RegisterActivity(answer)
	if err := w.Start(); err != nil {
		return nil, err
	}
	return &plain{c, w, queue}, nil
}

func (p *plain) close() {
	p.worker.Stop()
	p.client.Close()
}

func (p *plain) run(ctx context.Context, flow any, n int) error {
	r, err := p.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: p.queue}, flow, n)
	if err != nil {
		return err
	}
	return r.Get(ctx, nil)
}

func answer(context.Context, string) (string, error) { return text, nil }

func options(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1}})
}

func inSequence(ctx workflow.Context, n int) error {
	for range n {
		if err := workflow.ExecuteActivity(options(ctx), answer, text).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func atOnce(ctx workflow.Context, n int) error {
	var all []workflow.Future
	for range n {
		all = append(all, workflow.ExecuteActivity(options(ctx), answer, text))
	}
	for _, f := range all {
		if err := f.Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}
