package bloghelper

import (
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	input    = Input{Topic: "The tides", Audience: "sailors", MaxRevisions: 2}
	ideas    = Ideas{Ideas: []Idea{{"By the clock.", "They wait.", 0.5}, {"By the moon.", "They look up.", 0.8}, {"By the sun.", "They sweat.", 0.8}}}
	outline  = Outline{Title: "The tides", Sections: []string{"The moon", "The sun", "The sea"}}
	approved = Critique{Issues: []string{}, Score: 0.9, Approved: true}
)

func post(word string) string {
	return "# The tides\n\n## The moon\n\n" + housetest.Text(220, word)
}

func denied(score float64, issue string) Critique {
	return Critique{Issues: []string{issue}, Score: score}
}

func script() pawltest.Script {
	return pawltest.Script{"brainstorm": {ideas}, "outline": {outline}, "draft": {post("one")}, "critique": {approved}}
}

func TestApprovedAtOnce(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, script()).Done()
	if ran.Out.Post != post("one") || ran.Out.Revisions != 0 || ran.Reason != "" {
		t.Errorf("ends with %+v", ran.Out)
	}
	if got := ran.Calls(); !slices.Equal(got, []pawl.Key{"brainstorm", "outline", "draft", "critique"}) {
		t.Errorf("calls %v", got)
	}
}

// Code takes the idea with the highest score, of equals the first, and the others are not told.
func TestTheBestIdeaIsTaken(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, script()).Done()
	if ran.Out.Idea != ideas.Ideas[1] {
		t.Errorf("takes %+v", ran.Out.Idea)
	}
	if asked := ran.Asked("outline"); !strings.Contains(asked, "By the moon.") || strings.Contains(asked, "By the sun.") {
		t.Errorf("the outline was asked\n%s", asked)
	}
	if want := "Idea: By the moon. (0.8 of 1, the best of 3)"; ran.Notes[0] != want {
		t.Errorf("notes %q, want %q", ran.Notes, want)
	}
}

func TestRevisedWithTheIssues(t *testing.T) {
	s := script()
	s["critique"], s["revise"], s["critique#2"] = []any{denied(0.4, "Name the moon.")}, []any{post("two")}, []any{approved}
	ran := pawltest.Run(t, Flow, input, s).Done()
	if ran.Out.Post != post("two") || ran.Out.Revisions != 1 || ran.Reason != "" {
		t.Errorf("ends with %+v", ran.Out)
	}
	if asked := ran.Asked("revise"); !strings.Contains(asked, "- Name the moon.") || !strings.Contains(asked, "one one") {
		t.Errorf("the revision was asked\n%s", asked)
	}
}

// Without an approved draft the best one is kept, and that it is not approved is said.
func TestTheBestOfWhatIsNotApproved(t *testing.T) {
	s := script()
	s["critique"] = []any{denied(0.3, "Name the moon.")}
	s["revise"], s["critique#2"] = []any{post("two")}, []any{denied(0.6, "Name the sun.")}
	s["revise#2"], s["critique#3"] = []any{post("three")}, []any{denied(0.5, "Too dry.")}
	ran := pawltest.Run(t, Flow, input, s).Done()
	if ran.Out.Post != post("two") || ran.Out.Revisions != 2 || !strings.Contains(ran.Reason, "the best of 3 drafts is not approved: Name the sun.") {
		t.Errorf("ends with %+v: %s", ran.Out, ran.Reason)
	}
}

func TestAnswersAreHeldToTheirGates(t *testing.T) {
	for _, c := range []struct {
		key        pawl.Key
		bad        any
		gate, says string
	}{
		{"brainstorm", Ideas{Ideas: ideas.Ideas[:2]}, "schema", "ideas"},
		{"outline", Outline{Title: "The tides", Sections: []string{"All"}}, "schema", "sections"},
		{"draft", "# The tides\n\nThey come and go.", "200 to 600 words", "has 6 words"},
		{"critique", Critique{Issues: []string{}, Score: 0.5}, "type", "issues: wants at least 1"},
	} {
		s := script()
		s[c.key] = append([]any{c.bad}, s[c.key]...)
		pawltest.Run(t, Flow, input, s).Done().RejectedOnlyBy(c.key, c.gate, c.says)
	}
	s := script()
	s["critique"], s["revise"], s["critique#2"] = []any{denied(0.4, "Name the moon.")}, []any{"Short.", post("two")}, []any{approved}
	pawltest.Run(t, Flow, input, s).Done().RejectedOnlyBy("revise", "200 to 600 words", "has 1 word")
}

func TestMarkdownBeginsWithATitle(t *testing.T) {
	for text, want := range map[string]string{"# Mine\n\ntext\n": "# Mine\n\ntext", "text": "# The tides\n\ntext"} {
		if got := (Output{Outline: outline, Post: text}).Markdown(); got != want {
			t.Errorf("Markdown() = %q, want %q", got, want)
		}
	}
}

func TestHouse(t *testing.T) {
	housetest.NoFormatButTheSchema(t, Flow, "draft", "revise")
	housetest.Described(t, Flow)
	housetest.FillsInputs(t, Flow, map[string]string{`{"topic":"x"}`: `{"topic":"x","audience":"curious readers","max_revisions":2}`})
	housetest.RefusesInputs(t, Flow, map[string]string{`{"topic":""}`: "topic", `{"topic":" "}`: "topic: is blank", `{}`: "topic", `{"topic":"x","max_revisions":6}`: "max_revisions"})
}

// The stand-in, well behaved and not, takes the flow to its end.
func TestOffline(t *testing.T) {
	for options, revisions := range map[string]int{"": 0, "?reject=1": 2, "?malformed=1": 0, "?fail=1": 0} {
		if ran := pawltest.Run(t, Flow, input, housetest.Offline(options)).Done(); ran.Out.Revisions != revisions {
			t.Errorf("%q: %d revisions, want %d", options, ran.Out.Revisions, revisions)
		}
	}
}

func TestRecordedRuns(t *testing.T) { housetest.RecordedRuns(t, Flow) }
