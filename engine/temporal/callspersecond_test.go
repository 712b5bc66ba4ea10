package temporal

import (
	"fmt"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// TestCallsPerSecond: the bound of one process holds for all, and stays where another process makes
// calls that says none.
func TestCallsPerSecond(t *testing.T) { temporaltest.Each(t, testCallsPerSecond) }

func testCallsPerSecond(t *testing.T, s *temporaltest.Server) {
	const asked, rate = 6, 1.0
	m, spread := beginnings()
	f := testFlow("many", func(r *pawl.Run) (string, error) {
		said := pawl.Map(r, "all", make([]int, asked), func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "a", enginetest.Text("A")), nil })
		return fmt.Sprint(len(said)), nil
	})
	o := Options{Models: llm.Catalog{"test": m}, Flows: []pawl.Flow{f}}
	two := deployed(t, s, o)("two")
	bounded := o
	bounded.CallsPerSecond = rate
	one := deployedOn(t, s, bounded, two, "one")
	if err := one.begin(advances|calls, lasting); err != nil {
		t.Fatal(err)
	}
	for !one.keeper.isBounded(t.Context(), one.keeper.queue) { // until all of the server knows
	}
	if two.keeper.isBounded(t.Context(), two.keeper.queue) {
		t.Error("another build is bounded, too")
	}
	for range 3 { // each makes calls, and says so after the other
		if err := deployedOn(t, s, o, two, "one").begin(calls, passing); err != nil {
			t.Fatal(err)
		}
	}
	if rec := enginetest.Follow(t, one, enginetest.Start(t, one, f)); rec.Status != pawl.StatusDone {
		t.Fatalf("%s (%s)", rec.Status, rec.Reason)
	}
	// The first second's calls may leave at once, and as many more.
	if took, least := spread(t, asked), time.Duration((asked-3)/rate*float64(time.Second)); took < least {
		t.Errorf("%d calls within %s, want %s at least", asked, took, least)
	}
	if err := two.keeper.bound(t.Context(), one.keeper.queue, -1); err != nil {
		t.Error(err)
	}
	for one.keeper.isBounded(t.Context(), one.keeper.queue) { // until all of the server knows
	}
}

// unasked is a client with which nobody asks what the SDK has no name for.
type unasked struct {
	client.Client
	t *testing.T
}

func (u unasked) WorkflowService() workflowservice.WorkflowServiceClient {
	u.t.Error("Temporal is asked")
	return u.Client.WorkflowService()
}

// TestRateUnsaid: for a model's queue of which this process says no number it asks Temporal for nothing.
func TestRateUnsaid(t *testing.T) {
	c, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	e := over(c, newSettings(t.Context(), Options{Rates: map[string]Rate{"test/slow": {Calls: 1}, "test/*": {}}}), "one")
	e.keeper.client = unasked{c, t}
	queues := e.keeper.queues(calls)
	if len(queues) != 3 {
		t.Errorf("queues %v", queues)
	}
	if err := e.keeper.boundAll(t.Context(), queues); err != nil {
		t.Error(err)
	}
	for _, q := range queues {
		e.worker(t.Context(), q)
	}
}
