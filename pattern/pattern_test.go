package pattern_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pattern"
	"github.com/pawlrun/pawl/pawltest"
)

var mail = Mail{Text: "Hello?"}

func ask[Out any](text string) pawl.Question[Out] {
	return pawl.Messages[Out]("Asking", llm.User(text))
}

func routed(route string, confidence float64) pattern.Choice[Desk] {
	return pattern.Choice[Desk]{Reason: "so it is", Route: Desk(route), Confidence: confidence}
}

// went is where a mail went. The fallback is none of the routes that a model may choose.
type went struct {
	Route      string  `json:"route"`
	Reason     string  `json:"reason"`
	Confidence float64 `json:"confidence"`
}

var router = pawl.New("router", "Routes.", func(r *pawl.Run, in Mail) (went, error) {
	c := pattern.Route(r, "route", routeP.With(in), 0.7, "person")
	return went{string(c.Route), c.Reason, c.Confidence}, nil
}, pawl.Prompts(routeP))

// On the bar is sure enough. The reason stays with the fallback.
func TestRouteGoesToItsFallback(t *testing.T) {
	for confidence, want := range map[float64]string{1: "billing", 0.7: "billing", 0.69: "person", 0: "person"} {
		ran := pawltest.Run(t, router, mail, pawltest.Script{"route": {routed("billing", confidence)}}).Done()
		if ran.Out != (went{want, "so it is", confidence}) {
			t.Errorf("%g goes to %+v, want %s", confidence, ran.Out, want)
		}
		if len(ran.Notes) != 1 || !strings.Contains(ran.Notes[0], "so it is") {
			t.Errorf("notes %q", ran.Notes)
		}
	}
}

// What is not in the closed set is asked about again, the fallback's name included.
func TestRouteIsOfAClosedSet(t *testing.T) {
	ran := pawltest.Run(t, router, mail, pawltest.Script{"route": {routed("person", 1), routed("refunds", 1), routed("technical", 1)}}).Done()
	if ran.Out.Route != "technical" || len(ran.Step("route").Attempts) != 3 {
		t.Errorf("ends with %+v", ran.Out)
	}
}

func refiner(revisions int) *pawl.FlowOf[Mail, pattern.Refined[string, Opinion]] {
	return pawl.New("refiner", "Refines.", func(r *pawl.Run, in Mail) (pattern.Refined[string, Opinion], error) {
		return pattern.Refine(r, revisions, pawl.Ask(r, "draft", ask[string](in.Text)),
			func(draft string) Opinion { return pawl.Ask(r, "review", ask[Opinion](draft)) },
			func(draft string, o Opinion) string { return pawl.Ask(r, "revise", ask[string](draft+o.Complaint)) }), nil
	})
}

func TestRefineKeepsTheBest(t *testing.T) {
	for name, tt := range map[string]struct {
		revisions int
		scores    []float64
		best      string
		stopped   pattern.Stopped
	}{
		"approved at once":     {2, []float64{0.8}, "draft", pattern.Approved},
		"approved later":       {2, []float64{0.1, 0.9}, "revise", pattern.Approved},
		"the best is older":    {2, []float64{0.3, 0.5, 0.4}, "revise", pattern.UsedUp},
		"of equals the last":   {2, []float64{0.5, 0.5, 0.5}, "revise#2", pattern.UsedUp},
		"worse and worse":      {2, []float64{0.5, 0.4, 0.3}, "draft", pattern.UsedUp},
		"without revisions":    {0, []float64{0.2}, "draft", pattern.UsedUp},
		"scores of nothing":    {1, []float64{0, 0}, "revise", pattern.UsedUp},
		"fewer than none":      {-1, []float64{0.2}, "draft", pattern.UsedUp},
		"approved at the last": {1, []float64{0.7, 0.8}, "revise", pattern.Approved},
	} {
		t.Run(name, func(t *testing.T) {
			script := pawltest.Script{"draft": {"draft"}}
			for i, s := range tt.scores {
				key := [...]pawl.Key{"review", "review#2", "review#3"}[i]
				script[key] = []any{Opinion{Score: s, Complaint: "More."}}
				if i > 0 {
					key = [...]pawl.Key{"", "revise", "revise#2"}[i]
					script[key] = []any{string(key)}
				}
			}
			out := pawltest.Run(t, refiner(tt.revisions), mail, script).Done().Out
			if out.Best != tt.best || out.Stopped != tt.stopped || out.Revisions != len(tt.scores)-1 {
				t.Errorf("best is %q after %d revisions, %s; want %q, %d, %s", out.Best, out.Revisions, out.Stopped, tt.best, len(tt.scores)-1, tt.stopped)
			}
		})
	}
}

// The complaint of a review reaches the next revision, of the last draft and not the best.
func TestRefineRevisesTheLastDraft(t *testing.T) {
	ran := pawltest.Run(t, refiner(2), mail, pawltest.Script{
		"draft": {"one"}, "review": {Opinion{0.5, "A."}}, "revise": {"two"}, "review#2": {Opinion{0.1, "B."}}, "revise#2": {"three"}, "review#3": {Opinion{0.2, "C."}},
	}).Done()
	if got := ran.Asked("revise#2"); !strings.Contains(got, "twoB.") {
		t.Errorf("the second revision was asked %q", got)
	}
	if ran.Out.Best != "one" || ran.Out.Review.Complaint != "A." {
		t.Errorf("best is %+v", ran.Out)
	}
}

type items struct {
	Items []string `json:"items"`
}

// picked is what was picked of which candidates, by its number.
type picked struct {
	Value      string   `json:"value"`
	Number     int      `json:"number"`
	Candidates []string `json:"candidates"`
}

var chooser = pawl.New("chooser", "Chooses.", func(r *pawl.Run, in items) (picked, error) {
	best := pattern.BestOf(r, "texts", in.Items,
		func(r *pawl.Run, v string) (string, error) { return pawl.Ask(r, "write", ask[string](v)), nil },
		func(all []string) pawl.Question[pattern.Scores] {
			return ask[pattern.Scores](strings.Join(all, ","))
		})
	return picked{best.Value, best.Score.Candidate, best.Candidates}, nil
})

func scores(of ...float64) pattern.Scores {
	var s pattern.Scores
	for i, x := range of {
		s.Scores = append(s.Scores, pattern.Score{Candidate: i + 1, Reason: "so", Score: x})
	}
	return s
}

func TestBestOf(t *testing.T) {
	texts := pawltest.Script{"texts[0]/write": {"a"}, "texts[1]/write": {"b"}, "texts[2]/write": {"c"}}
	for _, tt := range []struct {
		answers []any
		want    string
	}{
		{[]any{scores(0.2, 0.9, 0.3)}, "b"},
		{[]any{scores(0.5, 0.5, 0.5)}, "a"},
		{[]any{scores(0, 0, 0)}, "a"},
		{[]any{scores(0.1, 0.2), scores(0.1, 0.2, 0.3, 0.4), scores(0.1, 0.2, 0.3)}, "c"},
		{[]any{pattern.Scores{Scores: []pattern.Score{{1, "so", 1}, {1, "so", 1}, {2, "so", 1}}}, scores(1, 0, 0)}, "a"},
	} {
		script := pawltest.Script{"texts-judge": tt.answers}
		for k, v := range texts {
			script[k] = v
		}
		ran := pawltest.Run(t, chooser, items{[]string{"x", "y", "z"}}, script).Done()
		if ran.Out.Value != tt.want || ran.Out.Candidates[ran.Out.Number-1] != tt.want || len(ran.Step("texts-judge").Attempts) != len(tt.answers) {
			t.Errorf("%v: best is %+v, want %s", tt.answers, ran.Out, tt.want)
		}
		if d := cmp.Diff([]string{"a", "b", "c"}, ran.Out.Candidates); d != "" {
			t.Error(d)
		}
	}
}

// The schema that the judge is sent says how many scores it has to give, so that whoever keeps
// to it, as the stand-in does, is right at once.
func TestTheJudgeKnowsHowMany(t *testing.T) {
	for _, n := range []int{1, 2, 5} {
		ran := pawltest.Run(t, chooser, items{strings.Fields(strings.Repeat("Write. ", n))}, offline.Model{}).Done()
		if tries := len(ran.Step("texts-judge").Attempts); tries != 1 {
			t.Errorf("the judge of %d is asked %d times", n, tries)
		}
	}
}

// Without variants nothing is asked.
func TestBestOfNone(t *testing.T) {
	if ran := pawltest.Run(t, chooser, items{}, pawltest.Script{}).Done(); len(ran.Calls()) != 0 || ran.Out.Value != "" {
		t.Errorf("%+v after %v", ran.Out, ran.Calls())
	}
}

// A flow that wants to go on without a candidate judges those that there are.
func TestJudgeWhatThereIs(t *testing.T) {
	f := pawl.New("some", "Takes what there is.", func(r *pawl.Run, in items) (string, error) {
		var made []string
		for _, m := range pawl.TryMap(r, "texts", in.Items, func(r *pawl.Run, v string) (string, error) { return pawl.Ask(r, "write", ask[string](v)), nil }) {
			if m.Err == nil {
				made = append(made, m.Value)
			}
		}
		if len(made) == 0 {
			return "", errors.New("nothing was made")
		}
		return pattern.Judge(r, "judge", made, ask[pattern.Scores](strings.Join(made, ","))).Value, nil
	})
	refused := &llm.Error{Kind: llm.Refused, Message: "no"}
	ran := pawltest.Run(t, f, items{[]string{"x", "y"}}, pawltest.Script{"texts[0]/write": {refused}, "texts[1]/write": {"b"}, "judge": {scores(0.4)}}).Done()
	if ran.Out != "b" {
		t.Errorf("best is %q", ran.Out)
	}
}

func TestVote(t *testing.T) {
	f := pawl.New("voters", "Vote.", func(r *pawl.Run, in items) (pattern.Voted[string], error) {
		return pattern.Vote(r, "votes", in.Items, func(r *pawl.Run, v string) (string, error) { return pawl.Ask(r, "say", ask[string](v)), nil }), nil
	})
	ran := pawltest.Run(t, f, items{[]string{"1", "2", "3", "4"}}, pawltest.Script{
		"votes[0]/say": {"no"}, "votes[1]/say": {"yes"}, "votes[2]/say": {"maybe"}, "votes[3]/say": {"yes"},
	}).Done()
	if v := ran.Out; v.Winner != "yes" || v.Votes != 2 || v.Of != 4 || v.Share() != 0.5 {
		t.Errorf("%+v", v)
	}
	if v := pattern.Count([]int{3, 1, 1, 3}); v.Winner != 3 || v.Votes != 2 {
		t.Errorf("a tie: %+v", v)
	}
	if v := pattern.Count[int](nil); v.Winner != 0 || v.Share() != 0 {
		t.Errorf("no votes: %+v", v)
	}
}

// The reviewer sees the parts in the order of the plan, whichever was done first; a plan
// that is too long is turned down before any of it is paid for.
func TestOrchestrate(t *testing.T) {
	type plan struct {
		Sections []string `json:"sections"`
	}
	f := pawl.New("post", "Post.", func(r *pawl.Run, in Mail) (pattern.Orchestrated[plan, string, string], error) {
		return pattern.Orchestrate(r, pattern.Orchestra[plan, string, string, string]{
			Plan:  ask[plan](in.Text).Items("sections", 1, 3),
			Parts: func(p plan) []string { return p.Sections },
			Work:  func(r *pawl.Run, s string) (string, error) { return pawl.Ask(r, "write", ask[string](s)), nil },
			Join:  func(_ plan, all []string) pawl.Question[string] { return ask[string](strings.Join(all, ",")) },
		}, pawl.InOrder), nil
	})
	ran := pawltest.Run(t, f, mail, pawltest.Script{
		"plan":           {plan{strings.Split("abcde", "")}, plan{[]string{"a", "b"}}},
		"parts[0]/write": {"one"}, "parts[1]/write": {"two"}, "join": {"whole"},
	}).Done()
	if got := ran.Asked("join"); !strings.Contains(got, "one,two") || ran.Out.Joined != "whole" {
		t.Errorf("joined %+v of %q", ran.Out, got)
	}
}

func TestGuardHoldsTheAnswer(t *testing.T) {
	check := func(name string) pattern.Check {
		return pattern.Check{Name: name, May: func(r *pawl.Run) (pattern.Verdict, error) {
			return pawl.Ask(r, "check", ask[pattern.Verdict](name)), nil
		}}
	}
	f := pawl.New("guarded", "Guards.", func(r *pawl.Run, in Mail) (string, error) {
		return pattern.Guard(r, "reply", func(r *pawl.Run) (string, error) {
			return pawl.Ask(r, "write", ask[string](in.Text)), nil
		}, check("policy"), check("tone")).Answer()
	})
	pass, stop := pattern.Verdict{Reason: "fine", Pass: true}, pattern.Verdict{Reason: "not fine"}
	script := func(policy, tone pattern.Verdict) pawltest.Script {
		return pawltest.Script{"reply/answer/write": {"a secret"}, "reply/policy/check": {policy}, "reply/tone/check": {tone}}
	}
	if ran := pawltest.Run(t, f, mail, script(pass, pass)).Done(); ran.Out != "a secret" {
		t.Errorf("answers %q", ran.Out)
	}
	for _, s := range []pawltest.Script{script(stop, pass), script(pass, stop), script(stop, stop)} {
		ran := pawltest.Run(t, f, mail, s)
		if ran.Status != pawl.StatusFailed || !strings.Contains(ran.Error.Message, "held back by") || strings.Contains(ran.Error.Message, "secret") {
			t.Errorf("is %s: %+v", ran.Status, ran.Error)
		}
	}
	if ran := pawltest.Run(t, f, mail, script(stop, stop)); !strings.Contains(ran.Error.Message, "policy: not fine; tone: not fine") {
		t.Errorf("says %q", ran.Error.Message)
	}
}

// What a pattern decided is decided again by the same answers: after a restart nothing is
// asked twice.
func TestPatternsReplay(t *testing.T) {
	f := pawl.New("all", "All.", func(r *pawl.Run, in Mail) (string, error) {
		c := pattern.Route(r, "route", routeP.With(in), 0.7, "person")
		done := pattern.Refine(r, 1, "x", func(string) Opinion { return pawl.Ask(r, "review", ask[Opinion]("x")) }, func(s string, _ Opinion) string { return s + "y" })
		a := pawl.Approve(r, "ok", string(c.Route)+done.Best, "Is it good?")
		return a.Value, a.Err()
	}, pawl.Prompts(routeP))
	ran := pawltest.Run(t, f, mail, pawltest.Script{"route": {routed("billing", 1)}, "review": {Opinion{Score: 0.1}}, "review#2": {Opinion{Score: 0.9}}}).Waits("ok")
	if ran.Restart(f).Approve("ok").Done(); ran.Out != "billingxy" || len(ran.Calls()) != 3 {
		t.Errorf("ends with %q after %v", ran.Out, ran.Calls())
	}
}
