package server_test

import (
	"fmt"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/shape"
	"github.com/pawlrun/pawl/internal/view"
)

// Of what a page has seen only what has changed is told, without what was sent and answered.
func TestProgress(t *testing.T) {
	h := open(t, "", nil)
	rec := h.start(`{"topic":"tides"}`)
	rec = h.rest(rec.ID)
	at := "/api/v1/runs/" + string(rec.ID)
	all := want[view.Progress](h, 200, vera, "GET", at+"/progress", nil)
	if len(all.Steps) != len(rec.Steps) || len(all.Steps) == 0 || all.Run.ID != rec.ID || len(all.Run.Steps) != 0 || all.Seq == 0 {
		t.Fatalf("it is %+v", all)
	}
	for i, s := range all.Steps {
		if is := rec.Steps[i]; s.Key != is.Key || s.Status != is.Status || s.Attempts != len(is.Attempts) {
			t.Errorf("step %+v of %+v", s, is)
		}
	}
	since := at + "/progress?since=" + fmt.Sprint(all.Seq)
	if none := want[view.Progress](h, 200, vera, "GET", since, nil); len(none.Steps) != 0 || none.Seq != all.Seq {
		t.Errorf("nothing has happened, and it is %+v", none)
	}
	want[pawl.RunRecord](h, 200, olga, "POST", at+"/decisions", h.decision(rec, "approve"))
	rec = h.rest(rec.ID)
	then := want[view.Progress](h, 200, vera, "GET", since, nil)
	if then.Run.Status != pawl.StatusDone || then.Seq <= all.Seq {
		t.Errorf("it is %+v", then)
	}
	now := map[pawl.Key]pawl.StepStatus{}
	for _, s := range append(all.Steps, then.Steps...) {
		now[s.Key] = s.Status
	}
	for _, s := range rec.Steps {
		if now[s.Key] != s.Status {
			t.Errorf("%s is %s, and was told as %q", s.Key, s.Status, now[s.Key])
		}
	}
	if s := want[shape.Shape](h, 200, vera, "GET", at+"/shape", nil); s.Flow != rec.Flow {
		t.Errorf("the shape is %+v", s)
	}
	want[any](h, 404, vera, "GET", "/api/v1/runs/nope/progress", nil)
}
