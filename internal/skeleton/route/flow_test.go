package main

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pattern"
	"github.com/pawlrun/pawl/pawltest"
)

var input = Input{Message: "The kettle leaks."}

func choice(d Desk, confidence float64) pattern.Choice[Desk] {
	return pattern.Choice[Desk]{Reason: "it says so", Route: d, Confidence: confidence}
}

// The script is what the model says at each step.
func TestEachDesk(t *testing.T) {
	for _, desk := range []Desk{billing, technical} {
		ran := pawltest.Run(t, Flow, input, pawltest.Script{
			"route": {choice(desk, 0.9)}, pawl.Key(desk): {"We see to it."},
		}).Done()
		if ran.Out != (Output{string(desk), "We see to it."}) {
			t.Errorf("ends with %+v", ran.Out)
		}
	}
}

// What the model is not sure about waits for a person.
func TestNotSure(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{"route": {choice(billing, 0.4)}}).Waits("person")
	ran.Answer("person", "Send it back.").Done()
	if ran.Out != (Output{string(person), "Send it back."}) {
		t.Errorf("ends with %+v", ran.Out)
	}
}

// The stand-in for a model answers without a network.
func TestOffline(t *testing.T) {
	pawltest.Run(t, Flow, input, offline.Model{}).Done()
}
