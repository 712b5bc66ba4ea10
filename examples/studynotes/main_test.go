package main

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	text  = Text{Text: "The tides follow the moon."}
	sea   = Topic{Name: "Sea", Focus: "how it rises"}
	moon  = Topic{Name: "The moon", Focus: "how it pulls"}
	tides = Plan{Title: "Tides", Topics: []Topic{moon, sea}}
)

func script() pawltest.Script {
	return pawltest.Script{
		"plan":                     {tides},
		"topics[=the%20moon]/note": {Points{Points: []string{"It pulls."}}},
		"topics[=sea]/note":        {Points{Points: []string{"It rises.", "It falls."}}},
		"join":                     {Joined{Summary: "All is pull.", Questions: []string{"Who pulls?", "What rises?"}}},
	}
}

func TestNotes(t *testing.T) {
	ran := pawltest.Run(t, Flow, text, script()).Done()
	want := `# Tides

All is pull.

## The moon

- It pulls.

## Sea

- It rises.
- It falls.

## Test yourself

1. Who pulls?
2. What rises?
`
	if got := ran.Out.Markdown(); got != want {
		t.Errorf("writes\n%s\nwant\n%s", got, want)
	}
	if asked := ran.Asked("join"); !strings.Contains(asked, "Topic: Sea\n- It rises.\n- It falls.\n") {
		t.Errorf("the editor sees:\n%s", asked)
	}
}

func TestATopicTwice(t *testing.T) {
	s := script()
	s["plan"] = []any{Plan{Title: "Tides", Topics: []Topic{sea, {Name: "SEA", Focus: "the same"}}}, tides}
	pawltest.Run(t, Flow, text, s).Done().RejectedOnlyBy("plan", "type", "topics[1].name")
}

func TestTooFewTopics(t *testing.T) {
	s := script()
	s["plan"] = []any{Plan{Title: "Tides", Topics: []Topic{sea}}, tides}
	pawltest.Run(t, Flow, text, s).Done().RejectedOnlyBy("plan", "schema", "topics")
}

func TestOneWorkerFails(t *testing.T) {
	s := script()
	s["topics[=the%20moon]/note"] = append([]any{&llm.Error{Kind: llm.Auth, Message: "wrong key"}}, s["topics[=the%20moon]/note"]...)
	ran := pawltest.Run(t, Flow, text, s)
	ran.Failed("topics[=the%20moon]/note", pawl.ErrorKind(llm.Auth))
	ran.Resume().Done() // the notes on the sea are there already
	if n := len(ran.Requests("topics[=sea]/note")); n != 1 {
		t.Errorf("asked %d times for the notes on the sea", n)
	}
}

func TestTheStandIn(t *testing.T) {
	pawltest.Run(t, Flow, text, offline.Model{}).Done()
}
