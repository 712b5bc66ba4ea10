package crashtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync/atomic"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/openai"
)

// orders are what the test binary does as a child: execute a run and kill
// itself at a commit.
type orders struct {
	Dir    string
	URL    string // of the provider
	Run    pawl.RunID
	Flow   string // to start if Run is empty
	Input  json.RawMessage
	Commit int    // at which, from 1; 0: none
	Play   string // what to do with runs that wait for approval instead; see waiting_test.go
	N      int    // of them
	After  bool   // when it is durable and nobody knows; otherwise before
	Serve  serving
}

// child is the program of the child. It exits with 0 if it came to the run's
// end alive.
func child(text string) int {
	var o orders
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		switch o.Play {
		case playSuspend:
			err = suspendInCommit(context.Background(), o.Dir)
		case playServe:
			err = o.serve(context.Background())
		case "":
			err = o.execute(context.Background())
		default:
			err = o.play(context.Background())
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// playSuspend has a child stand still in the middle of a commit.
const playSuspend = "suspend"

// suspendInCommit is for the systems that can do that.
var suspendInCommit func(ctx context.Context, dir string) error

func (o orders) execute(ctx context.Context) error {
	db, err := sqlite.Open(ctx, o.Dir, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	turns := make(chan struct{}, 1)
	turns <- struct{}{}
	e := newEngine(&suicidal{Journal: db, commit: o.Commit, after: o.After, turns: turns},
		taking{openai.New(&openai.Options{APIKey: "sk-test-1234567890abcdef", BaseURL: o.URL}), turns})
	defer e.Close(ctx)
	return o.follow(ctx, e)
}

func newEngine(j journal.Journal, m llm.Model) *local.Engine {
	return local.New(&local.Options{
		Journal: j, Models: llm.Catalog{"openai": m}, Model: "openai/gpt-5.4-mini",
		Flows: []pawl.Flow{article.Flow, blog.Flow},
	})
}

// follow starts or resumes the run and waits until it is at rest.
func (o orders) follow(ctx context.Context, e *local.Engine) error {
	if o.Run != "" {
		if err := e.Direct(ctx, o.Run, pawl.Directive{What: pawl.DirectResume, Who: "tester"}); err != nil {
			return err
		}
	} else {
		f := pawl.Flow(article.Flow)
		if o.Flow == blog.Flow.Name() {
			f = blog.Flow
		}
		id, err := e.Start(ctx, f, o.Input, nil)
		if err != nil {
			return err
		}
		o.Run = id
	}
	for _, err := range e.Events(ctx, o.Run, 0) {
		if err != nil {
			return err
		}
	}
	return nil
}

// suicidal is a journal that kills its own process at a commit. Commits are
// those of Create, Claim and Append.
type suicidal struct {
	journal.Journal
	commit  int
	after   bool
	commits atomic.Int64
	turns   chan<- struct{} // one for each attempt that is recorded
}

// die kills the process if this is the commit.
func (s *suicidal) die(commit int64, after bool) {
	if commit != int64(s.commit) || after != s.after {
		return
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {} // it takes effect elsewhere
}

func (s *suicidal) Create(ctx context.Context, run journal.NewRun, first []journal.Draft) (*journal.Claim, error) {
	n := s.commits.Add(1)
	s.die(n, false)
	c, err := s.Journal.Create(ctx, run, first)
	s.die(n, true)
	return c, err
}

func (s *suicidal) Claim(ctx context.Context, id pawl.RunID, take bool) (*journal.Claim, error) {
	n := s.commits.Add(1)
	s.die(n, false)
	c, err := s.Journal.Claim(ctx, id, take)
	s.die(n, true)
	return c, err
}

func (s *suicidal) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	n := s.commits.Add(1)
	s.die(n, false)
	events, err := s.Journal.Append(ctx, c, b)
	s.die(n, true)
	if slices.ContainsFunc(b.Drafts, func(d journal.Draft) bool { return d.Type == pawl.EventAttempt }) {
		s.turns <- struct{}{}
	}
	return events, err
}

// taking is a model whose answers come out one at a time, each when the one
// before is recorded, so that every answer has a commit of its own.
type taking struct {
	llm.Model
	turns <-chan struct{}
}

func (m taking) Generate(ctx context.Context, r llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	resp, err := m.Model.Generate(ctx, r, stream)
	select {
	case <-m.turns:
	case <-ctx.Done():
	}
	return resp, err
}
