package blog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/flows/internal/prose"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var input = blog.Input{Topic: "Tides", TargetLength: 400, Style: "plain", MinCohesion: 0.7}

// planOf returns a plan of sections of these types, each of 100 words.
func planOf(types ...string) blog.Plan {
	p := blog.Plan{TopicAnalysis: "The pull of the moon.", TargetAudience: "Sailors.", Sections: []blog.PlanSection{}}
	for _, typ := range types {
		p.Sections = append(p.Sections, blog.PlanSection{
			SectionType: typ, Description: "Covers " + typ + ".", StyleGuide: "Briskly.", TargetLength: 100,
		})
	}
	return p
}

var fourTypes = []string{"introduction", "example", "example", "conclusion"}

// draftOf returns a section of n words, each the given one.
func draftOf(n int, word string) blog.Draft {
	return blog.Draft{Content: housetest.Text(n, word), KeyPoints: []string{word + " point"}}
}

func reviewOf(score float64, edits ...blog.Edit) blog.Review {
	return blog.Review{SuggestedEdits: append([]blog.Edit{}, edits...), CohesionScore: score, FinalVersion: "# Tides\n\n" + housetest.Text(399, "final")}
}

// script answers for a post of four sections that is approved at once.
func script() pawltest.Script {
	s := pawltest.Script{"plan": {planOf(fourTypes...)}, "review": {reviewOf(0.9)}}
	for i := range fourTypes {
		s[pawl.Key(fmt.Sprintf("sections[%d]/write", i))] = []any{draftOf(100+i, fmt.Sprintf("text%d", i))}
	}
	return s
}

func sectionsOf(words ...string) []blog.Section {
	var all []blog.Section
	for i, w := range words {
		d := draftOf(100+i, w)
		all = append(all, blog.Section{SectionType: fourTypes[i], Content: d.Content, KeyPoints: d.KeyPoints})
	}
	return all
}

func TestApprovedAtOnce(t *testing.T) {
	edit := blog.Edit{SectionName: "example", SuggestedEdit: "Shorten\nit."}
	s := script()
	s["review"] = []any{reviewOf(0.7, edit)} // on the bar is not below it
	ran := pawltest.Run(t, blog.Flow, input, s).Done()

	want := []pawl.Key{"plan", "sections[0]/write", "sections[1]/write", "sections[2]/write", "sections[3]/write", "review"}
	if got := ran.Calls(); !slices.Equal(got, want) {
		t.Errorf("model calls %v, want %v", got, want)
	}
	out := blog.Output{
		Structure: planOf(fourTypes...), Sections: sectionsOf("text0", "text1", "text2", "text3"),
		Review: reviewOf(0.7, edit), Rounds: 1,
	}
	if diff := cmp.Diff(out, ran.Out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	notes := []string{
		"Plan: 4 sections, 400 words: introduction (100), example (100), example (100), conclusion (100)",
		"Section 1 of 4 written: introduction, 100 words of about 100",
		"Section 2 of 4 written: example, 101 words of about 100",
		"Section 3 of 4 written: example, 102 words of about 100",
		"Section 4 of 4 written: conclusion, 103 words of about 100",
		"Review 1 of at most 2: cohesion 0.7, bar 0.7, approved",
		"Suggested edit of example: Shorten it.",
	}
	if diff := cmp.Diff(notes, ran.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	purposes := map[pawl.Key]string{
		"plan": "Planning sections", "sections": "Writing 4 sections one after another",
		"sections[2]/write": "Writing section", "review": "Reviewing post",
	}
	for key, want := range purposes {
		if got := ran.Step(key).Purpose; got != want {
			t.Errorf("purpose of %s is %q, want %q", key, got, want)
		}
	}
	if text, ok := blog.Flow.Markdown(ran.Output); !ok || text != reviewOf(0).FinalVersion {
		t.Errorf("Flow.Markdown = %q, %v, want the final version", text, ok)
	}
}

// The review names a type that two sections have: both are reworked, in place.
func TestUnderTheBarSectionsAreReworked(t *testing.T) {
	edits := []blog.Edit{
		{SectionName: "example", SuggestedEdit: "Name a harbour."},
		{SectionName: "conclusion", SuggestedEdit: "Look back."},
		{SectionName: "example", SuggestedEdit: "Drop the anecdote."},
	}
	s := script()
	s["review"] = []any{reviewOf(0.2, edits...)}
	s["rework[0]/write"] = []any{draftOf(101, "new1")}
	s["rework[1]/write"] = []any{draftOf(102, "new2")}
	s["rework[2]/write"] = []any{draftOf(103, "new3")}
	s["review#2"] = []any{reviewOf(0.8)}
	ran := pawltest.Run(t, blog.Flow, input, s).Done()

	want := []pawl.Key{"review", "rework[0]/write", "rework[1]/write", "rework[2]/write", "review#2"}
	if got := ran.Calls()[5:]; !slices.Equal(got, want) {
		t.Errorf("model calls %v, want %v", got, want)
	}
	out := blog.Output{
		Structure: planOf(fourTypes...), Sections: sectionsOf("text0", "new1", "new2", "new3"),
		Review: reviewOf(0.8), Rounds: 2,
	}
	if diff := cmp.Diff(out, ran.Out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	for key, wants := range map[pawl.Key][]string{
		"rework[0]/write": {"Rework section 2 ", "Name a harbour.", "Drop the anecdote.", "text1 text1", "text0 text0", "about 100 words", "50 to 150 words"},
		"rework[1]/write": {"Rework section 3 ", "Name a harbour.", "text2 text2", "new1 new1"}, // one after another
		"rework[2]/write": {"Rework section 4 ", "Look back.", "text3 text3"},
		"review#2":        {"text0 text0", "new1 new1", "new2 new2", "new3 new3"},
	} {
		for _, want := range wants {
			if !strings.Contains(ran.Asked(key), want) {
				t.Errorf("the request for %s lacks %q", key, want)
			}
		}
	}
	for i, own := range []string{"text1", "text2", "text3"} {
		_, part, _ := strings.Cut(ran.Asked(key("rework", i)), "<section_to_rework>")
		if part, _, _ = strings.Cut(part, "</section_to_rework>"); !strings.Contains(part, own+" "+own) {
			t.Errorf("the request for rework %d does not show its section as it stands:\n%s", i, part)
		}
	}
	if strings.Contains(ran.Asked("rework[2]/write"), "Name a harbour.") {
		t.Error("the conclusion is given the edits of the examples")
	}
	for _, old := range []string{"text1", "text2", "text3"} {
		if strings.Contains(ran.Asked("review#2"), old) {
			t.Errorf("the second review still sees %s", old)
		}
	}
	notes := []string{
		"Review 1 of at most 2: cohesion 0.2, bar 0.7, not approved",
		"Suggested edit of example: Name a harbour.",
		"Suggested edit of conclusion: Look back.",
		"Suggested edit of example: Drop the anecdote.",
		"Section 2 of 4 reworked: example, 101 words of about 100",
		"Section 3 of 4 reworked: example, 102 words of about 100",
		"Section 4 of 4 reworked: conclusion, 103 words of about 100",
		"Review 2 of at most 2: cohesion 0.8, bar 0.7, approved",
	}
	if diff := cmp.Diff(notes, ran.Notes[5:]); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestStillUnderTheBarIsSaid(t *testing.T) {
	low := reviewOf(0.2, blog.Edit{SectionName: "introduction", SuggestedEdit: "Greet."})
	s := script()
	s["review"], s["review#2"] = []any{low}, []any{low}
	s["rework[0]/write"] = []any{draftOf(100, "new0")}
	ran := pawltest.Run(t, blog.Flow, input, s).Done()
	if !ran.Out.BelowBar || ran.Out.Rounds != 2 || ran.Out.Markdown() != low.FinalVersion {
		t.Errorf("below_bar %v after %d rounds", ran.Out.BelowBar, ran.Out.Rounds)
	}
	if want := "not approved: it is below the bar, its last review gave it a cohesion of 0.2"; ran.Reason != want {
		t.Errorf("reason %q, want %q", ran.Reason, want)
	}
	want := "Below the bar: cohesion 0.2 after 2 reviews, wants at least 0.7; the post is returned as it is"
	if got := ran.Notes[len(ran.Notes)-1]; got != want {
		t.Errorf("last note %q, want %q", got, want)
	}
}

func TestABarOfZeroIsNeverMissed(t *testing.T) {
	s := script()
	s["review"] = []any{reviewOf(0)}
	in := input
	in.MinCohesion = 0
	if ran := pawltest.Run(t, blog.Flow, in, s).Done(); ran.Out.BelowBar || ran.Out.Rounds != 1 {
		t.Errorf("below_bar %v after %d rounds", ran.Out.BelowBar, ran.Out.Rounds)
	}
}

func TestOfflineWithDefaults(t *testing.T) {
	for _, parallel := range []bool{false, true} {
		run := func() *pawltest.Ran[blog.Output] {
			in := fmt.Sprintf(`{"topic":"Why small steps work","parallel":%v}`, parallel)
			return pawltest.RunJSON(t, blog.Flow, in, offline.Model{}).Done()
		}
		first, second := run(), run()
		if got, want := string(first.Output), string(second.Output); got != want {
			t.Errorf("two runs differ:\n%s\n%s", got, want)
		}
		if n := len(first.Out.Sections); first.Out.BelowBar || first.Usage.ModelCalls != int64(n+2) {
			t.Errorf("below_bar %v, %d model calls for %d sections", first.Out.BelowBar, first.Usage.ModelCalls, n)
		}
		for _, s := range first.Steps {
			if !s.Kind.Scope() && len(s.Attempts) != 1 {
				t.Errorf("%s took %d attempts: %s", s.Key, len(s.Attempts), housetest.JSON(s.Attempts))
			}
		}
	}
}

// Every length and shape goes through offline without a repair, and the post is
// as long as was asked for.
func TestOfflineAtTheBounds(t *testing.T) {
	for _, c := range []struct {
		model    string
		in       blog.Input
		belowBar bool
	}{
		{"", blog.Input{Topic: "Tides", TargetLength: 100}, false},
		{"", blog.Input{Topic: "Tides", TargetLength: 999, Parallel: true, MinCohesion: 1}, true},
		{"", blog.Input{Topic: "Tides", TargetLength: 20_000, Parallel: true, MinCohesion: 0.7}, false},
		{"?reject=1", blog.Input{Topic: "Tides", TargetLength: 20_000, MinCohesion: 0.7}, true},
	} {
		t.Run(fmt.Sprintf("%s %d", c.model, c.in.TargetLength), func(t *testing.T) {
			ran := pawltest.Run(t, blog.Flow, c.in, housetest.Offline(c.model)).Done()
			if ran.Out.BelowBar != c.belowBar {
				t.Errorf("below_bar %v with a score of %g", ran.Out.BelowBar, ran.Out.Review.CohesionScore)
			}
			if n := prose.Words(ran.Out.Review.FinalVersion); n < c.in.TargetLength*8/10 || n > c.in.TargetLength*12/10 {
				t.Errorf("the post has %d words of %d", n, c.in.TargetLength)
			}
			for _, s := range ran.Steps {
				if !s.Kind.Scope() && len(s.Attempts) != 1 {
					t.Errorf("%s took %d attempts: %s", s.Key, len(s.Attempts), housetest.JSON(s.Attempts[0].Gates))
				}
			}
		})
	}
}

// Prompts may speak any language: what the checks demand reaches the model with
// the names of the gates. The names of sections stand in no gate's name; a
// complaint tells them.
func TestOfflineKeepsToTheGatesWhateverThePromptsSay(t *testing.T) {
	for _, name := range []string{"", "?reject=1"} {
		ran := pawltest.Run(t, housetest.Wordless(t, blog.Flow), input, housetest.Offline(name)).Done()
		for _, s := range ran.Steps {
			most := 1
			if s.Name == "review" {
				most = 2
			}
			if len(s.Attempts) > most {
				t.Errorf("%s: %s took %d attempts: %s", name, s.Key, len(s.Attempts), housetest.JSON(s.Attempts))
			}
		}
	}
}

func TestRefusalFailsTheStep(t *testing.T) {
	for _, key := range []pawl.Key{"plan", "sections[1]/write", "review"} {
		t.Run(string(key), func(t *testing.T) {
			s := script()
			s[key] = []any{&llm.Error{Kind: llm.Refused, Message: "I cannot help with that."}}
			ran := pawltest.Run(t, blog.Flow, input, s)
			ran.Failed(key, pawl.ErrorKind(llm.Refused))
			if attempts := ran.Step(key).Attempts; len(attempts) != 1 {
				t.Errorf("%d attempts at %q, want 1", len(attempts), key)
			}
			if slices.Contains(ran.Calls(), "review") && key != "review" {
				t.Error("the post was reviewed without all its sections")
			}
		})
	}
}

// Every answer has a limit that follows from how long it is to be, with room for
// thoughts, and never one that its words could not keep to.
func TestLimitsFollowTheLength(t *testing.T) {
	limits := func(words int) map[pawl.Key]int {
		of := map[pawl.Key]int{}
		ran := pawltest.Run(t, blog.Flow, blog.Input{Topic: "Tides", TargetLength: words, Style: "plain"}, offline.Model{}).Done()
		for _, req := range ran.Requests() {
			of[pawl.Key(req.Meta.Key)] = req.MaxTokens
		}
		return of
	}
	short, long := limits(200), limits(4000)
	for _, key := range []pawl.Key{"sections[0]/write", "review"} {
		if short[key] < prose.Tokens(100) || long[key] <= short[key] {
			t.Errorf("%s: %d of a short post, %d of a long one", key, short[key], long[key])
		}
	}
	if long["review"] < prose.Tokens(4000) || short["plan"] != long["plan"] || short["plan"] < prose.Tokens(1000) {
		t.Errorf("a short post %v, a long one %v", short, long)
	}
}
