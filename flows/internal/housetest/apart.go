package housetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// ShareNothing runs a flow at once on several inputs, each under the topic that it
// alone mentions, on one engine that asks the stand-in with these options. It checks
// that no output and no request mentions the topic of another run, and each request
// its own.
func ShareNothing[In, Out any](t *testing.T, f *pawl.FlowOf[In, Out], options string, inputs map[string]In) {
	t.Helper()
	var mu sync.Mutex
	var requests []llm.Request
	next := Offline(options)
	model := llm.Func(func(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
		mu.Lock()
		requests = append(requests, req)
		mu.Unlock()
		return next.Generate(ctx, req, stream)
	})
	e := local.New(&local.Options{Journal: journal.NewMemory(), Models: llm.Catalog{"test": model}, Model: "test"})
	handles, topics := map[string]pawl.Handle[Out]{}, map[string]string{}
	for topic, in := range inputs {
		h, err := pawl.Start(t.Context(), e, f, in, nil)
		if err != nil {
			t.Fatal(err)
		}
		handles[topic], topics[string(h.ID())] = h, topic
	}
	for topic, h := range handles {
		out, err := h.Result(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for other := range inputs {
			if other != topic && strings.Contains(fmt.Sprint(out), other) {
				t.Errorf("the output of %s mentions %s", topic, other)
			}
		}
	}
	if err := e.Close(t.Context()); err != nil {
		t.Errorf("close engine: %v", err)
	}
	if len(requests) == 0 {
		t.Error("no request was made")
	}
	for _, req := range requests {
		for topic := range inputs {
			if has, own := strings.Contains(fmt.Sprint(req.Messages), topic), topics[req.Meta.Run] == topic; has != own {
				t.Errorf("request %s of the run on %s mentions %s: %v", req.Meta.Key, topics[req.Meta.Run], topic, has)
			}
		}
	}
}
