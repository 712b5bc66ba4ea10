package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

//go:embed *.go
var files embed.FS

// Order is what a letter is about.
type Order struct {
	To     string `json:"to" jsonschema:"whom the letter is for" pawl:"len=1..80"`
	Tone   string `json:"tone" jsonschema:"how it sounds" pawl:"enum=plain|warm,default=plain"`
	Pages  int    `json:"pages" jsonschema:"how long it is" pawl:"min=1,max=9,default=1"`
	Urgent bool   `json:"urgent" jsonschema:"whether it is sent at once" pawl:"default=false"`
}

// Letter is what is approved, and may be edited.
type Letter struct {
	Subject string `json:"subject" pawl:"len=1..80"`
	Text    string `json:"text" pawl:"len=1.."`
	Copies  int    `json:"copies" pawl:"min=1,max=3"`
}

var letter = pawl.New("letter", "Write a letter and have it approved.", writeLetter, pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "chain", Visible: "the letter before it is sent", Why: "what is sent cannot be taken back"},
	pawl.Example(Order{To: "Ada", Tone: "warm", Pages: 2}))

func writeLetter(r *pawl.Run, in Order) (Letter, error) {
	plan := pawl.Ask(r, "plan", pawl.Messages[string]("Planning the letter", llm.User("Plan a letter to "+in.To+".")))
	text := pawl.Ask(r, "draft", pawl.Messages[string]("Writing the letter", llm.User(in.Tone+": "+plan)).
		Gate("at least 20 characters", func(s string) error {
			if len(s) < 20 {
				return fmt.Errorf("has %d characters", len(s))
			}
			return nil
		}))
	answer := pawl.Approve(r, "send", Letter{Subject: "To " + in.To, Text: text, Copies: 1}, "Send this letter?", pawl.Reasons("too long", "wrong tone"))
	if err := answer.Err(); err != nil {
		return Letter{}, err
	}
	return pawl.Do(r, "post", answer.Value, func(_ context.Context, l Letter) (Letter, error) { return l, nil }), nil
}

// Many says how many there are of something.
type Many struct {
	N     int  `json:"n" pawl:"min=1,max=20000,default=10"`
	Fails bool `json:"fails" pawl:"default=false"`
	Pause int  `json:"pause" jsonschema:"for how many milliseconds" pawl:"min=0,max=1000,default=20"`
}

// wide has as many steps as one wants, of which one may fail.
var wide = pawl.New("wide", "Do many things at once.", func(r *pawl.Run, in Many) (int, error) {
	items := make([]int, in.N)
	for i := range items {
		items[i] = i
	}
	done := pawl.Map(r, "items", items, func(r *pawl.Run, i int) (int, error) {
		return pawl.Do(r, "work", i, func(_ context.Context, i int) (int, error) {
			if in.Fails && i == in.N/2 {
				return 0, errors.New("this one does not work")
			}
			return i, nil
		}), nil
	}, pawl.Limit(64))
	return len(done), nil
}, pawl.Sources(files))

// ticking does one thing after the other, with a pause in each.
var ticking = pawl.New("ticking", "Do one thing after the other.", func(r *pawl.Run, in Many) (int, error) {
	for i := range in.N {
		pawl.Do(r, "tick", i, func(ctx context.Context, i int) (int, error) {
			select {
			case <-time.After(time.Duration(in.Pause) * time.Millisecond):
			case <-ctx.Done():
			}
			return i, ctx.Err()
		})
	}
	return in.N, nil
}, pawl.Sources(files))

// Nothing is an input without fields.
type Nothing struct{}

// hostile shows what no page should take for its own.
var hostile = pawl.New("hostile", "Show what no page should believe.", func(r *pawl.Run, _ Nothing) (string, error) {
	text := pawl.Ask(r, "hostile", pawl.Messages[string]("Asking for <b>something</b> hostile", llm.User("Be hostile.")))
	answer := pawl.Approve(r, "look", text, "Is <img src=x onerror=alert(1)> this fine?")
	return answer.Value, answer.Err()
}, pawl.Sources(files))

// broken fails at a gate that nothing passes.
var broken = pawl.New("broken", "Fail at a gate.", func(r *pawl.Run, _ Nothing) (string, error) {
	return pawl.Ask(r, "say", pawl.Messages[string]("Saying something", llm.User("Say something.")).
		Gate("is never good enough", func(string) error { return errors.New("is not good enough") })), nil
}, pawl.Sources(files))

// Parcel is what an errand carries. Its number is larger than a browser's numbers are exact.
type Parcel struct {
	To     string `json:"to" pawl:"len=1..40"`
	Number int64  `json:"number"`
}

var failed sync.Map // runs whose parcel has been dropped once

// errand comes to rest at each kind of blocker that a person lifts.
var errand = pawl.New("errand", "Carry a parcel.", func(r *pawl.Run, in Parcel) (Parcel, error) {
	id := r.ID("parcel")
	where := pawl.Input[string](r, "where", "Where does it go?")
	pawl.Do(r, "carry", where, func(context.Context, string) (string, error) {
		if _, before := failed.LoadOrStore(id, true); !before {
			return "", errors.New("the parcel was dropped")
		}
		return where, nil
	})
	for _, name := range []string{"thank", "greet"} {
		pawl.Ask(r, name, pawl.Messages[string]("Writing a line", llm.User(name)))
	}
	answer := pawl.Approve(r, "hand", in, "Hand it over?")
	return answer.Value, answer.Err()
}, pawl.Sources(files))

// Memo has fields that may be left out or be null, and one that no form knows.
type Memo struct {
	Text  string         `json:"text"`
	Extra string         `json:"extra,omitempty"`
	Sign  *string        `json:"sign"`
	Kind  string         `json:"kind,omitempty" pawl:"enum=short|long"`
	Marks map[string]int `json:"marks"`
}

// memo returns what it was given.
var memo = pawl.New("memo", "Keep a memo.", func(r *pawl.Run, in Memo) (Memo, error) { return in, nil }, pawl.Sources(files))
