package batch_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/pawlrun/pawl/internal/batchtest"
	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/anthropic"
	"github.com/pawlrun/pawl/llm/batch"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openai"
	"github.com/pawlrun/pawl/llm/openaichat"
)

const key = llmtest.Key

// vendor is one that takes batches: its models, asked at an address over a client.
type vendor struct {
	name  string
	model func(url string, client *http.Client) llm.Model
	asks  string // the model that is asked
}

var vendors = []vendor{
	{"openai", func(url string, client *http.Client) llm.Model {
		return openai.New(&openai.Options{APIKey: key, BaseURL: url, HTTPClient: client})
	}, "gpt-5.4-mini"},
	{"chat", func(url string, client *http.Client) llm.Model {
		return openaichat.New(&openaichat.Options{APIKey: key, BaseURL: url, HTTPClient: client})
	}, "gpt-5.4-mini"},
	{"anthropic", func(url string, client *http.Client) llm.Model {
		return anthropic.New(&anthropic.Options{APIKey: key, BaseURL: url, HTTPClient: client})
	}, "claude-haiku-5-5"},
}

// each tests with every vendor.
func each(t *testing.T, test func(t *testing.T, v vendor)) {
	for _, v := range vendors {
		t.Run(v.name, func(t *testing.T) { test(t, v) })
	}
}

// desk is a vendor of batches, and a directory.
type desk struct {
	vendor
	t       *testing.T
	backend *responsestest.Server // that answers the items
	*batchtest.Server
	dir string
}

func newDesk(t *testing.T, v vendor) *desk {
	backend := responsestest.New(t)
	t.Cleanup(func() {
		for _, v := range backend.Violations() {
			t.Errorf("the vendor would refuse: %s", v)
		}
	})
	return &desk{v, t, backend, batchtest.New(t, backend.URL()), t.TempDir()}
}

// open opens a Box whose pace is that of a test.
func (d *desk) open(change func(*batch.Options)) (*batch.Box, llm.Model) {
	d.t.Helper()
	o := batch.Options{Dir: d.dir, Gather: 20 * time.Millisecond, Poll: time.Millisecond, Settle: time.Millisecond, Patience: 50 * time.Millisecond}
	if change != nil {
		change(&o)
	}
	b, err := batch.Open(d.t.Context(), o)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(b.Close)
	return b, b.Model(d.vendor.model(d.URL(), b.Client()))
}

func (v vendor) question(i int) llm.Request {
	return llm.Request{Model: v.asks, MaxTokens: 1000, Messages: []llm.Message{llm.User(fmt.Sprintf("question %d", i))},
		Meta: llm.Meta{Run: fmt.Sprintf("run%d", i), Key: "step", Attempt: 1, Since: 1}}
}

// outcome is what came of a request.
type outcome struct {
	llm.Response
	err error
}

// askAll asks n questions at once. The channel is closed when all have come to an end.
func (v vendor) askAll(ctx context.Context, m llm.Model, n int) (outcomes []outcome, done chan struct{}) {
	outcomes, done = make([]outcome, n), make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { outcomes[i].Response, outcomes[i].err = m.Generate(ctx, v.question(i), nil) })
	}
	go func() {
		all.Wait()
		close(done)
	}()
	return outcomes, done
}

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// together has n requests be one batch, however far apart they come.
func together(n int) func(*batch.Options) {
	return func(o *batch.Options) { o.Most, o.Gather = n, time.Hour }
}
