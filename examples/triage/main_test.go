package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

// market has n items, of which every 25th is doubtful from the first on.
func market(n int) (in Listing, doubtful []pawl.Key) {
	for i := range n {
		item := Item{ID: fmt.Sprintf("offer-%03d", i), Text: "a kettle"}
		if i%25 == 0 {
			item.Text = "a diploma, no questions asked"
			doubtful = append(doubtful, pawl.Key("items[="+item.ID+"]/look"))
		}
		in.Items = append(in.Items, item)
	}
	return in, doubtful
}

// rate is a model that finds only kettles harmless.
var rate = llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	rating := Rating{Score: 2, Why: "a fraud, perhaps"}
	if strings.Contains(req.Messages[len(req.Messages)-1].Text(), "kettle") {
		rating = Rating{Score: 9, Why: "a kettle"}
	}
	text, err := json.Marshal(rating)
	return llm.Response{Text: string(text)}, err
})

func TestTheRestIsNotHeldUp(t *testing.T) {
	in, doubtful := market(500)
	ran := pawltest.Run(t, Flow, in, rate)
	ran.Waits(doubtful...) // more of them than the Map has places
	if n := len(ran.Calls()); n != 500 {
		t.Errorf("%d of 500 offers are rated while %d wait", n, len(doubtful))
	}

	ran.Decide(pawl.Decision{Key: doubtful[0], What: pawl.DecideApprove, Who: "Ada"})
	ran.Waits(doubtful[1:]...)
	for _, key := range doubtful[1:] {
		ran.Reject(key, "a fraud")
	}
	ran.Done()
	published := 0
	for i, o := range ran.Out.Outcomes {
		if o.ID != in.Items[i].ID {
			t.Errorf("outcome %d is that of %s", i, o.ID)
		}
		if o.Published {
			published++
		}
	}
	if want := 500 - len(doubtful) + 1; published != want {
		t.Errorf("publishes %d, want %d", published, want)
	}
	if first := ran.Out.Outcomes[0]; first.By != "Ada" {
		t.Errorf("the first is decided by %q", first.By)
	}
}

func TestWhatThePersonSees(t *testing.T) {
	in, doubtful := market(1)
	ran := pawltest.Run(t, Flow, in, rate).Waits(doubtful...)
	if b := ran.Blocker(doubtful[0]); b.Who != "a moderator" || !strings.Contains(string(b.Proposal), "a fraud, perhaps") {
		t.Errorf("asks %s: %s", b.Who, b.Proposal)
	}
}

func TestABrokenRatingStopsItsBranchOnly(t *testing.T) {
	in, _ := market(3)
	in.Items = in.Items[1:]
	ran := pawltest.Run(t, Flow, in, pawltest.Script{
		"items[=offer-001]/rate": {Rating{Score: 11, Why: "!"}, "no", "no", Rating{Score: 9, Why: "a kettle"}},
		"items[=offer-002]/rate": {Rating{Score: 9, Why: "a kettle"}},
	})
	ran.Failed("items[=offer-001]/rate", pawl.ErrGate)
	ran.Retry("items[=offer-001]/rate").Done()
}

func TestTwoItemsOfOneName(t *testing.T) {
	in := Listing{Items: []Item{{ID: "1", Text: "a kettle"}, {ID: "1", Text: "a teapot"}}}
	pawltest.Run(t, Flow, in, rate).Failed("", pawl.ErrFlow, `items 0 and 1`)
}

func TestTheStandIn(t *testing.T) {
	in, _ := market(3)
	pawltest.Run(t, Flow, in, offline.Model{}).Done()
}
