package main

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	input   = Input{Topic: "the tides"}
	outline = Outline{Title: "The tides", Points: []string{"the moon", "the sun"}}
	review  = Review{Issues: []string{}, Score: 0.9}
)

// words returns a text of n words.
func words(n int) string { return strings.TrimSpace(strings.Repeat("tide ", n)) }

// The script is what the model says at each step.
func TestWrites(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{
		"outline": {outline}, "draft": {words(60)}, "review": {review},
	}).Done()
	if ran.Out.Text != words(60) || ran.Out.Review.Score != 0.9 {
		t.Errorf("ends with %+v", ran.Out)
	}
	if asked := ran.Asked("draft"); !strings.Contains(asked, "- the moon\n- the sun") {
		t.Errorf("the draft was asked without the points:\n%s", asked)
	}
}

// A draft that is too short is sent back.
func TestTheGateOfTheDraft(t *testing.T) {
	pawltest.Run(t, Flow, input, pawltest.Script{
		"outline": {outline}, "draft": {words(10), words(60)}, "review": {review},
	}).Done().RejectedOnlyBy("draft", "50 to 150 words", "has 10 words, wants 50 to 150")
}

// The stand-in for a model answers without a network.
func TestOffline(t *testing.T) {
	pawltest.Run(t, Flow, input, offline.Model{}).Done()
}
