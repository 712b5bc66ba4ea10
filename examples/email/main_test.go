package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	brief  = Brief{To: "Ada", About: "The meeting moves to Friday."}
	first  = Email{Subject: "Meeting", Body: "Moves."}
	second = Email{Subject: "Our meeting", Body: "It moves to Friday."}
	third  = Email{Subject: "Our meeting", Body: "Dear Ada, it moves to Friday."}
)

func bad(score int, complaint string) Review {
	return Review{Score: score, Complaints: []string{complaint}}
}

func TestGoodAtOnce(t *testing.T) {
	ran := pawltest.Run(t, Flow, brief, pawltest.Script{"write": {first}, "review": {Review{Score: 8}}}).Done()
	if want := (Result{Email: first, Score: 8}); ran.Out != want {
		t.Errorf("ends with %+v, want %+v", ran.Out, want)
	}
}

func TestRewrittenOnce(t *testing.T) {
	ran := pawltest.Run(t, Flow, brief, pawltest.Script{
		"write":    {first},
		"review":   {bad(7, "Say when.")},
		"rewrite":  {second},
		"review#2": {Review{Score: 9}},
	}).Done()
	if want := (Result{Email: second, Score: 9, Rewrites: 1}); ran.Out != want {
		t.Errorf("ends with %+v, want %+v", ran.Out, want)
	}
	if asked := ran.Asked("rewrite"); !strings.Contains(asked, "- Say when.\n") {
		t.Errorf("the complaint is missing in the request:\n%s", asked)
	}
}

func TestAtMostTwice(t *testing.T) {
	ran := pawltest.Run(t, Flow, brief, pawltest.Script{
		"write":     {first},
		"review":    {bad(2, "Say when.")},
		"rewrite":   {second},
		"review#2":  {bad(5, "Greet her.")},
		"rewrite#2": {third},
		"review#3":  {bad(6, "Sign it.")},
	}).Done()
	if want := (Result{Email: third, Score: 6, Rewrites: 2}); ran.Out != want {
		t.Errorf("ends with %+v, want %+v", ran.Out, want)
	}
	want := []pawl.Key{"write", "review", "rewrite", "review#2", "rewrite#2", "review#3"}
	if got := ran.Calls(); !slices.Equal(got, want) {
		t.Errorf("asks %q, want %q", got, want)
	}
}

func TestABadScoreNeedsAComplaint(t *testing.T) {
	pawltest.Run(t, Flow, brief, pawltest.Script{
		"write":  {first},
		"review": {Review{Score: 3}, Review{Score: 9}},
	}).Done().RejectedOnlyBy("review", "type", "complaints")
}

func TestTheStandIn(t *testing.T) {
	pawltest.Run(t, Flow, brief, offline.Model{}).Done()
}
