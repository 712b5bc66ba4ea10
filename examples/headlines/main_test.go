package main

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var text = Text{Text: "The harbour opens again on Monday."}

// script has a headline for each tone, and what else a test wants.
func script(more pawltest.Script) pawltest.Script {
	s := pawltest.Script{}
	for _, tone := range tones {
		s[pawl.Key("tones[="+tone+"]/write")] = []any{Line{Line: "A " + tone + " harbour"}}
	}
	for key, answers := range more {
		s[key] = answers
	}
	return s
}

func scores(scores ...int) (v Verdict) {
	for _, score := range scores {
		v.Marks = append(v.Marks, Mark{Why: "so", Score: score})
	}
	return v
}

func TestBestOfFive(t *testing.T) {
	ran := pawltest.Run(t, Flow, text, script(pawltest.Script{"judge": {scores(3, 9, 1, 9, 0)}})).Done()
	if want := (Headline{Tone: "playful", Line: "A playful harbour"}); ran.Out.Best != want {
		t.Errorf("picks %+v, want %+v", ran.Out.Best, want)
	}
	asked := ran.Asked("judge")
	if !strings.Contains(asked, "1. A sober harbour\n") || !strings.Contains(asked, "5. A warm harbour\n") {
		t.Errorf("the judge sees:\n%s", asked)
	}
}

func TestARefusedToneIsLeftOut(t *testing.T) {
	ran := pawltest.Run(t, Flow, text, script(pawltest.Script{
		"tones[=sober]/write": {&llm.Error{Kind: llm.Refused, Message: "not this one"}},
		"judge":               {scores(3, 9, 1, 8)},
	})).Done()
	if ran.Out.Best.Tone != "urgent" || len(ran.Out.All) != 4 {
		t.Errorf("picks %+v", ran.Out)
	}
}

func TestAllRefused(t *testing.T) {
	s := pawltest.Script{}
	for key := range script(nil) {
		s[key] = []any{&llm.Error{Kind: llm.Refused, Message: "no"}}
	}
	ran := pawltest.Run(t, Flow, text, s)
	ran.Failed("", pawl.ErrFlow, "not one headline")
	if !ran.Ended() {
		t.Error("somebody could resume the run")
	}
}

func TestEveryHeadlineNeedsAScore(t *testing.T) {
	good := scores(1, 2, 3, 4, 5)
	pawltest.Run(t, Flow, text, script(pawltest.Script{"judge": {scores(1, 2), good}})).
		Done().RejectedOnlyBy("judge", "5 marks")
	pawltest.Run(t, Flow, text, script(pawltest.Script{"judge": {scores(1, 2, 3, 4, 11), good}})).
		Done().RejectedOnlyBy("judge", "schema", "marks[4].score")
}

func TestTheStandIn(t *testing.T) {
	pawltest.Run(t, Flow, text, offline.Model{}).Done()
}
