package main

import (
	"testing"

	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pattern"
	"github.com/pawlrun/pawl/pawltest"
)

var input = Input{Product: "a kettle", Tones: []string{"plain", "funny"}}

func scores(first, second float64) pattern.Scores {
	return pattern.Scores{Scores: []pattern.Score{
		{Candidate: 1, Reason: "it is clear", Score: first}, {Candidate: 2, Reason: "it is funny", Score: second},
	}}
}

// The script is what the model says at each step.
func TestTheBest(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{
		"slogans[0]/write": {"It boils."}, "slogans[1]/write": {"Hot stuff."}, "slogans-judge": {scores(0.4, 0.8)},
	}).Done()
	if ran.Out.Slogan != "Hot stuff." || ran.Out.Reason != "it is funny" {
		t.Errorf("ends with %+v", ran.Out)
	}
}

// A judge that scores one twice and leaves another out is asked again.
func TestAScoreForEach(t *testing.T) {
	twice := scores(0.4, 0.8)
	twice.Scores[1].Candidate = 1
	pawltest.Run(t, Flow, input, pawltest.Script{
		"slogans[0]/write": {"It boils."}, "slogans[1]/write": {"Hot stuff."}, "slogans-judge": {twice, scores(0.4, 0.8)},
	}).Done().RejectedOnlyBy("slogans-judge", "one score for each of 2 candidates", "candidate 1 has a score too many")
}

// The stand-in for a model answers without a network.
func TestOffline(t *testing.T) {
	pawltest.Run(t, Flow, input, offline.Model{}).Done()
}
