package server_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/client"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/server"
)

// A run stands still at a limit that was set over the API, which shows what it has counted;
// one that is raised or removed lets it go on, in the name of who did so.
func TestLimits(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "sqlite": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			h := open(t, dir, nil)
			const at = "/api/v1/limits/day?flow=letter"
			if none := h.ask(vera, "GET", "/api/v1/limits", nil); string(none.text) != "[]\n" {
				t.Errorf("no limits are %q", none.text)
			}
			set := want[view.Limit](h, 200, otto, "PUT", at, `{"tz":"Europe/Berlin","limit":{"calls":1}}`)
			if set.Flow != "letter" || set.Per != "day" || set.Zone != "Europe/Berlin" || set.Who != "otto" || *set.Left.Calls != 1 || set.Until == nil || set.Limit.USD != nil {
				t.Errorf("set: %+v", set)
			}
			rec := h.start(`{"topic":"tides"}`)
			if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Limit == nil || *rec.Blockers[0].Limit != (pawl.LimitName{Flow: "letter", Per: "day"}) {
				t.Fatalf("the run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
			}
			all := want[[]view.Limit](h, 200, vera, "GET", "/api/v1/limits", nil)
			if len(all) != 1 || all[0].Spent.Calls != 1 || *all[0].Left.Calls != 0 {
				t.Errorf("the limits are %+v", all)
			}
			if again := want[view.Limit](h, 200, otto, "PUT", at, `{"tz":"Europe/Berlin","limit":{"calls":1}}`); again.Spent.Calls != 1 || again.Since != set.Since {
				t.Errorf("set anew: %+v", again)
			}
			if rec = h.rest(rec.ID); len(rec.Decisions) != 0 {
				t.Errorf("a limit that leaves nothing has it try once more: %+v", rec.Decisions)
			}
			if set = want[view.Limit](h, 200, olga, "PUT", at, `{"limit":{"calls":3,"usd":null}}`); set.Zone != "UTC" || set.Who != "olga" {
				t.Errorf("raised: %+v", set)
			}
			if rec = h.rest(rec.ID); rec.Status != pawl.StatusWaiting || rec.Blockers[0].Key != "send" || len(rec.Decisions) != 1 || rec.Decisions[0].Who != "olga" {
				t.Errorf("after the limit was raised the run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
			}
			other := h.start(`{"topic":"moon"}`)
			if other.Blockers[0].Limit == nil {
				t.Fatalf("the other is %s (%s)", other.Status, other.Reason)
			}
			if a := h.ask(otto, "DELETE", at, nil); a.StatusCode != 204 || len(a.text) != 0 {
				t.Errorf("removed: %d %s", a.StatusCode, a.text)
			}
			if other = h.rest(other.ID); other.Blockers[0].Key != "send" || other.Decisions[0].Who != "otto" {
				t.Errorf("after the limit was removed the other is %s (%s), %+v", other.Status, other.Reason, other.Decisions)
			}
			want[server.Problem](h, 404, otto, "DELETE", at, nil)
		})
	}
}

// A raise at a limit is for the run alone, beyond it, and says that it means that with the
// digest of what was shown; the run's own budget stays. What somebody raised before comes with
// the refusal of one that is too late.
func TestRaiseAtLimit(t *testing.T) {
	h := open(t, "", nil)
	ctx, c := t.Context(), client.New(h.URL, otto)
	if _, err := c.SetLimit(ctx, client.Limit{Per: "day", Limit: pawl.Budget{Calls: new(int64(0))}}); err != nil {
		t.Fatal(err)
	}
	rec := h.start(`{"topic":"tides"}`)
	at, digest := "/api/v1/runs/"+string(rec.ID)+"/raise", rec.Blockers[0].Digest
	p := want[server.Problem](h, 422, otto, "POST", at, `{"calls":9}`)
	if !strings.HasPrefix(p.Detail, "the run stands at a limit on many runs, not at its own budget (all runs together may make 0 calls a day; ") {
		t.Errorf("without a digest: %+v", p)
	}
	if _, err := c.Raise(ctx, rec.ID, client.Raise{Budget: client.Budget{Calls: new(int64(9))}}); !errors.Is(err, pawl.ErrInput) {
		t.Errorf("the client without a digest: %v", err)
	}
	if p := want[server.Problem](h, 409, otto, "POST", at, `{"calls":9,"digest":"sha256:00"}`); p.Decided != nil {
		t.Errorf("with another digest: %+v", p)
	}
	if _, err := c.Raise(ctx, rec.ID, client.Raise{Budget: client.Budget{Calls: new(int64(9))}, Digest: digest, Comment: "today"}); err != nil {
		t.Fatal(err)
	}
	if rec = h.rest(rec.ID); rec.Blockers[0].Key != "send" || rec.Budget != nil || rec.Decisions[0].Comment != "today" || rec.Decisions[0].Who != "otto" {
		t.Errorf("the run is %s (%s), budget %+v, %+v", rec.Status, rec.Reason, rec.Budget, rec.Decisions)
	}
	if p := want[server.Problem](h, 409, olga, "POST", at, `{"calls":9,"digest":"`+digest+`"}`); p.Decided == nil || p.Decided.Who != "otto" {
		t.Errorf("too late: %+v", p)
	}
}

// A client reads the limits as the API shows them.
func TestClientLimits(t *testing.T) {
	h := open(t, "", nil)
	ctx, c := t.Context(), client.New(h.URL, otto)
	set, err := c.SetLimit(ctx, client.Limit{Per: "month", Zone: "Asia/Tokyo", Limit: pawl.Budget{USD: new(2.5)}})
	if err != nil || set.Per != "month" || *set.Left.USD != 2.5 || set.Who != "otto" {
		t.Fatalf("set: %+v, %v", set, err)
	}
	if _, err := c.SetLimit(ctx, client.Limit{Flow: "letter", Per: "total", Limit: pawl.Budget{Calls: new(int64(7))}}); err != nil {
		t.Fatal(err)
	}
	all, err := c.Limits(ctx)
	if err != nil || len(all) != 2 || all[1].Flow != "letter" || all[1].Until != nil {
		t.Fatalf("limits are %+v, %v", all, err)
	}
	shown := want[any](h, 200, vera, "GET", "/api/v1/limits", nil)
	text, _ := json.Marshal(shown)
	var read any
	if mine, err := json.Marshal(all); err != nil || json.Unmarshal(mine, &read) != nil {
		t.Fatal(err)
	}
	if mine, _ := json.Marshal(read); string(mine) != string(text) {
		t.Errorf("the client has %s, the API %s", mine, text)
	}
	if _, err := client.New(h.URL, vera).SetLimit(ctx, set); !errors.Is(err, server.ErrForbidden) {
		t.Errorf("a viewer sets one: %v", err)
	}
	for _, flow := range []string{"letter", "a&b=c/../#?"} {
		if err := c.RemoveLimit(ctx, flow, "total"); (err == nil) != (flow == "letter") || err != nil && !errors.Is(err, pawl.ErrNotFound) {
			t.Errorf("removed %s: %v", flow, err)
		}
	}
}
