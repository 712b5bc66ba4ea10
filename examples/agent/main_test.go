package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	question = Question{Question: "What do 3 kettles cost, sent to Rome?"}
	price    = Move{Action: Price, Item: "kettle"}
	end      = Move{Action: Answer, Answer: "126 euros"}
)

func TestToolsAndAnswer(t *testing.T) {
	ran := pawltest.Run(t, Flow, question, pawltest.Script{
		"turn":   {price},
		"turn#2": {Move{Action: Postage, City: "Rome"}},
		"turn#3": {end},
	}).Done()
	if ran.Out != "126 euros" {
		t.Errorf("answers %q", ran.Out)
	}
	if got := conversation(ran.Requests("turn#3")[0]); !strings.HasSuffix(got, `
user: What do 3 kettles cost, sent to Rome?
assistant: {"action":"price","item":"kettle","city":"","answer":""}
user: 40 euros
assistant: {"action":"postage","item":"","city":"Rome","answer":""}
user: 6 euros
`) {
		t.Errorf("the last turn sees:\n%s", got)
	}
}

func conversation(req llm.Request) string {
	var b strings.Builder
	for _, m := range req.Messages {
		fmt.Fprintf(&b, "%s: %s\n", m.Role, m.Text())
	}
	return b.String()
}

func TestAToolsErrorGoesToTheModel(t *testing.T) {
	ran := pawltest.Run(t, Flow, question, pawltest.Script{
		"turn":   {Move{Action: Stock, Item: "kettles"}},
		"turn#2": {end},
	}).Done()
	if got := conversation(ran.Requests("turn#2")[0]); !strings.Contains(got, "error: no such item; there are kettle, teapot\n") {
		t.Errorf("the model sees:\n%s", got)
	}
}

func TestNoSuchTool(t *testing.T) {
	ran := pawltest.Run(t, Flow, question, pawltest.Script{"turn": {Move{Action: "steal", Item: "kettle"}, end}}).Done()
	ran.RejectedOnlyBy("turn", "schema", "action", "steal")
}

func TestAToolNeedsItsArgument(t *testing.T) {
	ran := pawltest.Run(t, Flow, question, pawltest.Script{"turn": {Move{Action: Postage, Item: "Rome"}, end}}).Done()
	ran.RejectedOnlyBy("turn", "type", "postage")
}

func TestEightTurnsAreEnough(t *testing.T) {
	script := pawltest.Script{"turn": {price}}
	for n := 2; n <= turns; n++ {
		script[pawl.Key(fmt.Sprintf("turn#%d", n))] = []any{price}
	}
	ran := pawltest.Run(t, Flow, question, script)
	ran.Failed("", pawl.ErrFlow, "no answer in 8 turns")
	if !ran.Ended() {
		t.Error("the run could be resumed")
	}
}
