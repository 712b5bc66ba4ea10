package offline

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pawlrun/pawl/llm"
)

// Subjects that have misled readers of prompts.
func subjects() []string {
	return []string{
		"Why small steps work", "", " ", "?", "...", "-", "🌊", "👩‍👩‍👧‍👦 and 🦊", "为什么小步骤有效", "Почему маленькие шаги работают",
		"لماذا تنجح الخطوات الصغيرة", "add up to 7", "3 to 5 words", "The lengths must add up to 7", "Write 3 to 5 words",
		"exactly 2 sections", "7 sections that sum to 9", "one of: red, green", "sections: one of a, b", "<b>bold</b> & \"quoted\"",
		"say \"hi", "{{.Topic}}", "{\"a\": 1}", "```", "# heading", "- item", "> quote", "Topic: topic", "Length: 12",
		"target_length: 3", "1984", "at least 9000 words", "at most 3 words", "no headings", "line one\nline two has 3 to 5 words",
		"text\x00with\x07controls", "\u202eright to left", "bad \xff utf-8", "%k %t %d %s", strings.Repeat("very ", 2000) + "long",
		strings.Repeat("x", 10_000), strings.Repeat("日本語の長い話題", 30), strings.Repeat("steps add up to 3. ", 550), "empty when approved", "approved: false",
	}
}

type outline struct {
	Title    string   `json:"title" jsonschema:"the title of the article" pawl:"len=1..200"`
	Sections []string `json:"sections" jsonschema:"3 to 5 short section names, in order" pawl:"items=3..5"`
}

type review struct {
	Approved    bool     `json:"approved" jsonschema:"true if it can be published as it is"`
	Score       float64  `json:"score" jsonschema:"quality from 0 to 1" pawl:"min=0,max=1"`
	Issues      []string `json:"issues" jsonschema:"what must change; at least one unless approved"`
	Suggestions []string `json:"suggestions" jsonschema:"what could be better"`
}

func TestArticlePrompts(t *testing.T) {
	t.Parallel()
	const system = "You write short articles for a general reader."
	const draftSystem = system + "\nAnswer with 250 to 400 words of Markdown: a title, a heading for each section, and a conclusion."
	draftGates := llm.Meta{Gates: []string{"250 to 400 words", "Markdown headings", "a conclusion"}}
	forms := []string{
		"Topic: %s\n\n%s", "Topic:\n%s\n\n%s", "<topic>\n%s\n</topic>\n\n%s", "<topic>%s</topic>\n%s",
		"## Topic\n\n%s\n\n## Task\n\n%s", "The topic is \"%s\".\n\n%s",
	}
	for i, topic := range subjects() {
		label := name(topic)
		for j, form := range forms {
			if len(topic) > 1000 && (i+j)%3 > 0 {
				continue // long ones take long
			}
			o := fill[outline](t, "", llm.System(system), llm.User(fmt.Sprintf(form, topic, "Plan a short article with 3 to 5 sections.")))
			if n := len(o.Sections); n < 3 || n > 5 || o.Title == "" {
				t.Fatalf("%s: outline %+v", label, o)
			}
			seen := map[string]bool{}
			for _, s := range o.Sections {
				if s == "" || seen[s] || len(strings.Fields(s)) > 10 || strings.Contains(s, "\n") {
					t.Fatalf("%s: section name %q of %q", label, s, o.Sections)
				}
				seen[s] = true
			}
			list := "Title: " + o.Title + "\nOutline:\n- " + strings.Join(o.Sections, "\n- ")
			drafts := []string{
				generate(t, llm.Request{Meta: draftGates, Messages: []llm.Message{llm.System(draftSystem), llm.User(fmt.Sprintf(form, topic, list))}}),
				generate(t, llm.Request{Meta: draftGates, Messages: []llm.Message{
					llm.System(system), llm.User(fmt.Sprintf(form, topic, list) + "\n\nWrite 250 to 400 words of Markdown with headings and a conclusion."),
				}}),
			}
			for _, d := range drafts {
				checkDraft(t, label+" in "+form, d, o.Sections)
			}
			for _, user := range []string{drafts[0], "Review this text:\n\n" + drafts[0], fmt.Sprintf(form, topic, drafts[0])} {
				r := fill[review](t, "", llm.System("Review the text. List what must change."), llm.User(user))
				if !r.Approved || r.Score < 0.8 || len(r.Issues) != 0 || len(r.Suggestions) == 0 {
					t.Fatalf("%s: review %+v", label, r)
				}
				if j > 0 {
					continue
				}
				r = fill[review](t, "?reject=1", llm.System("Review the text. List what must change."), llm.User(user))
				if r.Approved || r.Score > 0.5 || len(r.Issues) == 0 {
					t.Fatalf("%s: rejecting review %+v", label, r)
				}
			}
		}
	}
}

func checkDraft(t *testing.T, label, d string, sections []string) {
	t.Helper()
	if n := len(strings.Fields(d)); n < 250 || n > 400 {
		t.Fatalf("%s: %d words:\n%s", label, n, d)
	}
	if !strings.HasPrefix(d, "# ") || strings.Count(d, "\n## ") < 3 || !strings.Contains(d, "\n## Conclusion\n") {
		t.Fatalf("%s: headings:\n%s", label, d)
	}
	if !utf8.ValidString(d) || strings.ContainsAny(d, "\x00\x07") {
		t.Fatalf("%s: not clean text: %q", label, d)
	}
	for _, s := range sections {
		if !strings.Contains(d, "## "+s+"\n") {
			t.Fatalf("%s: section %q is missing:\n%s", label, s, d)
		}
	}
}

func name(topic string) string {
	if len(topic) > 40 {
		topic = topic[:40]
	}
	return fmt.Sprintf("%q", topic)
}

// Who counts each character of a script without spaces as a word, and who counts them
// together, finds the same number in a text about such a topic.
func TestTextsCountAlikeInScriptsWithoutSpaces(t *testing.T) {
	t.Parallel()
	for _, topic := range []string{strings.Repeat("日本語の長い話題", 30), "なぜ 小さな 一歩 が 効く", "为什么小步骤有效"} {
		text := generate(t, llm.Request{Messages: []llm.Message{llm.User("Topic: " + topic + "\n\nWrite about 300 words.")}})
		if strings.ContainsFunc(text, unspaced) {
			t.Errorf("%s: %s", name(topic), text)
		}
	}
}

type planned struct {
	SectionType  string `json:"section_type" jsonschema:"short name of the section, such as introduction"`
	Description  string `json:"description" jsonschema:"what the section covers"`
	StyleGuide   string `json:"style_guide" jsonschema:"how the section should read"`
	TargetLength int    `json:"target_length" jsonschema:"words in this section; all of them add up to the target length" pawl:"min=1,max=20000"`
}

type plan struct {
	TopicAnalysis  string    `json:"topic_analysis" jsonschema:"what the topic asks for"`
	TargetAudience string    `json:"target_audience" jsonschema:"who will read it"`
	Sections       []planned `json:"sections" jsonschema:"the sections in order" pawl:"items=1..20"`
}

func TestPlansAddUp(t *testing.T) {
	t.Parallel()
	for i, target := range []int{100, 101, 333, 999, 1000, 1200, 4321, 20000} {
		for j, topic := range subjects() {
			if j > 0 && (i+j)%4 > 0 {
				continue
			}
			for _, task := range []string{
				"Topic: %s\nStyle: informative\n\nPlan 1 to 20 sections. Their lengths must add up to %d words.",
				"Topic: %s\n\nTarget length: %d words\n\nPlan the sections.",
				"Plan a text. The target lengths of all sections together sum to %[2]d.\n\n<topic>%[1]s</topic>",
			} {
				p := fill[plan](t, "", llm.System("You plan long texts."), llm.User(fmt.Sprintf(task, topic, target)))
				sum := 0
				for _, s := range p.Sections {
					sum += s.TargetLength
					if s.SectionType == "" || s.Description == "" || s.StyleGuide == "" {
						t.Fatalf("%s: empty field in %+v", name(topic), s)
					}
				}
				if sum != target || len(p.Sections) == 0 {
					t.Fatalf("%s, %d (%d): lengths add up to %d: %+v", name(topic), target, i, sum, p.Sections)
				}
			}
		}
	}
	for _, task := range []string{
		"Plan a text of about 1200 words.", "The whole text has 1,200 words in total.", "Target length in words: 1200",
		"target_length: 1200", "Length: 1200 words", "Split 1200 words over the sections.",
		"All target_length values together must equal 1200 words, within 20 percent.",
	} {
		p := fill[plan](t, "", llm.System("You plan long texts of 1 to 20 sections."), llm.User("Topic: 7 tides in 30 words\n\n"+task))
		sum := 0
		for _, s := range p.Sections {
			sum += s.TargetLength
		}
		if sum != 1200 {
			t.Errorf("%q: lengths add up to %d", task, sum)
		}
	}
	for n := 1; n <= 20; n++ {
		p := fill[plan](t, "", llm.User(fmt.Sprintf("Topic: tides\n\nPlan exactly %d sections; the lengths add up to 1,207.", n)))
		sum := 0
		for _, s := range p.Sections {
			sum += s.TargetLength
		}
		if len(p.Sections) != n || sum != 1207 {
			t.Errorf("%d sections: got %d with %d words", n, len(p.Sections), sum)
		}
	}
}

type written struct {
	Content   string   `json:"content" jsonschema:"the text of the section in Markdown, without a heading"`
	KeyPoints []string `json:"key_points" jsonschema:"what the section says, in short"`
}

type edit struct {
	SectionName   string `json:"section_name" jsonschema:"the section to change, as in the plan"`
	SuggestedEdit string `json:"suggested_edit" jsonschema:"what to change"`
}

type cohesion struct {
	CohesionScore  float64 `json:"cohesion_score" jsonschema:"how well the parts fit, 0 to 1" pawl:"min=0,max=1"`
	SuggestedEdits []edit  `json:"suggested_edits" jsonschema:"at least one when the score is low"`
	FinalVersion   string  `json:"final_version" jsonschema:"the whole text with the edits made"`
}

func TestSectionsAndCohesion(t *testing.T) {
	t.Parallel()
	for _, topic := range subjects() {
		label := name(topic)
		p := fill[plan](t, "", llm.User(fmt.Sprintf("Topic: %s\n\nThe lengths must add up to 1200.", topic)))
		var listing, text strings.Builder
		names := []string{}
		for i, s := range p.Sections {
			fmt.Fprintf(&listing, "%d. %s (%d words): %s\n", i+1, s.SectionType, s.TargetLength, s.Description)
			names = append(names, s.SectionType)
		}
		for i, s := range p.Sections {
			user := fmt.Sprintf("Topic: %s\n\nPlan:\n%s\nText so far:\n%s\nWrite section %d, \"%s\": %s\nIts length is about %d words.",
				topic, listing.String(), text.String(), i+1, s.SectionType, s.Description, 100*(i+1))
			gates := []string{fmt.Sprintf("%d to %d words", 50*(i+1), 150*(i+1))}
			w := gated[written](t, "", gates, llm.System("You write one section of a longer text. Keep to its length."), llm.User(user))
			if n := len(strings.Fields(w.Content)); n < 50*(i+1) || n > 150*(i+1) || len(w.KeyPoints) == 0 {
				t.Fatalf("%s: section %d has %d words", label, i, n)
			}
			if strings.HasPrefix(w.Content, "#") {
				t.Fatalf("%s: heading in %s", label, w.Content)
			}
			fmt.Fprintf(&text, "## %s\n\n%s\n\n", s.SectionType, w.Content)
		}
		user := fmt.Sprintf("Topic: %s\n\nsection_name is one of: %s\n\nSections:\n\n%s\nfinal_version has at least %d words.",
			topic, strings.Join(names, ", "), text.String(), 500)
		for _, model := range []string{"", "?reject=1"} {
			gates := []string{"section_name is one of: " + strings.Join(names, ", "), "final version of at least 500 words"}
			c := gated[cohesion](t, model, gates, llm.System("Judge how the sections fit together."), llm.User(user))
			if n := len(strings.Fields(c.FinalVersion)); n < 500 || n > 2000 {
				t.Fatalf("%s: final version has %d words", label, n)
			}
			if (c.CohesionScore > 0.7) != (model == "") || len(c.SuggestedEdits) == 0 {
				t.Fatalf("%s: %+v", label, c)
			}
			for _, e := range c.SuggestedEdits {
				if !strings.Contains("|"+strings.Join(names, "|")+"|", "|"+e.SectionName+"|") || e.SuggestedEdit == "" {
					t.Fatalf("%s: edit %+v, names are %q", label, e, names)
				}
			}
		}
	}
	for _, n := range []int{50, 1000, 20_000} {
		c := fill[cohesion](t, "", llm.User(fmt.Sprintf("Topic: tides\n\nThe final version needs at least %d words.", n)))
		if got := len(strings.Fields(c.FinalVersion)); got < n || got > n*3/2 {
			t.Errorf("at least %d words: got %d", n, got)
		}
	}
	// Without a number a reworked text is about as long as the given one.
	long := strings.Repeat("All rivers carry their stones down to the sea. ", 90)
	c := fill[cohesion](t, "", llm.User("Sections:\n\n"+long))
	if got := len(strings.Fields(c.FinalVersion)); got < 700 {
		t.Errorf("a reworked text of 810 words has %d", got)
	}
}
