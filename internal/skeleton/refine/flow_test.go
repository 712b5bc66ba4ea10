package main

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	input    = Input{Topic: "the tides", MaxRevisions: 1}
	approved = Review{Issues: []string{}, Score: 0.9, Approved: true}
	denied   = Review{Issues: []string{"Name the moon."}, Score: 0.3}
)

// The script is what the model says at each step.
func TestRevised(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{
		"draft": {"The sea rises."}, "review": {denied}, "revise": {"The moon lifts the sea."}, "review#2": {approved},
	}).Done()
	if ran.Out.Text != "The moon lifts the sea." || ran.Out.Revisions != 1 || ran.Out.NotApproved() != "" {
		t.Errorf("ends with %+v", ran.Out)
	}
	if asked := ran.Asked("revise"); !strings.Contains(asked, "- Name the moon.") {
		t.Errorf("the revision was asked without the issues:\n%s", asked)
	}
}

// Without an approved text the best one is kept, and that it is not approved is said.
func TestNotApproved(t *testing.T) {
	ran := pawltest.Run(t, Flow, Input{Topic: "the tides"}, pawltest.Script{
		"draft": {"The sea rises."}, "review": {denied},
	}).Done()
	if ran.Out.Text != "The sea rises." || ran.Out.NotApproved() == "" {
		t.Errorf("ends with %+v", ran.Out)
	}
}

// The stand-in for a model answers without a network.
func TestOffline(t *testing.T) {
	pawltest.Run(t, Flow, input, offline.Model{}).Done()
}
