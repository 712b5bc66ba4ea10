package server_test

import (
	"testing"

	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/server"
)

// What the calls of runs took is added up, whatever it is asked by.
func TestCosts(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "sqlite": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			h := open(t, dir, nil)
			if none := want[cost.Report](h, 200, vera, "GET", "/api/v1/costs", nil); none.By != cost.ByFlow || none.Since != nil || len(none.Sums) != 0 {
				t.Errorf("no costs are %+v", none)
			}
			rec := h.start(`{"topic":"tides"}`)
			for _, by := range cost.Ways() {
				r := want[cost.Report](h, 200, vera, "GET", "/api/v1/costs?since=1d&tz=Asia/Kathmandu&flow=letter&by="+string(by), nil)
				if r.By != by || r.Zone != "Asia/Kathmandu" || r.Since == nil || len(r.Sums) != 1 || r.Total.ModelCalls != rec.Usage.ModelCalls || r.Total.Runs != 1 {
					t.Errorf("by %s: %+v", by, r)
				}
			}
			if other := want[cost.Report](h, 200, vera, "GET", "/api/v1/costs?flow=many", nil); other.Total.Runs != 0 {
				t.Errorf("of another flow: %+v", other)
			}
			for _, bad := range []string{"by=week", "tz=Mars", "since=yore", "zone=UTC"} {
				want[server.Problem](h, 422, vera, "GET", "/api/v1/costs?"+bad, nil)
			}
		})
	}
}

// Whoever has a token is told who they are.
func TestMe(t *testing.T) {
	h := open(t, "", nil)
	type me struct {
		Name, Role, Model string
		Run, Step         *string
		StandIns          []string `json:"stand_ins"`
	}
	for token, role := range map[string]string{vera: "viewer", otto: "operator"} {
		if m := want[me](h, 200, token, "GET", "/api/v1/me", nil); m.Name == "" || m.Role != role || m.Run != nil || m.Step != nil || m.Model != "" || m.StandIns == nil {
			t.Errorf("%s is %+v", role, m)
		}
	}
	rec := h.start(`{"topic":"tides"}`)
	actors["pia-me"] = server.Actor{Name: "pia", Role: server.RoleBlocker, Run: rec.ID, Key: "send"}
	if m := want[me](h, 200, "pia-me", "GET", "/api/v1/me", nil); m.Role != "blocker" || m.Run == nil || *m.Run != string(rec.ID) || *m.Step != "send" {
		t.Errorf("who decides on one question is %+v", m)
	}
	want[server.Problem](h, 401, "nobody", "GET", "/api/v1/me", nil)
	set := open(t, "", func(o *server.Options) { o.Model, o.StandIns = "offline", []string{"offline"} })
	if m := want[me](set, 200, vera, "GET", "/api/v1/me", nil); m.Model != "offline" || len(m.StandIns) != 1 || m.StandIns[0] != "offline" {
		t.Errorf("where a stand-in answers: %+v", m)
	}
}
