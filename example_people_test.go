package pawl_test

import (
	"context"
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
)

// Letter is what is to be sent.
type Letter struct {
	To   string `json:"to"`
	Text string `json:"text"`
}

// A person approves a proposal, edits it or turns it down. The run takes no memory
// meanwhile, and any process goes on with it.
func ExampleApprove() {
	flow := pawl.New("send", "Send a letter.", func(r *pawl.Run, in Letter) (string, error) {
		a := pawl.Approve(r, "send", in, "Send this letter?", pawl.Who("the desk"), pawl.NotBy(r.Who()),
			pawl.Reasons("drop", "revise"), pawl.RejectAfter(48*time.Hour))
		if err := a.Err(); err != nil {
			return "", err // the run ends as canceled
		}
		return "sent: " + a.Value.Text, nil
	})

	ctx := context.Background()
	engine := newEngine(nil)
	defer engine.Close(ctx)
	h, err := pawl.Start(ctx, engine, flow, Letter{"Ada", "Dear Ada"}, &pawl.StartOptions{Who: "ben"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = h.Result(ctx)
	fmt.Println(pawl.AsError(err, "").Message)
	err = engine.Decide(ctx, h.ID(), pawl.Decision{Key: "send", What: pawl.DecideApprove, Who: "ben"})
	fmt.Println(err)
	err = engine.Decide(ctx, h.ID(), pawl.Decision{Key: "send", What: pawl.DecideApprove, Who: "cleo", Value: []byte(`{"to":"Ada","text":"Dear Dr Ada"}`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(h.Result(ctx))

	// Output:
	// waits for a person: Send this letter?
	// step "send": ben may not decide it, the flow wants somebody else to
	// sent: Dear Dr Ada <nil>
}

// A person answers; what they need to see is shown. Here nobody does in time.
func ExampleInput() {
	flow := pawl.New("triage", "Sort a message by hand.", func(r *pawl.Run, in Mail) (Kind, error) {
		route := pawl.Input[Route](r, "triage", "Where does it belong?", pawl.Shown(in),
			pawl.AnswerAfter(time.Millisecond, Route{"other"}))
		return route.Kind, nil
	})
	play(flow, Mail{"My kettle leaks."}, nil)

	// Output:
	// other
}

// An hour passes for the run whether a process is there or not.
func ExampleSleep() {
	flow := pawl.New("wait", "Wait a little.", func(r *pawl.Run, in Mail) (bool, error) {
		before := r.Now()
		pawl.Sleep(r, "pause", 5*time.Millisecond)
		return r.Now().Sub(before) >= 5*time.Millisecond, nil
	})
	play(flow, Mail{}, nil)

	// Output:
	// true
}
