package studynotes

import (
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	input   = Input{Text: "The tides follow the moon.", Level: "beginner"}
	sea     = Concept{Name: "Sea", Focus: "how it rises"}
	moon    = Concept{Name: "The moon", Focus: "how it pulls"}
	plan    = Plan{Title: "Tides", Concepts: []Concept{moon, sea}}
	summary = housetest.Text(40, "pull")
	quiz    = Quiz{Questions: []Question{{"Who pulls?", "The moon."}, {"What rises?", "The sea."}, {"When?", "Twice a day."}}}
	good    = Review{Unsupported: []string{}, Difficulty: "fitting", Score: 0.9, Approved: true}
)

const moonNote, seaNote = "parts[=the%20moon]/note", "parts[=sea]/note"

func script() pawltest.Script {
	return pawltest.Script{
		"plan":   {plan},
		moonNote: {Points{Points: []string{"It pulls."}}},
		seaNote:  {Points{Points: []string{"It rises.", "It falls."}}},
		"join":   {summary},
		"quiz":   {quiz},
		"review": {good},
	}
}

func TestNotes(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, script()).Done()
	want := "# Tides\n\n" + summary + `

## The moon

- It pulls.

## Sea

- It rises.
- It falls.

## Test yourself

1. Who pulls?
2. What rises?
3. When?

## Answers

1. The moon.
2. The sea.
3. Twice a day.
`
	if got := ran.Out.Markdown(); got != want || ran.Reason != "" {
		t.Errorf("writes\n%s\nwant\n%s\nnot approved: %q", got, want, ran.Reason)
	}
	if asked := ran.Asked("join"); !strings.Contains(asked, "Concept: Sea\n- It rises.\n- It falls.\n") {
		t.Errorf("the summary is asked of:\n%s", asked)
	}
	for _, says := range []string{input.Text, "Concept: The moon\n- It pulls.", "- Who pulls? Answer: The moon."} {
		if asked := ran.Asked("review"); !strings.Contains(asked, says) {
			t.Errorf("the reviewer does not see %q:\n%s", says, asked)
		}
	}
	if got := ran.Calls(); len(got) != 6 || got[0] != "plan" || !slices.Equal(got[3:], []pawl.Key{"join", "quiz", "review"}) {
		t.Errorf("calls %v", got)
	}
}

// Notes that say more than the text are done, and it is said that they are not approved.
func TestNotApproved(t *testing.T) {
	s := script()
	s["review"] = []any{Review{Unsupported: []string{"Twice a day."}, Difficulty: "too easy", Score: 0.5}}
	ran := pawltest.Run(t, Flow, input, s).Done()
	if want := "score of 0.5, difficulty: too easy, and finds 1 statement that the text does not say"; !strings.Contains(ran.Reason, want) {
		t.Errorf("reason %q, want %q", ran.Reason, want)
	}
}

func TestAnswersAreHeldToTheirGates(t *testing.T) {
	for _, c := range []struct {
		key        pawl.Key
		bad        any
		gate, says string
	}{
		{"plan", Plan{Title: "Tides", Concepts: []Concept{sea, {Name: "SEA ", Focus: "the same"}}}, "type", "concepts[1].name"},
		{"plan", Plan{Title: "Tides", Concepts: []Concept{sea, {Name: " ", Focus: "none"}}}, "type", "concepts[1].name: is blank"},
		{"plan", Plan{Title: "Tides", Concepts: []Concept{sea}}, "schema", "concepts"},
		{seaNote, Points{Points: []string{}}, "schema", "points"},
		{"join", "Pull.", "30 to 200 words", "has 1 word"},
		{"quiz", Quiz{Questions: quiz.Questions[:2]}, "schema", "questions"},
		{"review", Review{Unsupported: []string{"x"}, Difficulty: "fitting", Score: 1, Approved: true}, "type", "approved"},
		{"review", Review{Unsupported: []string{}, Difficulty: "odd", Score: 1, Approved: true}, "schema", "difficulty"},
	} {
		s := script()
		s[c.key] = append([]any{c.bad}, s[c.key]...)
		pawltest.Run(t, Flow, input, s).Done().RejectedOnlyBy(c.key, c.gate, c.says)
	}
}

func TestOneWorkerFails(t *testing.T) {
	s := script()
	s[moonNote] = append([]any{&llm.Error{Kind: llm.Auth, Message: "wrong key"}}, s[moonNote]...)
	ran := pawltest.Run(t, Flow, input, s)
	ran.Failed(moonNote, pawl.ErrorKind(llm.Auth))
	ran.Resume().Done() // the notes on the sea are there already
	if n := len(ran.Requests(seaNote)); n != 1 {
		t.Errorf("asked %d times for the notes on the sea", n)
	}
}

func TestHouse(t *testing.T) {
	housetest.NoFormatButTheSchema(t, Flow)
	housetest.Described(t, Flow)
	housetest.FillsInputs(t, Flow, map[string]string{`{"text":"x"}`: `{"text":"x","level":"beginner"}`})
	housetest.RefusesInputs(t, Flow, map[string]string{`{"text":""}`: "text", `{"text":" "}`: "text: is blank", `{}`: "text", `{"text":"x","level":"expert"}`: "level"})
}

// The stand-in, well behaved and not, takes the flow to its end.
func TestOffline(t *testing.T) {
	for _, options := range []string{"", "?reject=1", "?malformed=1", "?fail=1"} {
		ran := pawltest.Run(t, Flow, input, housetest.Offline(options)).Done()
		if ran.Out.Review.Approved != (options != "?reject=1") {
			t.Errorf("%q: approved %v", options, ran.Out.Review.Approved)
		}
	}
}

func TestRecordedRuns(t *testing.T) { housetest.RecordedRuns(t, Flow) }
