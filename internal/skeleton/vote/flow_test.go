package main

import (
	"testing"

	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	input = Input{Message: "Win a boat!"}
	yes   = Opinion{Reason: "it shouts", Spam: true}
	no    = Opinion{Reason: "boats are nice"}
)

// The script is what the model says at each step.
func TestTheMajority(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{
		"votes[0]/is-spam": {yes}, "votes[1]/is-spam": {no}, "votes[2]/is-spam": {yes},
	}).Done()
	if ran.Out != (Output{"spam", 2, 3}) {
		t.Errorf("ends with %+v", ran.Out)
	}
}

func TestWanted(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{
		"votes[0]/is-spam": {no}, "votes[1]/is-spam": {no}, "votes[2]/is-spam": {no},
	}).Done()
	if ran.Out != (Output{"wanted", 3, 3}) {
		t.Errorf("ends with %+v", ran.Out)
	}
}

// The stand-in for a model answers without a network.
func TestOffline(t *testing.T) {
	pawltest.Run(t, Flow, input, offline.Model{}).Done()
}
