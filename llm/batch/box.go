package batch

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// Options say where batches are kept and how they are made.
type Options struct {
	// Dir is where it is kept what was sent and answered; it is made if it is not there.
	// Several processes may use it.
	Dir string

	// Owner is whose batches these are, in words that say so to the next process, too: Clear
	// removes those of the owner.
	Owner string

	Gather time.Duration // how long it waits for one more request after the last, ten times as long at most; 0: 3 s
	Most   int           // requests in one batch; 0: 10,000
	Poll   time.Duration // how often at least a batch under way is asked for, at first more often; 0: 30 s

	// Settle is how long a vendor that was handed a batch may take to list it; 0: 1 min.
	Settle time.Duration

	// Patience is how long a vendor may say that it does not know a batch which it has
	// taken, or have answers that cannot be read, before the batch is given up; 0: 1 h.
	Patience time.Duration

	// Transport sends what goes to the vendor. Nil: http.DefaultTransport.
	Transport http.RoundTripper

	// Tell is told of batches that are sent, answered and given up. Nil: nobody is. It is
	// called from several goroutines.
	Tell func(News)
}

// News is what has become of a batch.
type News struct {
	Stage    Stage
	Batch    string // its id at the vendor; empty: it is not known
	Model    string // as the vendor calls it
	Requests int
	Err      error // why it was given up, or has to wait
}

// Stage is how far a batch has come.
type Stage string

const (
	Sent     Stage = "sent"
	Answered Stage = "answered"
	Waits    Stage = "waits" // nobody can say how it does; it is asked for again
	GivenUp  Stage = "given up"
)

// Box puts requests into batches. It is safe for concurrent use.
type Box struct {
	o     Options
	ctx   context.Context
	close context.CancelFunc
	under sync.WaitGroup // batches that are looked after

	mu     sync.Mutex // guards what follows
	ledger *ledger
	groups map[group]*gathering
	items  map[string]*item // by name, that somebody waits for
}

// Open opens the directory of a Box, which waits for answers until ctx ends. The error is of the file system, or names a file that
// cannot be read.
func Open(ctx context.Context, o Options) (*Box, error) {
	o.Gather, o.Most, o.Poll = cmp.Or(o.Gather, 3*time.Second), cmp.Or(o.Most, 10_000), cmp.Or(o.Poll, 30*time.Second)
	o.Settle, o.Patience = cmp.Or(o.Settle, time.Minute), cmp.Or(o.Patience, time.Hour)
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Tell == nil {
		o.Tell = func(News) {}
	}
	b := &Box{o: o, groups: map[group]*gathering{}, items: map[string]*item{}}
	var err error
	if b.ledger, err = openLedger(o.Dir); err != nil {
		return nil, err
	}
	b.ctx, b.close = context.WithCancel(ctx)
	return b, nil
}

// Close gives up what is being waited for, and returns when nothing is under way any more.
// Batches that were sent are answered all the same, and found by the next Box. Whoever keeps
// what became of requests is to end first: to it, this is a failure like another, and what
// failed is asked anew.
func (b *Box) Close() {
	b.mu.Lock()
	b.close()
	b.mu.Unlock()
	b.under.Wait()
}

// Clear removes what is kept of the owner's batches. It is for when all answers are kept
// elsewhere: who asks for one again pays again.
func (b *Box) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range slices.Clone(b.ledger.all) {
		if s.Owner == b.o.Owner {
			b.ledger.forget(s)
		}
	}
}

// Client returns the client whose requests for an answer of a model that Model wraps become
// items of batches. All others go out as they are.
func (b *Box) Client() *http.Client { return &http.Client{Transport: transport{b}} }

// Model returns a model whose answers come of batches, where it sends its requests by Client.
// They are not streamed.
func (b *Box) Model(m llm.Model) llm.Model {
	return &later{Model: m}
}

type later struct{ llm.Model }

func (l *later) Generate(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	resp, err := l.Model.Generate(context.WithValue(ctx, attemptKey{}, req.Meta), req, nil)
	resp.Usage = atBatchPrice(resp.Usage)
	var known *llm.Error
	if errors.As(err, &known) && known.Usage != nil {
		cheaper := *known
		cheaper.Usage = atBatchPrice(known.Usage)
		err = &cheaper
	}
	return resp, err
}

func atBatchPrice(u *llm.Usage) *llm.Usage {
	if u == nil {
		return nil
	}
	b := *u
	b.Batch = true
	return &b
}

// CheckModel asks the wrapped model; see llm.Checker.
func (l *later) CheckModel(name string) error {
	if c, ok := l.Model.(llm.Checker); ok {
		return c.CheckModel(name)
	}
	return nil
}

// CheckSchema asks the wrapped model; see llm.SchemaChecker.
func (l *later) CheckSchema(req llm.Request) error {
	if c, ok := l.Model.(llm.SchemaChecker); ok {
		return c.CheckSchema(req)
	}
	return nil
}

// MostTokens asks the wrapped model; see llm.Bounded.
func (l *later) MostTokens(name string) int {
	if m, ok := l.Model.(llm.Bounded); ok {
		return m.MostTokens(name)
	}
	return 0
}

// attemptKey is in a context for whom a request is made.
type attemptKey struct{}
