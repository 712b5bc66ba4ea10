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
	"github.com/pawlrun/pawl/llm/batch"
	"github.com/pawlrun/pawl/llm/openai"
)

const key = "sk-test-1234567890abcdef"

// desk is a vendor of batches, and a directory.
type desk struct {
	t       *testing.T
	backend *responsestest.Server // that answers the items
	*batchtest.Server
	dir string
}

func newDesk(t *testing.T) *desk {
	backend := responsestest.New(t)
	t.Cleanup(func() {
		for _, v := range backend.Violations() {
			t.Errorf("the vendor would refuse: %s", v)
		}
	})
	return &desk{t, backend, batchtest.New(t, backend.URL()), t.TempDir()}
}

// open opens a Box whose pace is that of a test.
func (d *desk) open(change func(*batch.Options)) (*batch.Box, llm.Model) {
	d.t.Helper()
	o := batch.Options{Dir: d.dir, Gather: 20 * time.Millisecond, Poll: time.Millisecond}
	if change != nil {
		change(&o)
	}
	b, err := batch.Open(d.t.Context(), o)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(b.Close)
	return b, b.Model(openai.New(&openai.Options{APIKey: key, BaseURL: d.URL(), HTTPClient: b.Client()}))
}

func question(i int) llm.Request {
	return llm.Request{Model: "gpt-5.4-mini", Messages: []llm.Message{llm.User(fmt.Sprintf("question %d", i))},
		Meta: llm.Meta{Run: fmt.Sprintf("run%d", i), Key: "step", Attempt: 1, Since: 1}}
}

// outcome is what came of a request.
type outcome struct {
	llm.Response
	err error
}

// askAll asks n questions at once. The channel is closed when all have come to an end.
func askAll(ctx context.Context, m llm.Model, n int) (outcomes []outcome, done chan struct{}) {
	outcomes, done = make([]outcome, n), make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { outcomes[i].Response, outcomes[i].err = m.Generate(ctx, question(i), nil) })
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
