package crashtest

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/scheduler"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm/openai"
	"github.com/pawlrun/pawl/server"
)

// fastClock is a time that runs faster than the machine's, the same in every process.
type fastClock struct {
	Begin time.Time // when both show the same
	Speed int
}

func (c fastClock) now() time.Time {
	return c.Begin.Add(time.Since(c.Begin) * time.Duration(c.Speed))
}

func (c fastClock) after(d time.Duration) <-chan time.Time {
	return time.After(d / time.Duration(c.Speed))
}

// serveLimit is how many runs a server executes at once, each with one call in flight.
const serveLimit = 40

// playServe has a child be a server whose schedules go by a fast clock.
const playServe = "serve"

// serving is what the child of playServe is told.
type serving struct {
	Addr, Token string
	Clock       fastClock
}

func (o orders) serve(ctx context.Context) error {
	db, err := sqlite.Open(ctx, o.Dir, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	e := newEngine(db, openai.New(&openai.Options{APIKey: "sk-test-1234567890abcdef", BaseURL: o.URL}))
	defer e.Close(ctx)
	flows := []pawl.Flow{articleApproved.flow}
	firing := scheduler.New(scheduler.Options{Engine: e, Keeper: db, Flows: flows, Now: o.Serve.Clock.now, After: o.Serve.Clock.after})
	firing.Start(ctx)
	defer firing.Stop()
	l, err := net.Listen("tcp", o.Serve.Addr)
	if err != nil {
		return err
	}
	s := server.New(&server.Options{
		Engine: e, Journal: db, Flows: flows, Rate: -1,
		Authenticate: func(secret string) (server.Actor, bool) {
			return server.Actor{Name: "tester", Role: server.RoleOperator}, secret == o.Serve.Token
		},
	})
	go func() { err = s.Serve(ctx, l) }()
	fmt.Fprintln(os.Stderr, "serving at", o.Serve.Addr)
	return cmp.Or(e.Work(ctx, &local.WorkOptions{Limit: serveLimit}), err)
}
