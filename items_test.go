package pawl_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

type planned struct {
	Sections []string `json:"sections"`
	Plan     struct {
		KeyPoints []string `json:"key_points"`
	} `json:"plan"`
}

func plan(sections, points int) planned {
	p := planned{Sections: slices.Repeat([]string{"s"}, sections)}
	p.Plan.KeyPoints = slices.Repeat([]string{"p"}, points)
	return p
}

type bounds struct {
	Least int `json:"least"`
	Most  int `json:"most"`
}

var bounding = pawl.New("bounding", "Bounds what it asks for.", func(r *pawl.Run, in bounds) (planned, error) {
	return pawl.Ask(r, "plan", pawl.Messages[planned]("Planning", llm.User("Plan.")).
		Items("sections", in.Least, in.Most).Items("plan.key_points", 1, 1)), nil
})

// A bound is in the schema that is sent, and judged by a gate in its own words: the
// complaint is of the field, and no word of a schema.
func TestItems(t *testing.T) {
	ran := pawltest.Run(t, bounding, bounds{3, 5}, pawltest.Script{"plan": {plan(1, 1), plan(6, 2), plan(4, 1)}}).Done()
	sent := string(ran.Requests("plan")[0].Schema.JSON())
	for _, want := range []string{`"minItems":3,"maxItems":5`, `"minItems":1,"maxItems":1`} {
		if !strings.Contains(sent, want) {
			t.Errorf("%s is not in %s", want, sent)
		}
	}
	var told []string
	for _, at := range ran.Step("plan").Attempts {
		for _, g := range at.Gates {
			if g.Detail != "" {
				told = append(told, g.Name+": "+g.Detail)
			}
		}
	}
	want := []string{"3 to 5 sections: has 1 section, wants 3 to 5", "3 to 5 sections: has 6 sections, wants 3 to 5", "1 key point: has 2 key points, wants 1"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

// A server that enforces schemas gets it right the first time.
func TestItemsAreMetTheFirstTime(t *testing.T) {
	for _, in := range []bounds{{3, 5}, {7, 7}, {0, 0}} {
		ran := pawltest.Run(t, bounding, in, offline.Model{}).Done()
		if n := len(ran.Out.Sections); n < in.Least || n > in.Most || len(ran.Step("plan").Attempts) != 1 {
			t.Errorf("%+v: %d sections after %d attempts", in, n, len(ran.Step("plan").Attempts))
		}
	}
}

// As any gate, a bound is no part of the question: what is recorded is neither stale nor
// judged again when it changes.
func TestItemsMakeNothingStale(t *testing.T) {
	flow := func(least, most int) *pawl.FlowOf[bounds, planned] {
		return pawl.New("bounding", "Bounds what it asks for.", func(r *pawl.Run, in bounds) (planned, error) {
			got := pawl.Ask(r, "plan", pawl.Messages[planned]("Planning", llm.User("Plan.")).Items("sections", least, most))
			pawl.Input[string](r, "say", "And?")
			return got, nil
		})
	}
	ran := pawltest.Run(t, flow(3, 5), bounds{}, pawltest.Script{"plan": {plan(4, 0)}})
	again := ran.Restart(flow(7, 9))
	if s := again.Step("plan"); s.Stale || s.Status != pawl.StepDone || len(s.Attempts) != 1 {
		t.Errorf("%+v", s)
	}
}

func TestItemsRefuses(t *testing.T) {
	for want, make := range map[string]func(){
		`Items("parts", 1, 2)`:       func() { pawl.Messages[planned]("P", llm.User("p")).Items("parts", 1, 2) },
		"wants a list":               func() { pawl.Messages[planned]("P", llm.User("p")).Items("plan", 1, 2) },
		"no fewer at most":           func() { pawl.Messages[planned]("P", llm.User("p")).Items("sections", 3, 2) },
		"0 or more":                  func() { pawl.Messages[planned]("P", llm.User("p")).Items("sections", -1, 2) },
		"the answer is text":         func() { pawl.Messages[string]("P", llm.User("p")).Items("sections", 1, 2) },
		`there is no field "points"`: func() { pawl.Messages[planned]("P", llm.User("p")).Items("plan.points", 1, 2) },
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%q: %v", want, err)
				}
			}()
			make()
		}()
	}
}
