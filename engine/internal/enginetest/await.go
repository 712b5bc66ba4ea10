package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

// Payment is an event.
type Payment struct {
	Amount int `json:"amount" pawl:"min=1"`
}

// Validate refuses amounts that a schema lets through.
func (p Payment) Validate() error {
	if p.Amount == 13 {
		return errors.New("amount: is unlucky")
	}
	return nil
}

// order registers a payment, has a person look if it is to, and awaits the payment.
func order(looks bool, await func(r *pawl.Run) (Payment, error)) pawl.Flow {
	return pawl.New("order", "Sells something.", func(r *pawl.Run, in Topic) (string, error) {
		pawl.Do(r, "register", r.Callback("paid"), func(_ context.Context, address string) (string, error) { return address, nil })
		if looks {
			pawl.Approve(r, "look", "x", "Sell it?")
		}
		p, err := await(r)
		pawl.Approve(r, "ship", fmt.Sprint(p.Amount, err), "Ship it?")
		return fmt.Sprint(p.Amount, err), nil
	})
}

func awaits(opts ...pawl.AwaitOption) func(r *pawl.Run) (Payment, error) {
	return func(r *pawl.Run) (Payment, error) { return pawl.Await[Payment](r, "paid", opts...), nil }
}

func triesToAwait(opts ...pawl.AwaitOption) func(r *pawl.Run) (Payment, error) {
	return func(r *pawl.Run) (Payment, error) { return pawl.TryAwait[Payment](r, "paid", opts...) }
}

// addressIn returns the address that a flow has registered.
func addressIn(t *testing.T, rec pawl.RunRecord) (address string) {
	t.Helper()
	if err := json.Unmarshal(rec.Steps[0].Output, &address); err != nil {
		t.Fatal(err)
	}
	return address
}

func deliver(t *testing.T, e pawl.Engine, address, delivery, value string) {
	t.Helper()
	if err := e.Deliver(t.Context(), address, delivery, json.RawMessage(value)); err != nil {
		t.Fatal(err)
	}
}

// openKinds are the kinds and keys of what stands in a run's way.
func openKinds(rec pawl.RunRecord) string {
	var all []string
	for _, b := range rec.Blockers {
		all = append(all, fmt.Sprintf("%s:%s", b.Kind, b.Key))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// ship ends an order, and checks what came of the payment.
func ship(t *testing.T, e pawl.Engine, id pawl.RunID, want string) {
	t.Helper()
	if rec := Follow(t, e, id); openKinds(rec) != "approval:ship" {
		t.Fatalf("run is %s (%s), open are %s", rec.Status, rec.Reason, openKinds(rec))
	}
	Decide(t, e, id, pawl.Decision{Key: "ship", What: pawl.DecideApprove})
	if rec := Follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != want {
		t.Errorf("run is %s (%s), %s, wants %s", rec.Status, rec.Reason, rec.Output, want)
	}
}

// An event is awaited by no person: the run waits, and no inbox shows it.
func awaitDelivered(t *testing.T, open store) {
	e := open(&Script{})
	rec := Finish(t, e, order(false, awaits()))
	address := addressIn(t, rec)
	if rec.Status != pawl.StatusWaiting || rec.Reason != "Waiting for paid" || openKinds(rec) != "event:paid" || rec.Blockers[0].Deadline != nil {
		t.Fatalf("run is %s (%s), open are %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	if s := rec.Steps[1]; s.Kind != pawl.KindAwait || s.Boundary != pawl.BoundaryCode || s.Status != pawl.StepWaiting {
		t.Errorf("step %+v", s)
	}
	if inbox, err := e.Inbox(t.Context(), pawl.RunFilter{}); err != nil || len(inbox) != 0 {
		t.Errorf("inbox %+v, %v", inbox, err)
	}
	send := func(address, delivery, value string) error {
		return e.Deliver(t.Context(), address, delivery, json.RawMessage(value))
	}
	for _, bad := range []string{"", "x", string(rec.ID), address + "x", address[:len(address)-8] + "AAAAAAAA", strings.Replace(address, string(rec.ID), "000000000000", 1)} {
		Refused(t, send(bad, "1", `{"amount":7}`), pawl.ErrNotFound, "no step has this callback address")
	}
	for value, says := range ordered(map[string]string{`{"amount":0}`: "amount: is 0", `{"amount":13}`: "is unlucky", `{"sum":1}`: "amount: is missing", `nonsense`: "not JSON",
		`"` + strings.Repeat("x", 1<<20) + `"`: "at most 1048576"}) {
		Refused(t, send(address, "1", value), pawl.ErrInput, says)
	}
	Refused(t, send(address, "", `{"amount":7}`), pawl.ErrInput, "the id of a delivery")
	Refused(t, send(address, strings.Repeat("x", 201), `{"amount":7}`), pawl.ErrInput, "the id of a delivery")
	if rec = Follow(t, e, rec.ID); openKinds(rec) != "event:paid" || len(rec.Decisions) != 0 {
		t.Errorf("refused events changed something: open are %s, %+v", openKinds(rec), rec.Decisions)
	}
	deliver(t, e, address, "1", `{"amount":7}`) // what was refused is not known
	deliver(t, e, address, "1", `{"amount":8}`)
	Refused(t, send(address, "2", `{"amount":8}`), pawl.ErrConflict, "answer by delivery 1 at ")
	rec = Follow(t, e, rec.ID)
	if d := rec.Decisions; len(d) != 1 || d[0].Delivery != "1" || d[0].Waits || d[0].Unused || string(d[0].Value) != `{"amount":7}` {
		t.Errorf("decisions %+v", d)
	}
	ship(t, e, rec.ID, `"7 <nil>"`)
	deliver(t, e, address, "1", `{"amount":7}`)
	Refused(t, send(address, "2", `{"amount":7}`), pawl.ErrConflict, "is done")
}

// A person may answer in the program's place.
func awaitAnswered(t *testing.T, open store) {
	e := open(&Script{})
	rec := Finish(t, e, order(false, awaits()))
	answer := pawl.Decision{Key: "paid", What: pawl.DecideAnswer, Value: json.RawMessage(`{"amount":13}`)}
	Refused(t, e.Decide(t.Context(), rec.ID, answer), pawl.ErrInput, "is unlucky")
	answer.Value = json.RawMessage(`{"amount":7}`)
	Decide(t, e, rec.ID, answer)
	Refused(t, e.Deliver(t.Context(), addressIn(t, rec), "1", json.RawMessage(`{"amount":7}`)), pawl.ErrConflict, "answer by anna at ")
	ship(t, e, rec.ID, `"7 <nil>"`)
}

// What comes before it is awaited is kept, once for each delivery, and the first that
// fits is taken. The run stays as it is meanwhile, also if it is paused.
func awaitEarly(t *testing.T, open store) {
	e := open(&Script{})
	f := order(true, awaits())
	rec := Finish(t, e, f)
	before := rec.Blockers[0]
	address := addressIn(t, rec)
	deliver(t, e, address, "0", `{"amount":13}`)
	deliver(t, e, address, "1", `{"amount":7}`)
	deliver(t, e, address, "1", `{"amount":8}`)
	deliver(t, e, address, "2", `{"amount":9}`)
	rec = Follow(t, e, rec.ID)
	if rec.Status != pawl.StatusWaiting || rec.Reason != "Sell it?" || len(rec.Blockers) != 1 || rec.Blockers[0].Since != before.Since || len(rec.Decisions) != 3 || !rec.Decisions[2].Waits {
		t.Fatalf("run is %s (%s), decisions %+v", rec.Status, rec.Reason, rec.Decisions)
	}
	Decide(t, e, rec.ID, pawl.Decision{Key: "look", What: pawl.DecideApprove})
	deliver(t, e, address, "2", `{"amount":9}`)
	ship(t, e, rec.ID, `"7 <nil>"`)
	rec = Status(t, e, rec.ID)
	for i, unused := range []bool{true, false, true} {
		if d := rec.Decisions[i]; d.Waits || d.Unused != unused || d.Delivery != fmt.Sprint(i) {
			t.Errorf("decision %+v, wants that it is unused: %v", d, unused)
		}
	}

	rec = Finish(t, e, f) // one that does not fit alone
	deliver(t, e, addressIn(t, rec), "0", `{"amount":13}`)
	Decide(t, e, rec.ID, pawl.Decision{Key: "look", What: pawl.DecideApprove})
	if rec = Follow(t, e, rec.ID); openKinds(rec) != "event:paid" {
		t.Fatalf("run is %s (%s), open are %s", rec.Status, rec.Reason, openKinds(rec))
	}
	deliver(t, e, addressIn(t, rec), "0", `{"amount":7}`) // it has come before
	deliver(t, e, addressIn(t, rec), "1", `{"amount":7}`)
	ship(t, e, rec.ID, `"7 <nil>"`)

	rec = Finish(t, e, f) // nobody takes them
	for i := range 16 {
		deliver(t, e, addressIn(t, rec), fmt.Sprint(i), `{"amount":13}`)
	}
	Refused(t, e.Deliver(t.Context(), addressIn(t, rec), "16", json.RawMessage(`{"amount":7}`)), pawl.ErrConflict, "16 events were delivered")
	Direct(t, e, rec.ID, pawl.Directive{What: pawl.DirectCancel})
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusCanceled || len(rec.Decisions) != 16 || !rec.Decisions[15].Unused || rec.Decisions[15].Waits {
		t.Errorf("run is %s, decisions %+v", rec.Status, rec.Decisions)
	}
}

// An event that does not come in time is a value with a Try, and otherwise a failure: to
// retry it is to wait once more.
func awaitExpired(t *testing.T, open store) {
	e := open(&Script{})
	const late = `"0 no event came for step \"paid\" in 4s"`
	rec := Finish(t, e, order(false, triesToAwait(pawl.For(4*time.Second))))
	address := addressIn(t, rec)
	if d := rec.Blockers[0].Deadline; d == nil || !d.Equal(rec.Blockers[0].Since.Add(4*time.Second)) {
		t.Errorf("the event is awaited until %v", d)
	}
	pass(5 * time.Second)
	rec = Follow(t, e, rec.ID)
	if s := rec.Steps[1]; s.Status != pawl.StepFailed {
		t.Errorf("step %+v", s)
	}
	Refused(t, e.Deliver(t.Context(), address, "1", json.RawMessage(`{"amount":7}`)), pawl.ErrConflict, "waits no longer")
	ship(t, e, rec.ID, late)

	f := order(false, awaits(pawl.For(4*time.Second)))
	stands := func() pawl.RunRecord {
		t.Helper()
		rec := Finish(t, e, f)
		pass(5 * time.Second)
		if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusFailed || openKinds(rec) != "failure:paid" || rec.Error.Kind != pawl.ErrExpired {
			t.Fatalf("run is %s (%s), open are %s, %+v", rec.Status, rec.Reason, openKinds(rec), rec.Error)
		}
		return rec
	}
	rec = stands()
	for _, again := range []func(){
		func() { Resume(t, e, rec.ID) },
		func() { Decide(t, e, rec.ID, pawl.Decision{Key: "paid", What: pawl.DecideRetry}) },
	} {
		again()
		pass(time.Second)
		if rec = Status(t, e, rec.ID); rec.Status != pawl.StatusWaiting || openKinds(rec) != "event:paid" {
			t.Fatalf("run is %s (%s), open are %s", rec.Status, rec.Reason, openKinds(rec))
		}
		pass(4 * time.Second)
		if rec = Follow(t, e, rec.ID); openKinds(rec) != "failure:paid" {
			t.Fatalf("run is %s (%s), open are %s", rec.Status, rec.Reason, openKinds(rec))
		}
	}
	Decide(t, e, rec.ID, pawl.Decision{Key: "paid", What: pawl.DecideSupply, Value: json.RawMessage(`{"amount":7}`)})
	ship(t, e, rec.ID, `"7 <nil>"`)

	rec = stands() // the event that comes now is taken by whoever retries
	deliver(t, e, addressIn(t, rec), "1", `{"amount":7}`)
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusFailed || openKinds(rec) != "failure:paid" {
		t.Fatalf("run is %s (%s), open are %s", rec.Status, rec.Reason, openKinds(rec))
	}
	Resume(t, e, rec.ID)
	ship(t, e, rec.ID, `"7 <nil>"`)
}

// An expired event in a branch of a TryMap ends that branch, with its key.
func awaitInBranches(t *testing.T, open store) {
	f := pawl.New("orders", "Sells two things.", func(r *pawl.Run, in Topic) (string, error) {
		said := ""
		for _, res := range pawl.TryMap(r, "items", []string{"a", "b"}, func(r *pawl.Run, item string) (int, error) {
			pawl.Do(r, "register", r.Callback("paid"), func(_ context.Context, address string) (string, error) { return address, nil })
			return pawl.Await[Payment](r, "paid", pawl.For(6*time.Second)).Amount, nil
		}) {
			said += fmt.Sprint(res.Value, errors.Is(res.Err, pawl.ErrExpired), " ")
		}
		return said, nil
	})
	e := open(&Script{})
	rec := Finish(t, e, f)
	if openKinds(rec) != "event:items[0]/paid event:items[1]/paid" {
		t.Fatalf("run is %s (%s), open are %s", rec.Status, rec.Reason, openKinds(rec))
	}
	for _, s := range rec.Steps {
		var address string
		if s.Key == "items[1]/register" && json.Unmarshal(s.Output, &address) == nil {
			deliver(t, e, address, "1", `{"amount":7}`)
		}
	}
	pass(7 * time.Second)
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusDone || string(rec.Output) != `"0 true 7 false "` {
		t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
	}
}

// Events outlive the engine: those that are kept, which have come, and when it is too late.
func awaitReopened(t *testing.T, open store) {
	f := order(true, triesToAwait(pawl.For(24*time.Hour)))
	e := open(&Script{})
	kept, waits := Finish(t, e, f), Finish(t, e, f)
	late := Finish(t, e, f)
	deliver(t, e, addressIn(t, kept), "1", `{"amount":7}`)
	for _, rec := range []pawl.RunRecord{waits, late} {
		Decide(t, e, rec.ID, pawl.Decision{Key: "look", What: pawl.DecideApprove})
		Follow(t, e, rec.ID)
	}
	reopen := func() {
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		e = open(&Script{}, f)
	}
	reopen()
	deliver(t, e, addressIn(t, kept), "1", `{"amount":8}`)
	Decide(t, e, kept.ID, pawl.Decision{Key: "look", What: pawl.DecideApprove})
	deliver(t, e, addressIn(t, waits), "1", `{"amount":7}`)
	reopen()
	for _, rec := range []pawl.RunRecord{kept, waits} {
		deliver(t, e, addressIn(t, rec), "1", `{"amount":8}`)
		ship(t, e, rec.ID, `"7 <nil>"`)
	}
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	pass(25 * time.Hour)
	e = open(&Script{}, f)
	Refused(t, e.Deliver(t.Context(), addressIn(t, late), "1", json.RawMessage(`{"amount":7}`)), pawl.ErrConflict, "waits no longer")
	ship(t, e, late.ID, `"0 no event came for step \"paid\" in 24h0m0s"`)
}
