package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// The matrix of people in the loop: every place x every kind x every way, and
// what can come between.

// Office is the world of the matrix: a model that counts its calls by run, and
// fails the first call of a question that says so, and doors that runs wait at.
type Office struct {
	mu    sync.Mutex
	calls map[string]int // by run and key
	doors map[string]chan struct{}
}

func NewOffice() *Office { return &Office{calls: map[string]int{}, doors: map[string]chan struct{}{}} }

func (o *Office) Generate(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	id := req.Meta.Run + "/" + req.Meta.Key
	o.calls[id]++
	if o.calls[id] == 1 && strings.HasPrefix(req.Messages[0].Text(), "fail") {
		return llm.Response{}, &llm.Error{Kind: llm.Refused, Message: "no"}
	}
	return llm.Response{Text: "answer of " + req.Meta.Key}, nil
}

// door is what a run waits at until it is opened.
func (o *Office) Door(run string) chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.doors[run] == nil {
		o.doors[run] = make(chan struct{})
	}
	return o.doors[run]
}

func (o *Office) Called(id pawl.RunID, key pawl.Key) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.calls[string(id)+"/"+string(key)]
}

// Blocking is a sort of blocker, and how it is lifted.
type Blocking struct {
	Name  string
	Kind  pawl.BlockerKind
	Ask   func(r *pawl.Run, name, title string) string // what a run stands still at
	Lift  func(key pawl.Key) pawl.Decision
	Got   func(key pawl.Key) string // what flow code gets of it
	Calls int                       // of a model at its key
	Bad   map[string]string         // values that are not accepted, and what the refusal names
}

func Titled(key pawl.Key) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"title":%q,"words":7}`, key))
}

var badPosts = map[string]string{
	`{"title":"","words":3}`: "title", `{"title":"T","words":"3"}`: "words", `{"title":"T","words":-1}`: "words: is negative", `{"title":"T","words":1,"x":2}`: "x",
}

var Blockings = []Blocking{
	{
		Name: "approval", Kind: pawl.BlockerApproval,
		Ask: func(r *pawl.Run, name, title string) string {
			a := pawl.Approve(r, name, Post{Title: title, Words: 1}, "Publish it?")
			return fmt.Sprintf("%v %s %v", a.Approved, a.Value.Title, a.Edited)
		},
		Lift: func(key pawl.Key) pawl.Decision {
			return pawl.Decision{Key: key, What: pawl.DecideApprove, Value: Titled(key)}
		},
		Got: func(key pawl.Key) string { return fmt.Sprintf("true %s true", key) },
		Bad: badPosts,
	}, {
		Name: "input", Kind: pawl.BlockerInput,
		Ask: func(r *pawl.Run, name, title string) string {
			return pawl.Input[Post](r, name, "Which post after "+title+"?").Title
		},
		Lift: func(key pawl.Key) pawl.Decision {
			return pawl.Decision{Key: key, What: pawl.DecideAnswer, Value: Titled(key)}
		},
		Got: func(key pawl.Key) string { return string(key) },
		Bad: badPosts,
	}, {
		Name: "retry", Kind: pawl.BlockerFailure,
		Ask: func(r *pawl.Run, name, title string) string {
			return pawl.Ask(r, name, Text("fail "+title).Gate("brief", brief))
		},
		Lift:  func(key pawl.Key) pawl.Decision { return pawl.Decision{Key: key, What: pawl.DecideRetry} },
		Got:   func(key pawl.Key) string { return "answer of " + string(key) },
		Calls: 2,
	}, {
		Name: "supply", Kind: pawl.BlockerFailure,
		Ask: func(r *pawl.Run, name, title string) string {
			return pawl.Ask(r, name, Text("fail "+title).Gate("brief", brief))
		},
		Lift: func(key pawl.Key) pawl.Decision {
			return pawl.Decision{Key: key, What: pawl.DecideSupply, Value: json.RawMessage(fmt.Sprintf("%q", "mine of "+key))}
		},
		Got:   func(key pawl.Key) string { return "mine of " + string(key) },
		Calls: 1,
		Bad:   map[string]string{`3`: "not a text", `"this is much longer than what anybody would want to have here, or at all"`: "is long"},
	}, {
		Name: "breakpoint", Kind: pawl.BlockerBreakpoint,
		Ask:   func(r *pawl.Run, name, title string) string { return pawl.Ask(r, name, Text("ask "+title)) },
		Lift:  func(key pawl.Key) pawl.Decision { return pawl.Decision{Key: key, What: pawl.DecideContinue} },
		Got:   func(key pawl.Key) string { return "answer of " + string(key) },
		Calls: 1,
	},
}

func brief(s string) error {
	if len(s) > 60 {
		return errors.New("is long")
	}
	return nil
}

func (o *Office) CallsOf(id pawl.RunID) (all []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for call := range o.calls {
		if strings.HasPrefix(call, string(id)+"/") {
			all = append(all, call)
		}
	}
	return all
}
