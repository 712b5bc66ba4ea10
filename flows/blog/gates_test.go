package blog_test

import (
	"slices"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/pawltest"
)

// lengths returns a plan with sections of these lengths.
func lengths(words ...int) blog.Plan {
	p := planOf(slices.Repeat([]string{"part"}, len(words))...)
	for i, n := range words {
		p.Sections[i].TargetLength = n
	}
	return p
}

// Each row is turned down by one gate alone; the repaired answer is accepted.
func TestEachGate(t *testing.T) {
	edit := blog.Edit{SectionName: "example", SuggestedEdit: "Shorten it."}
	final := func(words int) blog.Review {
		v := reviewOf(0.9)
		v.FinalVersion = housetest.Text(words, "final")
		return v
	}
	blank := planOf(fourTypes...)
	blank.Sections[2].SectionType = ""
	for _, c := range []struct {
		name      string
		key       pawl.Key
		gate      string
		bad       any
		complaint string
	}{
		{"21 sections", "plan", "1 to 20 sections", lengths(slices.Repeat([]int{19}, 21)...), "has 21 sections, wants 1 to 20"},
		{"too short in all", "plan", "lengths add up to 400", lengths(100, 100, 119), "add up to 319, wants 320 to 480, best 400"},
		{"too long in all", "plan", "lengths add up to 400", lengths(100, 100, 100, 181), "add up to 481, wants 320 to 480, best 400"},
		{"a section of length 0", "plan", "schema", lengths(400, 0), "sections[1].target_length"},
		{"a section without type", "plan", "schema", blank, "sections[2].section_type"},

		{"49 percent", "sections[1]/write", "50 to 150 words", draftOf(49, "x"), "content has 49 words, wants 50 to 150"},
		{"151 percent", "sections[1]/write", "50 to 150 words", draftOf(151, "x"), "content has 151 words, wants 50 to 150"},
		{"no words", "sections[0]/write", "50 to 150 words", draftOf(0, "x"), "content has 0 words"},

		{"unknown section", "review", "edits name sections of the plan",
			reviewOf(0.9, edit, blog.Edit{SectionName: "appendix", SuggestedEdit: "Cut it."}),
			`suggested_edits[1].section_name is "appendix", wants one of: introduction, example, conclusion`},
		{"near miss", "review", "edits name sections of the plan", reviewOf(0.9, blog.Edit{SectionName: "Example", SuggestedEdit: "x"}), `"Example"`},
		{"no edit under the bar", "review", "at least 1 edit under the bar", reviewOf(0.69), "0.69 is below 0.7 but there are no suggested edits, wants at least 1"},
		{"a reviewer that answers ok", "review", "final version of at least 203 words", final(1), "final_version has 1 word, wants at least 203"},
		{"one word too few", "review", "final version of at least 203 words", final(202), "has 202 words, wants at least 203"},
		{"score 7.5", "review", "schema", reviewOf(7.5), "0 to 1"},
		{"score -1", "review", "schema", reviewOf(-1, edit), "0 to 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := script()
			s[c.key] = append([]any{c.bad}, s[c.key]...)
			ran := pawltest.Run(t, blog.Flow, input, s).Done()
			ran.RejectedOnlyBy(c.key, c.gate, c.complaint)
		})
	}
}

func TestAReworkedSectionPassesTheGateOfASection(t *testing.T) {
	s := script()
	s["review"] = []any{reviewOf(0.2, blog.Edit{SectionName: "conclusion", SuggestedEdit: "Look back."})}
	s["rework[0]/write"] = []any{draftOf(151, "x"), draftOf(150, "x")}
	s["review#2"] = []any{reviewOf(0.9)}
	pawltest.Run(t, blog.Flow, input, s).Done().
		RejectedOnlyBy("rework[0]/write", "50 to 150 words", "content has 151 words")
}

// The final version is measured by what was written, not by what was planned.
func TestTheFinalVersionIsMeasuredByTheSections(t *testing.T) {
	s := script()
	for _, key := range []pawl.Key{"sections[0]/write", "sections[1]/write", "sections[2]/write", "sections[3]/write"} {
		s[key] = []any{draftOf(50, "x")}
	}
	short := reviewOf(0.9)
	short.FinalVersion = housetest.Text(100, "final")
	s["review"] = []any{short}
	if ran := pawltest.Run(t, blog.Flow, input, s).Done(); ran.Usage.ModelCalls != 6 {
		t.Errorf("%d model calls, want 6", ran.Usage.ModelCalls)
	}
}

// A plan without bounds is turned down before anything is written.
func TestAPlanOfNoneOrTooManySectionsIsNotWritten(t *testing.T) {
	for _, n := range []int{0, 500} {
		bad := lengths(slices.Repeat([]int{1}, n)...)
		ran := pawltest.Run(t, blog.Flow, input, pawltest.Script{"plan": {bad, bad, bad}})
		ran.Failed("plan", pawl.ErrGate, "wants 1 to 20")
		if keys := ran.Calls(); !slices.Equal(keys, []pawl.Key{"plan", "plan", "plan"}) {
			t.Errorf("%d sections: model calls %v", n, keys)
		}
	}
}

func TestBoundsThemselvesAreAccepted(t *testing.T) {
	s := script()
	s["plan"] = []any{lengths(1, 2, 3, 314)} // 320 of 400
	s["sections[0]/write"] = []any{draftOf(1, "x")}
	s["sections[1]/write"] = []any{draftOf(3, "x")}
	s["sections[2]/write"] = []any{draftOf(2, "x")}
	s["sections[3]/write"] = []any{draftOf(471, "x")}
	if ran := pawltest.Run(t, blog.Flow, input, s).Done(); ran.Usage.ModelCalls != 6 {
		t.Errorf("%d model calls, want 6: %s", ran.Usage.ModelCalls, housetest.JSON(ran.Steps))
	}
	twenty := pawltest.Script{"plan": {lengths(slices.Repeat([]int{24}, 20)...)}, "review": {reviewOf(1)}} // 480 of 400
	for i := range 20 {
		twenty[key("sections", i)] = []any{draftOf(24, "x")}
	}
	pawltest.Run(t, blog.Flow, input, twenty).Done()
}
