package server_test

import (
	"context"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/server"
)

type card struct {
	Holder string      `json:"holder"`
	Number string      `json:"number" pawl:"sensitive"`
	Others []otherCard `json:"others,omitempty"`
}

type otherCard struct {
	Holder string `json:"holder"`
	Number string `json:"number" pawl:"sensitive"`
}

// charge has its step's result, and what a person approves, with a number that nobody sees.
var charge = pawl.New("charge", "Charges a card.", func(r *pawl.Run, in card) (card, error) {
	read := pawl.Do(r, "read", in, func(_ context.Context, c card) (card, error) { return c, nil })
	answer := pawl.Approve(r, "allow", read, "Charge it?")
	return answer.Value, answer.Err()
})

// Whoever edits what is shown to them must not put the asterisks that hide a value in its
// place: it is refused at the field, and what they leave alone stays what it is.
func TestHiddenValuesAreNotOverwritten(t *testing.T) {
	h := open(t, "", func(o *server.Options) { o.Flows = append(o.Flows, charge) })
	run := want[pawl.RunRecord](h, 201, otto, "POST", "/api/v1/runs", `{"flow":"charge","input":{"holder":"Ada","number":"4111-1111","others":[{"holder":"Eve","number":"5222-2222"}]}}`)
	h.rest(run.ID)
	at := "/api/v1/runs/" + string(run.ID)
	b := want[pawl.RunRecord](h, 200, otto, "GET", at, nil).Blockers[0]
	if !strings.Contains(string(b.Proposal), `***`) {
		t.Fatalf("the proposal shows %s", b.Proposal)
	}
	for path, c := range map[string][2]string{
		"/decisions":  {`{"key":"allow","what":"approve","digest":"` + b.Digest + `","value":{"holder":"Bea","number":"***"}}`, "body.value.number"},
		"/rerun":      {`{"input":{"holder":"Bea","number":"***"}}`, "body.input.number"},
		"/rerun/plan": {`{"input":{"holder":"Bea","number":"***"}}`, "body.input.number"},
		"/rerun ":     {`{"input_patch":{"holder":"Bea","number":"***"}}`, "body.input_patch.number"},
		"/rerun  ":    {`{"input_patch":{"others":[{"holder":"Bea","number":"***"}]}}`, "body.input_patch.others[0].number"},
		"/fork":       {`{"at":"read","result":{"holder":"Bea","number":"***"}}`, "body.result.number"},
	} {
		p := want[server.Problem](h, 422, otto, "POST", at+strings.TrimSpace(path), c[0])
		if len(p.Errors) != 1 || p.Errors[0].Path != c[1] {
			t.Errorf("%s: %+v, wants a fault at %s", path, p.Errors, c[1])
		}
	}
	again := want[pawl.RunRecord](h, 201, otto, "POST", at+"/rerun", `{"input_patch":{"holder":"***","others":null}}`) // a name like any other
	h.rest(again.ID)
	rec, err := h.engine.Get(t.Context(), again.ID)
	if err != nil || string(rec.Input) != `{"holder":"***","number":"4111-1111"}` {
		t.Errorf("the input of the rerun is %s; %v", rec.Input, err)
	}
	want[pawl.RunRecord](h, 200, otto, "POST", at+"/decisions", `{"key":"allow","what":"approve","digest":"`+b.Digest+`","value":{"holder":"Bea","number":"4000"}}`)
}
