package pawltest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

type topic struct {
	Topic string `json:"topic" pawl:"len=1..40,default=tides"`
}

type draft struct {
	Title string   `json:"title" pawl:"len=1..20"`
	Parts []string `json:"parts"`
}

// letter asks twice, has the draft approved and asks a person for a name.
var letter = pawl.New("letter", "Writes a letter.", func(r *pawl.Run, in topic) (string, error) {
	d := pawl.Ask(r, "draft", pawl.Messages[draft]("Drafting", llm.System("You are brief."), llm.User("Write about "+in.Topic+"."), llm.User("Thank you.")).
		Gate("no fog", func(d draft) error {
			if strings.Contains(d.Title, "fog") {
				return errors.New("it is about fog")
			}
			return nil
		}))
	r.Note("Draft: %s", d.Title)
	sent := pawl.Approve(r, "send", d, "Send it?", pawl.Reasons("drop", "later"))
	if err := sent.Err(); err != nil {
		return "", err
	}
	return sent.Value.Title + " by " + pawl.Input[string](r, "name", "Whose is it?"), nil
})

var tides = draft{Title: "Tides"}

func TestARunIsFollowedFromRestToRest(t *testing.T) {
	ran := pawltest.Run(t, letter, topic{"tides"}, pawltest.Script{"draft": {tides}})
	ran.Waits("send")
	if b := ran.Blocker("send"); b.Question != "Send it?" || string(b.Proposal) != `{"title":"Tides","parts":[]}` {
		t.Errorf("asks %q and shows %s", b.Question, b.Proposal)
	}
	ran.Refuses(pawl.Decision{Key: "send", What: pawl.DecideApprove, Value: []byte(`{"title":"","parts":[]}`)}, "title").Waits("send")
	ran.Edit("send", draft{Title: "Ebb"}).Waits("name")
	ran.Answer("name", "anna").Done()
	if ran.Out != "Ebb by anna" || !slices.Equal(ran.Notes, []string{"Draft: Tides"}) {
		t.Errorf("output %q, notes %q", ran.Out, ran.Notes)
	}
	if len(ran.Decisions) != 2 || ran.Decisions[0].Who != "the test" || ran.Decisions[0].Digest == "" {
		t.Errorf("decisions %+v, want two of the test on what was shown", ran.Decisions)
	}
	if got := ran.Asked("draft"); got != "Write about tides.\nThank you.\n" {
		t.Errorf("asked %q", got)
	}
	if step := ran.Step("draft"); step.Kind != pawl.KindAsk || step.Purpose != "Drafting" {
		t.Errorf("step %+v", step)
	}
}

func TestRejected(t *testing.T) {
	script := pawltest.Script{"draft": {tides}}
	pawltest.Run(t, letter, topic{"x"}, script).Reject("send", "no", "drop").Canceled("by the test (drop)", ": no")
	later := pawl.Decision{Key: "send", What: pawl.DecideReject, Reason: "later", Who: "anna"}
	pawltest.Run(t, letter, topic{"x"}, script).Decide(later).Canceled("by anna (later)")
}

func TestAnswersComeInTheOrderOfTheAttempts(t *testing.T) {
	var asked []string
	ran := pawltest.Run(t, letter, topic{"x"}, pawltest.Script{"draft": {
		"{",
		&llm.Error{Kind: llm.Refused, Message: "I would rather not."},
		func(req llm.Request) string {
			asked = append(asked, req.Messages[1].Text())
			return `{"title":"fog","parts":[]}`
		},
		tides,
	}})
	ran.Failed("draft", pawl.ErrorKind(llm.Refused), "rather not")
	ran.Retry("draft").Waits("send")
	if want := []string{"Write about x."}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	var outcomes []pawl.Outcome
	for _, a := range ran.Step("draft").Attempts {
		outcomes = append(outcomes, a.Outcome)
	}
	if want := []pawl.Outcome{pawl.OutcomeRejected, pawl.OutcomeFailed, pawl.OutcomeRejected, pawl.OutcomeAccepted}; !slices.Equal(outcomes, want) {
		t.Errorf("outcomes %q, want %q", outcomes, want)
	}
	if got := ran.Calls(); !slices.Equal(got, []pawl.Key{"draft", "draft", "draft", "draft"}) {
		t.Errorf("calls %q", got)
	}
	if all, some, none := len(ran.Requests()), len(ran.Requests("draft", "x")), len(ran.Requests("x")); all != 4 || some != 4 || none != 0 {
		t.Errorf("%d requests, %d of draft, %d of x", all, some, none)
	}
}

func TestSupplyAndResume(t *testing.T) {
	refused := &llm.Error{Kind: llm.Refused}
	ran := pawltest.Run(t, letter, topic{"x"}, pawltest.Script{"draft": {refused, refused}})
	ran.Resume().Failed("draft", pawl.ErrorKind(llm.Refused))
	ran.Supply("draft", draft{Title: "By hand"}).Waits("send")
}

func TestRejectedOnlyByOneGate(t *testing.T) {
	ran := pawltest.Run(t, letter, topic{"x"}, pawltest.Script{"draft": {draft{Title: "fog"}, tides}})
	ran.RejectedOnlyBy("draft", "no fog", "about", "fog")
}

func TestRunJSONFillsDefaults(t *testing.T) {
	ran := pawltest.RunJSON(t, letter, `{}`, pawltest.Script{"draft": {tides}})
	if got := string(ran.Input); got != `{"topic":"tides"}` {
		t.Errorf("input %s", got)
	}
}

func TestAnotherModelThanAScript(t *testing.T) {
	pawltest.Run(t, letter, topic{"x"}, offline.Model{}).Approve("send").Answer("name", "anna").Done()
}

// A deploy in between asks one step more, before what was open.
func TestRestart(t *testing.T) {
	var reviewed int
	next := pawl.New("letter", "Writes a letter.", func(r *pawl.Run, in topic) (string, error) {
		d := pawl.Ask(r, "draft", pawl.Messages[draft]("Drafting", llm.User("Write about "+in.Topic+".")))
		sent := pawl.Approve(r, "send", d, "Send it?", pawl.Reasons("drop", "later"))
		reviewed++
		return sent.Value.Title + ": " + pawl.Ask(r, "review", pawl.Messages[string]("Reviewing", llm.User(d.Title))), sent.Err()
	})
	script := pawltest.Script{"draft": {tides}, "review": {"good"}}
	ran := pawltest.Run(t, letter, topic{"x"}, script).Restart(next)
	if reviewed != 0 || ran.Status != pawl.StatusWaiting {
		t.Errorf("the new code ran before someone acted; run is %s", ran.Status)
	}
	ran.Resume().Waits("send")
	if want := []string{"Draft: Tides"}; !slices.Equal(ran.Notes, want) {
		t.Errorf("notes %q, want %q: what the engine says of changed prompts is not the flow's", ran.Notes, want)
	}
	ran.Approve("send").Done()
	if ran.Out != "Tides: good" || !slices.Equal(ran.Calls(), []pawl.Key{"draft", "review"}) {
		t.Errorf("output %q with calls %q", ran.Out, ran.Calls())
	}
}

// A decision is on what was shown: not on what another version would show.
func TestADecisionIsOnWhatWasShown(t *testing.T) {
	next := pawl.New("letter", "Writes a letter.", func(r *pawl.Run, in topic) (string, error) {
		d := pawl.Ask(r, "draft", pawl.Messages[draft]("Drafting", llm.User("Write about "+in.Topic+".")))
		d.Title = "Ebb"
		return pawl.Approve(r, "send", d, "Send it?", pawl.Reasons("drop")).Value.Title, nil
	})
	start := func(t testing.TB) *pawltest.Ran[string] {
		return pawltest.Run(t, letter, topic{"x"}, pawltest.Script{"draft": {tides}}).Restart(next)
	}
	if got := said(t, func(t testing.TB) { start(t).Approve("send") }); !strings.Contains(got, "not what was shown") {
		t.Errorf("says %q, want that something else was shown", got)
	}
	ran := start(t).Resume().Approve("send").Done()
	if ran.Out != "Ebb" {
		t.Errorf("output %q", ran.Out)
	}
}

func TestWaitsForSeveral(t *testing.T) {
	flow := pawl.New("two", "Asks two people.", func(r *pawl.Run, in topic) (string, error) {
		names := pawl.Map(r, "who", []string{"b", "a"}, func(r *pawl.Run, name string) (string, error) {
			return pawl.Input[string](r, name, "Who?"), nil
		})
		return strings.Join(names, " and "), nil
	})
	ran := pawltest.Run(t, flow, topic{"x"}, pawltest.Script{}).Waits("who[1]/a", "who[0]/b")
	ran.Answer("who[1]/a", "anna").Waits("who[0]/b").Answer("who[0]/b", "ben").Done()
	if ran.Out != "ben and anna" {
		t.Errorf("output %q", ran.Out)
	}
}

// nap sleeps between two answers, and waits for a person, but not for ever.
func nap(d time.Duration) *pawl.FlowOf[topic, string] {
	return pawl.New("nap", "Sleeps.", func(r *pawl.Run, in topic) (string, error) {
		a := pawl.Ask(r, "a", pawl.Messages[string]("Asking", llm.User("A")))
		pawl.Sleep(r, "cooldown", d)
		b := pawl.Input[string](r, "b", "B?", pawl.AnswerAfter(d, "nobody"))
		return a + b, nil
	})
}

func TestInABubbleWaitingTakesNoTime(t *testing.T) {
	realBegin := time.Now()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		busy := &llm.Error{Kind: llm.Overloaded, Status: 503}
		ran := pawltest.Run(t, nap(time.Hour), topic{"x"}, pawltest.Script{"a": {busy, busy, "A"}})
		ran.Waits("b")
		if took := time.Since(begin); took < time.Hour || took > time.Hour+time.Minute {
			t.Errorf("an hour and two pauses took %s", took)
		}
		ran.Sleep(time.Hour - time.Minute).Waits("b")
		ran.Sleep(time.Minute).Done()
		if ran.Out != "Anobody" {
			t.Errorf("output %q", ran.Out)
		}
	})
	if took := time.Since(realBegin); took > time.Minute {
		t.Errorf("two hours took %s", took)
	}
}

func TestOutsideOfABubbleASleepIsNotWaitedFor(t *testing.T) {
	pawltest.Impatient(t)
	got := said(t, func(t testing.TB) { pawltest.Run(t, nap(time.Hour), topic{"x"}, pawltest.Script{"a": {"A"}}) })
	if want := "the run sleeps (cooldown: until "; !strings.HasPrefix(got, want) || !strings.Contains(got, "in a bubble of testing/synctest") {
		t.Errorf("says %q, want %q", got, want)
	}
	slow := llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
		<-time.After(50 * time.Millisecond)
		return llm.Response{Text: `{"title":"Tides","parts":[]}`}, nil
	})
	pawltest.Run(t, letter, topic{"x"}, slow).Waits("send") // a slow model is waited for
}

// After a deploy nothing wakes the run but whoever looks at it, as everywhere.
func TestADeadlineAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flow := nap(time.Hour)
		ran := pawltest.Run(t, flow, topic{"x"}, pawltest.Script{"a": {"A"}}).Waits("b").Restart(flow)
		ran.Sleep(2 * time.Hour).Waits("b")
		ran.Resume().Done()
	})
}

// tb is a test that may fail.
type tb struct {
	testing.TB
	said     []string
	cleanups []func()
}

func (t *tb) Helper()          {}
func (t *tb) Failed() bool     { return len(t.said) > 0 }
func (t *tb) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }
func (t *tb) Errorf(format string, args ...any) {
	t.said = append(t.said, fmt.Sprintf(format, args...))
}
func (t *tb) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	panic(t)
}

// said runs a test and returns what it says when it fails.
func said(t *testing.T, test func(testing.TB)) string {
	t.Helper()
	fake := &tb{TB: t}
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(fake) {
				panic(p)
			}
		}()
		test(fake)
	}()
	for _, f := range slices.Backward(fake.cleanups) {
		f()
	}
	return strings.Join(fake.said, "\n")
}

func TestFailuresTellTheStory(t *testing.T) {
	script := pawltest.Script{"draft": {draft{Title: "fog"}, tides}}
	run := func(t testing.TB) *pawltest.Ran[string] { return pawltest.Run(t, letter, topic{"x"}, script) }
	refused := pawltest.Script{"draft": {&llm.Error{Kind: llm.Refused, Message: "I would rather not."}}}
	for name, c := range map[string]struct {
		test func(testing.TB)
		says []string
	}{
		"not done": {func(t testing.TB) { run(t).Done() }, []string{
			"run is waiting, want done", "draft (ask): done", "attempt 1 rejected", `gate "no fog": it is about fog`,
			`answer: "{\"title\":\"fog\"`, "attempt 2 accepted", "open: send (approval): Send it?"}},
		"not canceled": {func(t testing.TB) { run(t).Canceled() }, []string{"run is waiting, want canceled"}},
		"canceled for another reason": {func(t testing.TB) { run(t).Reject("send", "no", "drop").Canceled("because") }, []string{
			`reason is "rejected by the test (drop): no", want it to hold "because"`}},
		"not failed":        {func(t testing.TB) { run(t).Failed("draft", pawl.ErrGate) }, []string{"want failed"}},
		"waits elsewhere":   {func(t testing.TB) { run(t).Waits("name") }, []string{`waits at ["send"], want ["name"]`}},
		"waits for no more": {func(t testing.TB) { run(t).Waits("send", "name") }, []string{`want ["name" "send"]`}},
		"nothing open":      {func(t testing.TB) { run(t).Blocker("name") }, []string{`nothing is open at "name"`}},
		"no such step":      {func(t testing.TB) { run(t).Step("revise") }, []string{`no step "revise"`}},
		"asked nothing":     {func(t testing.TB) { run(t).Asked("send") }, []string{`"send" asked no model`}},
		"decides on nothing": {func(t testing.TB) { run(t).Approve("name") }, []string{
			`approve of "name": `, "open: send"}},
		"is not refused": {func(t testing.TB) { run(t).Refuses(pawl.Decision{Key: "send", What: pawl.DecideApprove}) }, []string{
			"was accepted, want it refused", "decision of the test: approve send"}},
		"is refused for another reason": {func(t testing.TB) {
			run(t).Refuses(pawl.Decision{Key: "send", What: pawl.DecideAnswer}, "moon")
		}, []string{`want it to say "moon"`}},
		"another kind": {func(t testing.TB) {
			pawltest.Run(t, letter, topic{"x"}, refused).Failed("draft", pawl.ErrGate)
		}, []string{`want it to fail at "draft" with an error of kind gate`, "attempt 1 failed: refused: ", "rather not", `error at "draft": refused`}},
		"another step": {func(t testing.TB) {
			pawltest.Run(t, letter, topic{"x"}, refused).Failed("send", pawl.ErrorKind(llm.Refused))
		}, []string{`want it to fail at "send"`}},
		"another message": {func(t testing.TB) {
			pawltest.Run(t, letter, topic{"x"}, refused).Failed("draft", pawl.ErrorKind(llm.Refused), "moon")
		}, []string{`want it to hold "moon"`}},
		"another gate":      {func(t testing.TB) { run(t).RejectedOnlyBy("draft", "schema") }, []string{`want only "schema" to fail`, "no fog"}},
		"another complaint": {func(t testing.TB) { run(t).RejectedOnlyBy("draft", "no fog", "rain") }, []string{`complaint is "it is about fog", want it to hold "rain"`}},
		"no such gate": {func(t testing.TB) { run(t).RejectedOnlyBy("draft", "rain") }, []string{
			`gate "no fog" of "draft": ok=false`, `"draft" has no gate "rain"`}},
		"accepted at once": {func(t testing.TB) {
			pawltest.Run(t, letter, topic{"x"}, pawltest.Script{"draft": {tides}}).RejectedOnlyBy("draft", "no fog")
		}, []string{"want an answer to \"draft\" that is rejected"}},
		"bad input": {func(t testing.TB) { pawltest.Run(t, letter, topic{}, script) }, []string{"start letter: ", "topic"}},
		"another flow": {func(t testing.TB) { run(t).Restart(nap(0)) }, []string{
			`restart with flow "nap", want one named "letter"`}},
		"nothing to resume": {func(t testing.TB) { run(t).Reject("send", "", "drop").Resume() }, []string{"resume: "}},
	} {
		got := said(t, c.test)
		for _, want := range c.says {
			if !strings.Contains(got, want) {
				t.Errorf("%s: says %q, want it to hold %q", name, got, want)
			}
		}
	}
}

func TestScriptsThatDoNotFit(t *testing.T) {
	done := func(s pawltest.Script) func(testing.TB) {
		return func(t testing.TB) {
			pawltest.Run(t, letter, topic{"x"}, s).Approve("send").Answer("name", "anna").Done()
		}
	}
	for name, c := range map[string]struct {
		test func(testing.TB)
		want string
	}{
		"a key too few": {func(t testing.TB) { pawltest.Run(t, letter, topic{"x"}, pawltest.Script{"draught": {tides}, "a": {}}) },
			"request 1 of \"draft\" is not in the script, which answers \"a\", \"draught\"; it asks:\n    Thank you."},
		"an answer too few": {func(t testing.TB) { pawltest.Run(t, letter, topic{"x"}, pawltest.Script{"draft": {"{"}}) },
			"request 2 of \"draft\" is not in the script, which has 1 for it; it asks:\n    "},
		"another model around it": {func(t testing.TB) {
			pawltest.Run(t, letter, topic{"x"}, llm.Func(pawltest.Script{}.Generate))
		}, "request 1 of \"draft\" is not in the script, which is empty; it asks:"},
		"a value without JSON": {func(t testing.TB) {
			pawltest.Run(t, letter, topic{"x"}, pawltest.Script{"draft": {make(chan int)}}).Waits("send")
		}, `answer 1 to "draft" has no JSON`},
		"answers too many": {done(pawltest.Script{"draft": {tides, tides, tides}, "review": {tides}}),
			`the script has answers that the run never asked for: 2 of 3 of "draft", 1 of 1 of "review"`},
		"answers that fit": {done(pawltest.Script{"draft": {"{", tides}}), ""},
		"a run that is not done": {func(t testing.TB) {
			pawltest.Run(t, letter, topic{"x"}, pawltest.Script{"draft": {tides, tides}}).Reject("send", "no", "drop").Canceled()
		}, ""},
	} {
		got := said(t, c.test)
		if !strings.HasPrefix(got, c.want) && !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: says %q, want %q", name, got, c.want)
		}
	}
}

// invoice waits for money once a person has looked at it.
var invoice = pawl.New("invoice", "Sends an invoice.", func(r *pawl.Run, in topic) (string, error) {
	pawl.Do(r, "send", r.Callback("paid"), func(_ context.Context, address string) (string, error) { return address, nil })
	if err := pawl.Approve(r, "look", in, "Is it fine?").Err(); err != nil {
		return "", err
	}
	paid, err := pawl.TryAwait[draft](r, "paid", pawl.For(24*time.Hour))
	if errors.Is(err, pawl.ErrExpired) {
		return "a reminder", nil
	}
	return paid.Title, err
})

func TestDeliver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := pawltest.Run(t, invoice, topic{"tides"}, pawltest.Script{}).Waits("look")
		ran.Deliver("paid", "1", tides).Deliver("paid", "1", draft{Title: "Other"}).Waits("look")
		if ran.Restart(invoice).Approve("look").Done(); ran.Out != "Tides" {
			t.Errorf("output %q", ran.Out)
		}
		ran = pawltest.Run(t, invoice, topic{"tides"}, pawltest.Script{}).Approve("look").Waits("paid")
		if ran.Answer("paid", tides).Done(); ran.Out != "Tides" {
			t.Errorf("output %q", ran.Out)
		}
		ran = pawltest.Run(t, invoice, topic{"tides"}, pawltest.Script{}).Approve("look").Waits("paid").Sleep(24 * time.Hour)
		if ran.Done(); ran.Out != "a reminder" {
			t.Errorf("output %q", ran.Out)
		}
		says := said(t, func(t testing.TB) {
			pawltest.Run(t, invoice, topic{"tides"}, pawltest.Script{}).Approve("look").Deliver("paid", "1", 7)
		})
		if !strings.Contains(says, `delivery 1 of an event for "paid": the value for step "paid" is not accepted`) {
			t.Errorf("says %q", says)
		}
	})
}
