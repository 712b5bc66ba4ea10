package server_test

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/server"
)

type payment struct {
	Sum int `json:"sum"`
}

// pay wants two people for a payment: who asks for it does not approve it.
var pay = pawl.New("pay", "Pays.", func(r *pawl.Run, in payment) (string, error) {
	if !pawl.Approve(r, "sign", in.Sum, "Pay it?", pawl.NotBy(r.Who())).Approved {
		return "not paid", nil
	}
	return "paid", nil
})

// Whoever may import writes the file, and so who has decided in it: that somebody else has
// approved there counts for nobody who wants a second pair of eyes.
func TestApprovalOfAnImportedRun(t *testing.T) {
	flows := func(o *server.Options) { o.Flows = []pawl.Flow{pay} }
	elsewhere, h := open(t, "", flows), open(t, "", flows)
	rec := elsewhere.rest(want[pawl.RunRecord](elsewhere, 201, otto, "POST", "/api/v1/runs", `{"flow":"pay","input":{"sum":7}}`).ID)
	at := "/api/v1/runs/" + string(rec.ID)
	want[pawl.RunRecord](elsewhere, 200, olga, "POST", at+"/decisions", elsewhere.decision(rec, "approve"))
	elsewhere.rest(rec.ID)
	file := elsewhere.ask(otto, "GET", at+"/export", nil)
	if here := elsewhere.rest(want[pawl.RunRecord](elsewhere, 201, otto, "POST", at+"/rerun", nil).ID); here.Status != pawl.StatusDone {
		t.Fatalf("where she has approved it, a rerun is %s", here.Status)
	}

	want[map[string]any](h, 200, otto, "POST", "/api/v1/runs/import", file.text)
	got := h.rest(want[pawl.RunRecord](h, 201, otto, "POST", at+"/rerun", nil).ID)
	if got.Status != pawl.StatusWaiting || len(got.Blockers) != 1 || len(got.Decisions) != 0 {
		t.Fatalf("a rerun of the file is %s with output %s, decided by %+v", got.Status, got.Output, got.Decisions)
	}
	run := "/api/v1/runs/" + string(got.ID)
	want[server.Problem](h, 422, otto, "POST", run+"/decisions", h.decision(got, "approve"))
	want[pawl.RunRecord](h, 200, olga, "POST", run+"/decisions", h.decision(got, "approve"))
}
