package main

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	input = Input{Topic: "the tides"}
	plan  = Plan{Title: "The tides", Sections: []string{"the moon", "the sun"}}
)

func script() pawltest.Script {
	return pawltest.Script{
		"plan": {plan}, "parts[0]/write": {"It pulls."}, "parts[1]/write": {"It pulls, too."}, "join": {"Both pull."},
	}
}

// The script is what the model says at each step.
func TestWrites(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, script()).Done()
	if ran.Out != (Output{"The tides", "Both pull."}) {
		t.Errorf("ends with %+v", ran.Out)
	}
	if asked := ran.Asked("join"); !strings.Contains(asked, "It pulls.") || !strings.Contains(asked, "It pulls, too.") {
		t.Errorf("the sections are missing where they are joined:\n%s", asked)
	}
}

// A plan is paid for section by section, so that their number is a gate.
func TestTheGateOfThePlan(t *testing.T) {
	s := script()
	s["plan"] = []any{Plan{Title: "The tides", Sections: []string{"all"}}, plan}
	if n := len(pawltest.Run(t, Flow, input, s).Done().Step("plan").Attempts); n != 2 {
		t.Errorf("a plan of one section was taken, after %d attempts", n)
	}
}

// The stand-in for a model answers without a network.
func TestOffline(t *testing.T) {
	pawltest.Run(t, Flow, input, offline.Model{}).Done()
}
