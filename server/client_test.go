package server_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/client"
	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/server"
)

// A program starts a run, follows it, decides on it and reads what came of it.
func TestClient(t *testing.T) {
	h := open(t, "", nil)
	ctx, c := t.Context(), client.New(h.URL+"/", otto)
	start := client.Start{Flow: "letter", Input: []byte(`{"topic":"tides"}`), Key: "one"}
	run, err := c.Start(ctx, start)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Start(ctx, start); err != nil || again.ID != run.ID {
		t.Errorf("again: %+v, %v", again, err)
	}
	h.rest(run.ID)
	items, err := c.Inbox(ctx)
	if err != nil || len(items) != 1 {
		t.Fatalf("the inbox is %+v, %v", items, err)
	}
	d := client.Decision{Key: items[0].Key, What: pawl.DecideApprove, Digest: items[0].Digest}
	if _, err := c.Decide(ctx, run.ID, d); !errors.Is(err, pawl.ErrInput) {
		t.Errorf("who has started it decides: %v", err)
	}
	if _, err := client.New(h.URL, olga).Decide(ctx, run.ID, d); err != nil {
		t.Fatal(err)
	}
	if _, err := client.New(h.URL, olga).Decide(ctx, run.ID, d); !errors.Is(err, pawl.ErrConflict) {
		t.Errorf("decided twice: %v", err)
	}
	last := pawl.Seq(0)
	for m, err := range c.Follow(ctx, run.ID, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if m.Event != nil {
			if m.Event.Seq != last+1 {
				t.Fatalf("behind %d comes %d", last, m.Event.Seq)
			}
			last++
		}
	}
	if run, err = c.Run(ctx, run.ID); err != nil || run.Status != pawl.StatusDone {
		t.Errorf("the run is %+v, %v", run, err)
	}
	if runs, err := c.Runs(ctx, url.Values{"status": {"done"}}); err != nil || len(runs) != 1 {
		t.Errorf("runs are %+v, %v", runs, err)
	}
	report, err := c.Costs(ctx, cost.Query{By: cost.ByDay, Since: time.Now().Add(-time.Hour), Flow: "letter", Zone: "Asia/Kathmandu"})
	if err != nil || report.By != cost.ByDay || report.Zone != "Asia/Kathmandu" || report.Flow != "letter" || report.Since == nil || report.Total.ModelCalls != run.Usage.ModelCalls {
		t.Errorf("the costs are %+v, %v", report, err)
	}
	if report, err = c.Costs(ctx, cost.Query{}); err != nil || report.By != cost.ByFlow || report.Since != nil || len(report.Sums) != 1 {
		t.Errorf("all costs are %+v, %v", report, err)
	}
	if _, err := c.Costs(ctx, cost.Query{Zone: "Mars"}); !errors.Is(err, pawl.ErrInput) {
		t.Errorf("a zone that there is not: %v", err)
	}
	if me, err := c.Me(ctx); err != nil || me.Name != "otto" || me.Role != "operator" || me.Run != nil {
		t.Errorf("otto is %+v, %v", me, err)
	}
	_, err = client.New(h.URL, "nobody").Run(ctx, run.ID)
	if !errors.Is(err, server.ErrUnauthorized) {
		t.Errorf("nobody gets %v", err)
	}
	for _, err := range c.Follow(ctx, "000000000000", 0) {
		if !errors.Is(err, pawl.ErrNotFound) {
			t.Errorf("a run that is not there: %v", err)
		}
	}
}
