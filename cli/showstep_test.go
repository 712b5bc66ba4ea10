package cli

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/llm"
)

type pin struct {
	Pin string `json:"pin" pawl:"sensitive"`
}

// passesOn tells a later prompt what an earlier answer and the input must hide.
func passesOn() pawl.Flow {
	return pawl.New("passes", "Pass secrets on.", func(r *pawl.Run, in secretInput) (string, error) {
		p, _ := pawl.TryAsk(r, "guess", pawl.Messages[pin]("Guessing", llm.User("Topic: tides. Guess.")).
			Gate("never", func(p pin) error { return errors.New("it is " + p.Pin) }))
		p = pawl.Ask(r, "guess", pawl.Messages[pin]("Guessing", llm.User("Topic: tides. Guess.")))
		pawl.Do(r, "count", 1, func(context.Context, int) (int, error) { return 42, nil })
		return pawl.Ask(r, "tell", pawl.Messages[string]("Telling", llm.User("Topic: tides.\nPin "+p.Pin+" and token "+in.Token))), nil
	})
}

// What is sensitive is not in what was sent either: the input, and the answers
// of steps that came before, nor in what a repair quotes.
func TestShowStepMasks(t *testing.T) {
	c := newCommand(t, passesOn())
	c.ok("run", "passes", "--token", secret, "--model", "offline?malformed=1")
	for _, form := range [][]string{{}, {"--json"}} {
		tell, _ := c.ok(append([]string{"show", "last", "--step", "tell"}, form...)...)
		if strings.Contains(tell, "rus-4711") || !strings.Contains(tell, "Pin "+mask.Hidden+" and token "+mask.Hidden) {
			t.Errorf("show --step tell:\n%s", tell)
		}
		refused, _ := c.ok(append([]string{"show", "last", "--step", "guess"}, form...)...)
		if !strings.Contains(refused, "it is "+mask.Hidden) || strings.Contains(strings.ReplaceAll(refused, "it is "+mask.Hidden, ""), "it is ") {
			t.Errorf("show --step guess:\n%s", refused)
		}
		guess, _ := c.ok(append([]string{"show", "last", "--step", "guess#2"}, form...)...)
		if !strings.Contains(guess, "Topic: tides. Guess.") || strings.Contains(guess, "That answer was not") || strings.Contains(guess, `{"pin":"`) || strings.Contains(guess, `{\"pin`) {
			t.Errorf("show --step guess:\n%s", guess)
		}
	}
	count, _ := c.ok("show", "last", "--step", "count")
	if !strings.Contains(count, "by code") || !strings.Contains(count, "result:\n    42\n") {
		t.Errorf("show --step count:\n%s", count)
	}

	// A program without the flow cannot tell what is sensitive.
	c.flows = nil
	tell, _ := c.ok("show", "last", "--step", "tell")
	if strings.Contains(tell, "tides") || strings.Contains(tell, secret) {
		t.Errorf("show --step tell without the flow:\n%s", tell)
	}
}

func TestShowStepOfARunWithoutSteps(t *testing.T) {
	c := newCommand(t, ends("none", nil))
	c.run("run", "none")
	if code, _, stderr := c.run("show", "last", "--step", "x"); code != 2 || !strings.Contains(stderr, "has no steps yet") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	many := pawl.RunRecord{ID: "r1"}
	for range 30 {
		many.Steps = append(many.Steps, pawl.StepRecord{Key: "a"})
	}
	if err := unknownStep(many, "zzzz"); !strings.HasSuffix(err.Error(), "a and 10 more") {
		t.Errorf("error %v", err)
	}
}
