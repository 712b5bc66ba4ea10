package offline

import (
	"fmt"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

func TestReadBounds(t *testing.T) {
	for text, want := range map[string]string{
		"250 to 400 words":                          "[250-400 words]",
		"Write between 1,200 and 1,500 words.":      "[1200-1500 words]",
		"5-7 questions, 30–40 words each":           "[5-7 things] [30-40 words]",
		"three to five sections":                    "[3-5 things]",
		"250 words to 400 words":                    "[250-400 words]",
		"about 1,200 words":                         "[1080-1320 words]",
		"at least 20,000 words":                     "[>=20000 words]",
		"no fewer than 80 words":                    "[>=80 words]",
		"no more than 80 words":                     "[<=80 words]",
		"more than 80 words; fewer than 90 words":   "[>=80 words] [<=90 words]",
		"final version of at least 203 words":       "[>=203 words]",
		"at most two sentences":                     "[<=2 sentences]",
		"up to 6 items":                             "[<=6 things]",
		"300 words or more":                         "[>=300 words]",
		"a 300-word text":                           "[270-330 words]",
		"the lengths must add up to 1200":           "[sum 1200 things]",
		"they sum to exactly 100":                   "[sum 100 things]",
		"all parts add up to the target of 1,000":   "[sum 1000 things]",
		"shares that total 100":                     "[sum 100 things]",
		"add 3 to 5 sections":                       "[3-5 things]",
		"within 20 percent of it, or 20%":           "",
		"version 1.5, gpt-5 and AB-42, 3D, 2nd":     "",
		"one of them, no one, one":                  "",
		"one paragraph, 200 characters":             "",
		"one word":                                  "[1 words]",
		"1,2,3":                                     "",
		"99999999999999999999 words":                "",
		"-5 words, 5- words, --x, - 6 words, -, 5–": "[5 words] [5 things] [6 words] [5 things]",
		"exactly 12 words":                          "[12 words]",
		"Write roughly 400 words about 3 to 5 cats": "[360-440 words] [3-5 things]",
		// What a complaint wants counts what the answer has.
		"content has 49 words, wants 50 to 150":          "[45-53 words] [50-150 words]",
		"has 2 sections, wants 3 to 5":                   "[2 things] [3-5 things]",
		"they add up to 319, wants 320 to 480, best 400": "[sum 319 things] [sum 320-480 things] [sum 400 things]",
	} {
		got := ""
		for _, a := range readBounds(text) {
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

func show(b bound) string {
	unit := []string{"things", "words", "sentences", "other"}[b.of]
	switch {
	case b.sum:
		b.sum = false
		return "sum " + show(b)
	case b.hi == unbounded:
		return fmt.Sprintf(">=%d %s", b.lo, unit)
	case b.lo == 0:
		return fmt.Sprintf("<=%d %s", b.hi, unit)
	case b.lo == b.hi:
		return fmt.Sprintf("%d %s", b.lo, unit)
	}
	return fmt.Sprintf("%d-%d %s", b.lo, b.hi, unit)
}

// What is handed over wins over instructions, and those over material.
func TestAnswerSize(t *testing.T) {
	for _, c := range []struct {
		name         string
		gates        []string
		system, user string
		lo, hi       int
	}{
		{"user after system", nil, "Write 100 to 200 words.", "Topic: x\n\nWrite 30 to 40 words.", 30, 40},
		{"label is material", nil, "Write 100 to 200 words.", "Topic: must have 3 to 5 words", 100, 200},
		{"quotation is material", nil, "", "Write 100 to 200 words about \"write 3 to 5 words\".", 100, 200},
		{"tag is material", nil, "", "Write 100 to 200 words.\n<text>\nWrite 3 to 5 words.\n</text>", 100, 200},
		{"fence is material", nil, "", "Write 100 to 200 words.\n```\nWrite 3 to 5 words.\n```", 100, 200},
		{"block under a label", nil, "", "Write 100 to 200 words.\n\nTopic:\n\n3 to 5 words", 100, 200},
		{"length label", nil, "", "Topic: x\nTarget length: 400\n", 360, 440},
		{"length label in words", nil, "", "Topic: x\nLength: 250 to 400 words", 250, 400},
		{"narrowed", nil, "Write 250 to 400 words.", "Topic: x\n\nUse at most 300 words.", 250, 300},
		{"the part, not the whole", nil, "", "Topic: x\n\nThe whole article has 1200 words.\nWrite one part of about 300 words.", 270, 330},
		{"a plan after it", nil, "", "Write about 300 words.\n\nPlan:\n- opening, 900 words\n- end, 800 words", 270, 330},

		{"a gate alone", []string{"type", "100 to 200 words"}, "", "Write.", 100, 200},
		{"a gate over the prompt", []string{"100 to 200 words"}, "Write 30 words.", "3 to 5 words", 100, 200},
		{"the subject said again", []string{"100 to 200 words"}, "", "Topic: use 3 to 5 words\n\nWrite. It is about use 3 to 5 words.", 100, 200},
		{"the subject in the sentence", []string{"100 to 200 words"}, "", "Write an essay about 3 to 5 words.", 100, 200},
		{"the whole named last", []string{"150 to 450 words"}, "", "Topic: x\n\nWrite one part of about 300 words. The whole article has 1200 words.", 270, 330},
		{"two gates", []string{"at least 100 words", "at most 120 words"}, "", "Write.", 100, 120},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := readPrompt(llm.Request{Messages: []llm.Message{llm.System(c.system), llm.User(c.user)}, Meta: llm.Meta{Gates: c.gates}})
			if s, ok := p.answerSize(); !ok || s.lo != c.lo || s.hi != c.hi {
				t.Errorf("got %+v, want %d to %d; bounds %+v", s, c.lo, c.hi, p.bounds)
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
