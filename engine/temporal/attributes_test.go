package temporal

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// withAttributes makes a namespace, and gives it the search attributes when with is called.
func withAttributes(t *testing.T, s *temporaltest.Server) (o client.Options, with func()) {
	t.Helper()
	o = client.Options{HostPort: s.Address, Namespace: "test-" + string(pawl.NewRunID())}
	n, err := client.NewNamespaceClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	if err := n.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{Namespace: o.Namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	return o, func() {
		c, err := client.NewLazyClient(o)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		types := map[string]enumspb.IndexedValueType{}
		for _, name := range []string{flowAttribute.GetName(), statusAttribute.GetName(), baseAttribute.GetName()} {
			types[name] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
		}
		if _, err := c.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{Namespace: o.Namespace, SearchAttributes: types}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAttributes: in a namespace that has the search attributes Temporal finds runs by them, and
// those that were begun before are found as well; a replay writes what it wrote.
func TestAttributes(t *testing.T) { temporaltest.Each(t, testAttributes) }

func testAttributes(t *testing.T, s *temporaltest.Server) {
	asks := testFlow("asks", func(r *pawl.Run) (string, error) { return pawl.Input[string](r, "who", "Who?"), nil })
	fails := testFlow("fails", func(*pawl.Run) (string, error) { return "", errors.New("it does") })
	o := Options{Queue: "attributes", Build: "one", Work: true, Models: llm.Catalog{"test": asker(nil)}, Model: "test/one", Prices: enginetest.Prices, Flows: []pawl.Flow{asks, fails}}
	var with func()
	o.Client, with = withAttributes(t, s)
	open := func(attribute bool) *Engine {
		for {
			e, err := Open(t.Context(), o)
			if err == nil && e.keeper.attribute == attribute {
				t.Cleanup(func() {
					ctx, cancel := context.WithTimeout(context.Background(), time.Second)
					defer cancel()
					e.Close(ctx)
				})
				return e
			}
			if err == nil { // the server finds out what was registered after a moment
				closed(t, e)
			}
			if t.Context().Err() != nil {
				t.Fatal(err)
			}
		}
	}
	e := open(false)
	before := enginetest.Start(t, e, asks)
	enginetest.Follow(t, e, before)
	closed(t, e)
	with()
	e = open(true)
	waits := enginetest.Start(t, e, asks)
	failed := enginetest.Finish(t, e, fails).ID
	enginetest.Follow(t, e, waits)
	var again pawl.RunID
	found := func(want []pawl.RunID, f pawl.RunFilter) {
		t.Helper()
		slices.Sort(want)
		for got := []pawl.RunID{"none"}; !slices.Equal(got, want); { // the list lags behind
			rows, err := e.keeper.Runs(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			got = nil
			for _, r := range rows {
				got = append(got, r.ID)
				if r.ID == failed && again != "" && r.SupersededBy != again {
					t.Fatalf("it is superseded by %q, want %q", r.SupersededBy, again)
				}
			}
			slices.Sort(got)
		}
	}
	asked := func(query string, want int64) {
		t.Helper()
		for n := int64(-1); n != want; {
			c, err := e.client.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
			if err != nil {
				t.Fatal(err)
			}
			n = c.GetCount()
		}
	}
	waiting := pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusWaiting}}
	found([]pawl.RunID{before, waits}, waiting)
	found([]pawl.RunID{failed}, pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusFailed}})
	found([]pawl.RunID{before, waits}, pawl.RunFilter{Flow: "asks"})
	asked("PawlFlow='asks' AND PawlStatus='waiting'", 1)
	again, err := e.Engine.Start(t.Context(), fails, []byte(`{}`), &pawl.StartOptions{Base: &pawl.Base{Run: failed}})
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Follow(t, e, again)
	asked("PawlBase='"+string(failed)+"'", 1)
	found([]pawl.RunID{failed, again}, pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusFailed}})
	found([]pawl.RunID{again}, pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusFailed}, Current: true})

	closed(t, e)
	e = open(true) // which replays
	for _, id := range []pawl.RunID{before, waits} {
		enginetest.Decide(t, e, id, pawl.Decision{Key: "who", What: pawl.DecideAnswer, Value: []byte(`"Ada"`)})
		if rec := enginetest.Follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("%s (%s)", rec.Status, rec.Reason)
		}
	}
	asked("PawlFlow='asks' AND PawlStatus='done'", 1)
	found(nil, waiting)

	o.Build, o.Work = "two", false
	enginetest.Start(t, open(true), asks) // nobody executes it
	asked("PawlFlow='asks' AND PawlStatus='running'", 1)
}
