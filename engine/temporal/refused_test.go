package temporal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// TestRefused: when Temporal refuses one worker of a process for good, all of them end: Work with
// the error, nobody is there any more, a call that waits is left to others, and it does not begin again.
func TestRefused(t *testing.T) {
	s := temporaltest.Old(t)
	f := asksOf("test/slow")
	says := func(what string) llm.Catalog {
		return llm.Catalog{"test": asker(func(context.Context, llm.Request) (string, error) { return what, nil })}
	}
	open := rated(t, s, map[string]Rate{"test/slow": {}})
	e := open("one", Options{Models: says("refused"), Stay: true})
	ended, ready := make(chan error), make(chan struct{})
	go func() { ended <- e.Work(t.Context(), &local.WorkOptions{Limit: 2, Ready: func() { close(ready) }}) }()
	<-ready
	roles(t, e, lasting)
	queues := e.keeper.queues(calls)
	e.options(queues[0]).OnFatalError(&pawl.Error{Kind: pawl.ErrStorage, Message: "namespace not found"})
	enginetest.Refused(t, <-ended, pawl.ErrStorage, "Temporal refuses this worker: namespace not found")
	roles(t, e)
	enginetest.Refused(t, e.Execute(), pawl.ErrStorage, "Temporal refuses this worker")

	other := open("two", Options{Models: says("other"), Flows: []pawl.Flow{f}, Stay: true})
	id := enginetest.Start(t, other, f)
	if helps, err := other.Help(t.Context(), id); err != nil || !helps { // with the flow's code alone
		t.Fatal(helps, err)
	}
	for waits := false; !waits; { // until the call is in its queue
		d, err := other.client.DescribeWorkflowExecution(t.Context(), other.keeper.workflowID(id), "")
		if err != nil {
			t.Fatal(err)
		}
		waits = len(d.GetPendingActivities()) > 0
	}
	if err := other.Execute(); err != nil {
		t.Fatal(err)
	}
	if rec := enginetest.Follow(t, other, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"other"` {
		t.Errorf("%s (%s) %s", rec.Status, rec.Reason, rec.Output)
	}
}

// busy is a worker whose calls end when they are cut.
type busy struct {
	worker.Worker
	stops func()
	ends  <-chan struct{}
}

func (b busy) Stop() {
	b.stops()
	<-b.ends
}

// TestRefusedStops: the workers beside one that Temporal refuses take nothing more at once; their
// calls end or are cut by Close, and the process is there for others as long as they do.
func TestRefusedStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &matching{}
		e := over(m, newSettings(t.Context(), Options{Stay: true}), "one")
		e.keeper.poll = m.poll
		e.does = advances | calls // by the workers that stand in
		if err := e.begin(advances|calls, lasting); err != nil {
			t.Fatal(err)
		}
		ctx, cut := context.WithCancel(t.Context())
		defer cut()
		var stopped sync.WaitGroup
		for range 3 {
			stopped.Add(1)
			e.workers = append(e.workers, member{busy{stops: sync.OnceFunc(stopped.Done), ends: ctx.Done()}, cut})
		}
		hooked := make(chan struct{})
		go func() { // as the SDK does
			e.refused(errors.New("no"))
			close(hooked)
		}()
		stopped.Wait()
		time.Sleep(time.Minute)
		if there, err := e.keeper.there(t.Context(), e.keeper.queue); err != nil || len(there) != 1 || there[0].role != passing {
			t.Errorf("while calls are made there are %v, %v", there, err)
		}
		if slices.Contains(m.seen(e.keeper.queue), "ended "+e.sign.name) {
			t.Error("it has ended while calls are made")
		}
		enginetest.Refused(t, e.Execute(), pawl.ErrStorage, "Temporal refuses this worker: no")
		began := time.Now()
		over, end := context.WithTimeout(t.Context(), time.Minute)
		defer end()
		if err := e.Close(over); err != nil || time.Since(began) < time.Minute {
			t.Errorf("closed after %s, %v: calls are cut before the time is over", time.Since(began), err)
		}
		<-hooked
		if there, err := e.keeper.there(t.Context(), e.keeper.queue); err != nil || len(there) != 0 {
			t.Errorf("at the end there are %v, %v", there, err)
		}
	})
}

// TestNamespaceGone: the workers of a process whose namespace is deleted end, when the SDK has taken that for a fault
// on the way there for two minutes.
func TestNamespaceGone(t *testing.T) {
	if testing.Short() {
		t.Skip("takes three minutes")
	}
	temporaltest.Each(t, testNamespaceGone)
}

func testNamespaceGone(t *testing.T, s *temporaltest.Server) {
	t.Parallel()
	own := *s
	own.Namespace = "gone-" + string(pawl.NewRunID())
	n, err := client.NewNamespaceClient(client.Options{HostPort: s.Address})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{Namespace: own.Namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	var e *Engine
	for e == nil && t.Context().Err() == nil { // a namespace that is new is not known everywhere at once
		e, _ = Open(t.Context(), Options{Client: client.Options{HostPort: own.Address, Namespace: own.Namespace}, Models: llm.Catalog{"test": asker(nil)}, Rates: map[string]Rate{"test/slow": {}}, Build: "one"})
	}
	ended, ready := make(chan error, 1), make(chan struct{})
	go func() { ended <- e.Work(t.Context(), &local.WorkOptions{Limit: 2, Ready: func() { close(ready) }}) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	if _, err := e.client.OperatorService().DeleteNamespace(t.Context(), &operatorservice.DeleteNamespaceRequest{Namespace: own.Namespace}); err != nil {
		t.Fatal(err)
	}
	enginetest.Refused(t, <-ended, pawl.ErrStorage, "Temporal refuses this worker: ")
	if err := e.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
