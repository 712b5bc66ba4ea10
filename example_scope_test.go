package pawl_test

import (
	"fmt"

	"github.com/pawlrun/pawl"
)

// Mails are many messages.
type Mails struct {
	Mails []Named `json:"mails" pawl:"items=1..100"`
}

// Named is a message with a name of its own.
type Named struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Items go side by side, and each has its steps under its own key. With By that is what
// an item is, not where it stands: items may come and go while a run stands still.
func ExampleMap() {
	flow := pawl.New("sort", "Sort messages.", func(r *pawl.Run, in Mails) ([]Kind, error) {
		kinds := pawl.Map(r, "mails", in.Mails, func(r *pawl.Run, m Named) (Kind, error) {
			return pawl.Ask(r, "route", routeP.With(Mail{m.Text})).Kind, nil
		}, pawl.By(func(m Named) string { return m.ID }), pawl.Limit(8))
		return kinds, nil
	})
	play(flow, Mails{[]Named{{"m1", "Where is my money?"}, {"m2", "Lovely kettle!"}}}, says{
		"mails[=m1]/route": {`{"kind":"refund"}`}, "mails[=m2]/route": {`{"kind":"praise"}`},
	})

	// Output:
	// [refund praise]
}

// Each item has a result or what went wrong with it.
func ExampleTryMap() {
	flow := pawl.New("sort", "Sort messages.", func(r *pawl.Run, in Mails) (string, error) {
		sorted, left := 0, 0
		for _, res := range pawl.TryMap(r, "mails", in.Mails, func(r *pawl.Run, m Named) (Route, error) {
			return pawl.Ask(r, "route", routeP.With(Mail{m.Text})), nil
		}) {
			if res.Err != nil {
				left++
			} else {
				sorted++
			}
		}
		return fmt.Sprintf("%d sorted, %d left", sorted, left), nil
	})
	play(flow, Mails{[]Named{{"m1", "Where is my money?"}, {"m2", "…"}}}, says{"mails[0]/route": {`{"kind":"refund"}`}})

	// Output:
	// 1 sorted, 1 left
}

// Branches have names, and may set variables of the flow: only one of them executes at a
// time between their steps.
func ExampleParallel() {
	flow := pawl.New("both", "Sort a message twice.", func(r *pawl.Run, in Mail) (bool, error) {
		var first, second Route
		pawl.Parallel(r, "sort",
			pawl.Go("first", func(r *pawl.Run) error { first = pawl.Ask(r, "route", routeP.With(in)); return nil }),
			pawl.Go("second", func(r *pawl.Run) error { second = pawl.Ask(r, "route", routeP.With(in)); return nil }),
		)
		return first == second, nil
	})
	play(flow, Mail{"Lovely kettle!"}, says{"sort/first/route": {`{"kind":"praise"}`}, "sort/second/route": {`{"kind":"other"}`}})

	// Output:
	// false
}

var sortFlow = pawl.New("sort", "Sort a message.", func(r *pawl.Run, in Mail) (Kind, error) {
	return pawl.Ask(r, "route", routeP.With(in)).Kind, nil
}, pawl.Prompts(routeP))

// A flow is called like a function; its steps are steps of the run.
func ExampleCall() {
	flow := pawl.New("reply", "Answer a message.", func(r *pawl.Run, in Mail) (string, error) {
		if pawl.Call(r, "sort", sortFlow, in) == "refund" {
			return "We are sorry.", nil
		}
		return "Thank you.", nil
	})
	play(flow, Mail{"Where is my money?"}, says{"sort/route": {`{"kind":"refund"}`}})

	// Output:
	// We are sorry.
}

// What the called flow returns as an error is a value, and so is a step of it that fails.
func ExampleTryCall() {
	flow := pawl.New("reply", "Answer a message.", func(r *pawl.Run, in Mail) (string, error) {
		kind, err := pawl.TryCall(r, "sort", sortFlow, in)
		if err != nil {
			return "A person will answer you.", nil
		}
		return "This is about: " + string(kind), nil
	})
	play(flow, Mail{"…"}, says{})

	// Output:
	// A person will answer you.
}
