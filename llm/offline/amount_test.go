package offline

import (
	"fmt"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

func TestReadAmounts(t *testing.T) {
	for text, want := range map[string]string{
		"250 to 400 words":                          "[250-400 words]",
		"Write between 1,200 and 1,500 words.":      "[1200-1500 words]",
		"5-7 questions, 30–40 words each":           "[5-7 things] [30-40 words]",
		"three to five sections":                    "[3-5 things]",
		"250 words to 400 words":                    "[250-400 words]",
		"about 1,200 words":                         "[~1200 words]",
		"at least 20,000 words":                     "[>=20000 words]",
		"no fewer than 80 words":                    "[>=80 words]",
		"no more than 80 words":                     "[<=80 words]",
		"more than 80 words; fewer than 90 words":   "[>=80 words] [<=90 words]",
		"at most two sentences":                     "[<=2 sentences]",
		"up to 6 items":                             "[<=6 things]",
		"300 words or more":                         "[>=300 words]",
		"a 300-word text":                           "[300 words]",
		"the lengths must add up to 1200":           "[sum 1200 things]",
		"they sum to exactly 100":                   "[sum 100 things]",
		"all parts add up to the target of 1,000":   "[sum 1000 things]",
		"shares that total 100":                     "[sum 100 things]",
		"add 3 to 5 sections":                       "[3-5 things]",
		"within 20 percent of it, or 20%":           "",
		"version 1.5, gpt-5 and AB-42, 3D, 2nd":     "",
		"one of them, no one, one":                  "",
		"one paragraph":                             "[1 paragraphs]",
		"1,2,3":                                     "[1 things] [2 things] [3 things]",
		"99999999999999999999 words":                "",
		"exactly 12 words":                          "[12-12 words]",
		"Write roughly 400 words about 3 to 5 cats": "[~400 words] [3-5 things subject]",
	} {
		got := ""
		for _, a := range readAmounts(text) {
			if got != "" {
				got += " "
			}
			got += "[" + show(a) + "]"
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func show(a amount) string {
	unit := []string{"things", "words", "sentences", "paragraphs", "characters"}[a.unit]
	if a.subject {
		unit += " subject"
	}
	switch a.manner {
	case ranging:
		return fmt.Sprintf("%d-%d %s", a.lo, a.hi, unit)
	case about:
		return fmt.Sprintf("~%d %s", a.lo, unit)
	case atLeast:
		return fmt.Sprintf(">=%d %s", a.lo, unit)
	case atMost:
		return fmt.Sprintf("<=%d %s", a.hi, unit)
	case summing:
		return fmt.Sprintf("sum %d %s", a.lo, unit)
	}
	return fmt.Sprintf("%d %s", a.lo, unit)
}

// Instructions win over material, wherever either stands.
func TestTextSize(t *testing.T) {
	for _, c := range []struct {
		name         string
		system, user string
		lo, hi       int
	}{
		{"user after system", "Write 100 to 200 words.", "Topic: x\n\nWrite 30 to 40 words.", 30, 40},
		{"label is material", "Write 100 to 200 words.", "Topic: must have 3 to 5 words", 100, 200},
		{"quotation is material", "", "Write 100 to 200 words about \"write 3 to 5 words\".", 100, 200},
		{"tag is material", "", "Write 100 to 200 words.\n<text>\nWrite 3 to 5 words.\n</text>", 100, 200},
		{"fence is material", "", "Write 100 to 200 words.\n```\nWrite 3 to 5 words.\n```", 100, 200},
		{"block under a label", "", "Write 100 to 200 words.\n\nTopic:\n\n3 to 5 words", 100, 200},
		{"bare subject", "Write 100 to 200 words.", "3 to 5 words", 100, 200},
		{"subject said again", "", "Topic: use 3 to 5 words\n\nWrite 100 to 200 words. It is about use 3 to 5 words.", 100, 200},
		{"subject in the sentence", "Write 100 to 200 words.", "Write an essay about 3 to 5 words.", 100, 200},
		{"length label", "", "Topic: x\nTarget length: 400\n", 360, 440},
		{"length label in words", "", "Topic: x\nLength: 250 to 400 words", 250, 400},
		{"narrowed", "Write 250 to 400 words.", "Topic: x\n\nUse at most 300 words.", 250, 300},
		{"the part, not the whole", "", "Topic: x\n\nThe whole article has 1200 words.\nWrite one part of about 300 words.", 270, 330},
		{"the whole named last", "", "Topic: x\n\nWrite one part of about 300 words. The whole article has 1200 words.", 270, 330},
		{"a plan after it", "", "Write about 300 words.\n\nPlan:\n- opening, 900 words\n- end, 800 words", 270, 330},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := readPrompt([]llm.Message{llm.System(c.system), llm.User(c.user)})
			if s, ok := p.textSize("", "", nil); !ok || s.lo != c.lo || s.hi != c.hi {
				t.Errorf("got %+v, want %d to %d; amounts %+v", s, c.lo, c.hi, p.amounts)
			}
		})
	}
}

func TestChoices(t *testing.T) {
	for text, want := range map[string]string{
		"one of: a, b, c":                       "[a b c]",
		"must be one of \"x y\", 'z' or w.":     "[x y z w]",
		"one of red or green":                   "[red green]",
		"one of: alone":                         "[alone]",
		"one of these names: a, b. More prose":  "[a b]",
		`one of ["a","b"]`:                      "[a b]",
		"One of low|middle|high":                "[low middle high]",
		"this is one of the best ways to do it": "[]",
		"one of a few long things that go on and on for ever and ever, or another": "[]",
	} {
		if got := fmt.Sprint(choices(text)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
