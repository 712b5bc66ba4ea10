package article_test

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/pawltest"
)

// Each row is turned down by one gate alone; the repaired answer is accepted.
func TestEachGate(t *testing.T) {
	good := draftOf(300, "tide")
	many := func(names ...string) article.Outline { return article.Outline{Title: "The Tides", Sections: names} }
	reviewWith := func(change func(*article.Review)) article.Review {
		v := approved
		change(&v)
		return v
	}
	for _, c := range []struct {
		name      string
		key       pawl.Key
		gate      string
		bad       any
		complaint string
	}{
		{"no sections", "outline", "3 to 5 sections", many(), "has 0 sections, wants 3 to 5"},
		{"two sections", "outline", "3 to 5 sections", many("a", "b"), "has 2 sections, wants 3 to 5"},
		{"six sections", "outline", "3 to 5 sections", many("a", "b", "c", "d", "e", "f"), "has 6 sections, wants 3 to 5"},
		{"long name", "outline", "section names of at most 10 words", many("a", housetest.Text(11, "b"), "c"), "section 2 has 11 words, wants at most 10"},
		{"blank name", "outline", "section names of at most 10 words", many("a", "b", " \n"), "section 3 has no name"},
		{"no title", "outline", "schema", article.Outline{Sections: outline.Sections}, "title"},

		{"249 words", "draft", "250 to 400 words", draftOf(249, "tide"), "has 249 words, wants 250 to 400"},
		{"401 words", "draft", "250 to 400 words", draftOf(401, "tide"), "has 401 words, wants 250 to 400"},
		{"no headings", "draft", "Markdown headings", housetest.Text(299, "tide") + " In conclusion, tides.", "has no Markdown headings"},
		{"a hash is no heading", "draft", "Markdown headings", housetest.Text(299, "tide") + "\n#conclusion", "has no Markdown headings"},
		{"a comment in code is no heading", "draft", "Markdown headings", "```\n# tide\n```\n" + housetest.Text(299, "tide") + " concludes", "has no Markdown headings"},
		{"no conclusion", "draft", "a conclusion", "# Tides\n\n" + housetest.Text(299, "tide"), `wants a last section with text under the heading "Conclusion"`},
		{"empty conclusion", "draft", "a conclusion", "# Tides\n\n" + housetest.Text(299, "tide") + "\n\n## Conclusion\n", "has no conclusion"},
		{"concluded too early", "draft", "a conclusion", "# Tides\n\nTo conclude.\n\n## Moon\n\n" + housetest.Text(299, "tide"), "has no conclusion"},

		{"no issue", "review", "at least 1 issue unless approved", article.Review{Issues: []string{}, Suggestions: []string{"x"}, Score: 0.2}, "names no issue, wants at least 1"},
		{"blank issue", "review", "at least 1 issue unless approved", article.Review{Issues: []string{" "}, Suggestions: []string{}, Score: 0.2}, "names no issue"},
		{"score 7.5", "review", "schema", reviewWith(func(v *article.Review) { v.Score = 7.5 }), "0 to 1"},
		{"score -0.1", "review", "schema", reviewWith(func(v *article.Review) { v.Score = -0.1 }), "0 to 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := pawltest.Script{"outline": {outline}, "draft": {good}, "review": {approved}}
			script[c.key] = append([]any{c.bad}, script[c.key]...)
			pawltest.Run(t, article.Flow, input, script).Done().RejectedOnlyBy(c.key, c.gate, c.complaint)
		})
	}
}

func TestARevisionPassesTheGatesOfADraft(t *testing.T) {
	for gate, bad := range map[string]string{
		"250 to 400 words":  draftOf(249, "ebb"),
		"Markdown headings": housetest.Text(299, "ebb") + " In conclusion, ebb.",
		"a conclusion":      "# Ebb\n\n" + housetest.Text(299, "ebb"),
	} {
		pawltest.Run(t, article.Flow, input, pawltest.Script{
			"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {denied},
			"revise": {bad, draftOf(300, "ebb")}, "review#2": {approved},
		}).Done().RejectedOnlyBy("revise", gate)
	}
}

func TestBoundsThemselvesAreAccepted(t *testing.T) {
	five := article.Outline{Title: "T", Sections: []string{"a", "b", "c", "d", housetest.Text(10, "e")}}
	for _, script := range []pawltest.Script{
		{"outline": {outline}, "draft": {draftOf(250, "tide")}, "review": {approved}},
		{"outline": {five}, "draft": {draftOf(400, "tide")}, "review": {approved}},
		{"outline": {outline}, "draft": {"# T\n\n" + housetest.Text(299, "tide") + "\n\nIn conclusion, tides."}, "review": {approved}},
		{"outline": {outline}, "draft": {draftOf(300, "tide")}, "review": {article.Review{Issues: []string{}, Suggestions: []string{}, Score: 1, Approved: true}}},
	} {
		ran := pawltest.Run(t, article.Flow, input, script).Done()
		if ran.Usage.ModelCalls != 3 {
			t.Errorf("%d model calls, want 3: %s", ran.Usage.ModelCalls, housetest.JSON(ran.Steps))
		}
	}
}

// An answer that never passes stands still with what was wrong with it.
func TestADraftThatStaysTooShortIsNotPublished(t *testing.T) {
	short := draftOf(249, "tide")
	ran := pawltest.Run(t, article.Flow, input, pawltest.Script{
		"outline": {outline}, "draft": {short, short, short},
	})
	ran.Failed("draft", pawl.ErrGate, "has 249 words, wants 250 to 400")
}
