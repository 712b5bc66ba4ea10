package main

import (
	"testing"

	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pattern"
	"github.com/pawlrun/pawl/pawltest"
)

var input = Input{Question: "What shall I invest in?"}

// The script is what the model says at each step.
func TestAnswered(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{
		"reply/answer/write": {"In a boat."}, "reply/policy/check": {pattern.Verdict{Reason: "it is harmless", Pass: true}},
	}).Done()
	if ran.Out.Answer != "In a boat." || len(ran.Out.Refused) != 0 {
		t.Errorf("ends with %+v", ran.Out)
	}
}

func TestHeldBack(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{
		"reply/answer/write": {"In a boat."}, "reply/policy/check": {pattern.Verdict{Reason: "we give no such advice"}},
	}).Done()
	if ran.Out.Answer != "I cannot answer that." || ran.Out.Refused[0].Reason != "we give no such advice" {
		t.Errorf("ends with %+v", ran.Out)
	}
}

// The stand-in for a model answers without a network.
func TestOffline(t *testing.T) {
	pawltest.Run(t, Flow, input, offline.Model{}).Done()
}
