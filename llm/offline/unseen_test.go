package offline

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

// Requests in words that nothing in this package was written for.

type ticket struct {
	Queue      string   `json:"queue" jsonschema:"where it goes" pawl:"enum=refunds|shipping|passwords|other"`
	Urgency    int      `json:"urgency" jsonschema:"1 is low, 5 is high" pawl:"min=1,max=5"`
	Confidence float64  `json:"confidence" pawl:"min=0,max=1"`
	Reply      string   `json:"reply" jsonschema:"a friendly reply of 40 to 60 words"`
	Tags       []string `json:"tags" jsonschema:"at most 4 tags, one of: vip, angry, repeat, press"`
	Escalate   *bool    `json:"escalate"`
}

func TestTriage(t *testing.T) {
	v := fill[ticket](t, "", llm.System("You sort mail for a shoe shop."), llm.User(
		"Customer message:\nMy parcel is lost. I asked shipping 3 times in 2 to 4 words. Shipping never replied.\n\nSort it."))
	if v.Queue != "shipping" {
		t.Errorf("queue %q, though the message speaks of shipping", v.Queue)
	}
	if n := len(strings.Fields(v.Reply)); n < 40 || n > 60 {
		t.Errorf("reply of %d words: %s", n, v.Reply)
	}
	if v.Urgency != 3 || v.Confidence != 0.86 || v.Escalate == nil || !*v.Escalate {
		t.Errorf("%+v", v)
	}
	if len(v.Tags) == 0 || len(v.Tags) > 4 {
		t.Errorf("tags %q", v.Tags)
	}
	for _, tag := range v.Tags {
		if !slices.Contains([]string{"vip", "angry", "repeat", "press"}, tag) {
			t.Errorf("tag %q is not offered", tag)
		}
	}
}

type invoice struct {
	InvoiceNumber string  `json:"invoice_number"`
	Supplier      string  `json:"supplier" jsonschema:"name of the company" pawl:"len=2..40"`
	Currency      string  `json:"currency" pawl:"enum=EUR|USD|GBP"`
	Total         float64 `json:"total" pawl:"min=0"`
	Parties       []struct {
		Role  string `json:"role" pawl:"enum=payer|payee"`
		Lines []struct {
			Text     string  `json:"text" pawl:"len=1..12"`
			Quantity int     `json:"quantity" pawl:"min=1"`
			Share    float64 `json:"share" jsonschema:"percent of the total; the shares of a party sum to 100"`
		} `json:"lines" pawl:"items=2..6"`
	} `json:"parties" pawl:"items=2"`
}

func TestInvoice(t *testing.T) {
	v := fill[invoice](t, "", llm.User("Read this scan.\n\nSupplier: Blue Door Ltd\nInvoice number: BD-2291\nTotal: 1,310.40\nCurrency: GBP\n"))
	if v.InvoiceNumber != "BD-2291" || v.Supplier != "Blue Door Ltd" || v.Total != 1310.40 || v.Currency != "GBP" {
		t.Errorf("labelled values are lost: %+v", v)
	}
	for _, p := range v.Parties {
		sum := 0.0
		for _, l := range p.Lines {
			sum += l.Share
		}
		if sum < 99.99 || sum > 100.01 {
			t.Errorf("shares add up to %v: %+v", sum, p.Lines)
		}
	}
	if v.Parties[0].Role != "payer" || v.Parties[1].Role != "payee" {
		t.Errorf("roles do not walk through the choices: %+v", v.Parties)
	}
}

type quiz struct {
	Name      string `json:"name"`
	Questions []struct {
		Question string   `json:"question" jsonschema:"between 8 and 15 words"`
		Options  []string `json:"options" jsonschema:"exactly four short labels"`
		Right    int      `json:"right" jsonschema:"index of the right option, 0 to 3" pawl:"min=0,max=3"`
		Points   int      `json:"points" jsonschema:"points for it; all points add up to the total" pawl:"min=1"`
	} `json:"questions"`
	Explanation string `json:"explanation"`
}

func TestQuiz(t *testing.T) {
	v := fill[quiz](t, "", llm.System("You set quizzes for a pub."), llm.User(
		"Make a quiz on volcanoes: 5 to 7 hard questions. The points sum to 50. The explanation takes up no more than 30 words."))
	if n := len(v.Questions); n < 5 || n > 7 {
		t.Errorf("%d questions", n)
	}
	points := 0
	for _, q := range v.Questions {
		points += q.Points
		if n := len(strings.Fields(q.Question)); n < 8 || n > 15 {
			t.Errorf("question of %d words: %s", n, q.Question)
		}
		if len(q.Options) != 4 || len(slices.Compact(slices.Sorted(slices.Values(q.Options)))) != 4 {
			t.Errorf("options %q", q.Options)
		}
	}
	if points != 50 {
		t.Errorf("%d points", points)
	}
	if n := len(strings.Fields(v.Explanation)); n == 0 || n > 30 {
		t.Errorf("explanation of %d words", n)
	}
}

type ruling struct {
	Outcome string            `json:"outcome" pawl:"enum=accept|revise|decline"`
	Grade   int               `json:"grade" pawl:"min=1,max=10"`
	Flaws   []string          `json:"flaws"`
	Rating  float64           `json:"rating" jsonschema:"from 0 to 10"`
	Extra   map[string]string `json:"extra"`
}

func TestRuling(t *testing.T) {
	m := llm.User("Judge this poem.\n\n> The rain came down\n> on empty town")
	if v := fill[ruling](t, "", m); v.Outcome != "accept" || v.Grade != 9 || v.Rating != 8.6 || len(v.Flaws) != 0 {
		t.Errorf("%+v", v)
	}
	if v := fill[ruling](t, "?reject=1", m); v.Outcome == "accept" || v.Grade > 4 || len(v.Flaws) == 0 {
		t.Errorf("rejecting: %+v", v)
	}
}

func TestPlainTextSizes(t *testing.T) {
	for prompt, want := range map[string][2]int{
		"Write about 120 words on owls.":                                   {108, 132},
		"An essay, 1,000-1,100 words, with headings. Subject: \"ice\"":     {1000, 1100},
		"In exactly 17 words: what is a fjord?":                            {17, 17},
		"Explain tax to a child in at most 12 words.":                      {1, 12},
		"Summarise in two sentences.\n\nText:\n\nOne day it rained a lot.": {6, 60},
		"Use 1 word.": {1, 1},
		"Write a report in Markdown with 4 sections and a conclusion, at least 900 words.": {900, 1300},
		"Write 20000 words.": {18000, 22000},
		"Hello":              {20, 200},
		"":                   {20, 200},
	} {
		text := generate(t, llm.Request{Messages: []llm.Message{llm.User(prompt)}})
		if n := len(strings.Fields(text)); n < want[0] || n > want[1] {
			t.Errorf("%q: %d words, want %d to %d:\n%.300s", prompt, n, want[0], want[1], text)
		}
	}
	text := generate(t, llm.Request{Messages: []llm.Message{llm.User("Markdown, 4 sections and a conclusion, 600 words, on tea.")}})
	if n := strings.Count(text, "\n## "); n != 5 {
		t.Errorf("%d headings:\n%s", n, text)
	}
}

func TestEveryLengthIsExact(t *testing.T) {
	for n := 1; n < 400; n++ {
		text := generate(t, llm.Request{Messages: []llm.Message{
			llm.User(fmt.Sprintf("Topic: Why tides turn\nTitle: On Tides\n\nUse headings. Write exactly %d words.", n)),
		}})
		if got := len(strings.Fields(text)); got != n {
			t.Fatalf("asked for %d words, got %d", n, got)
		}
	}
}

func TestLongTextSeldomRepeats(t *testing.T) {
	text := generate(t, llm.Request{Messages: []llm.Message{llm.User("Topic: old maps of northern harbours\n\nWrite 20,000 words.")}})
	seen, all := map[string]bool{}, 0
	for s := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '.' || r == '\n' }) {
		seen[strings.TrimSpace(s)] = true
		all++
	}
	if again := all - len(seen); again > all/100 {
		t.Errorf("%d of %d sentences come again", again, all)
	}
}

func BenchmarkLongText(b *testing.B) {
	req := llm.Request{Messages: []llm.Message{llm.User("Topic: old maps\n\nWrite 20,000 words.")}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (Model{}).Generate(b.Context(), req, nil); err != nil {
			b.Fatal(err)
		}
	}
}

type dossier struct {
	Title    string   `json:"title"`
	Abstract string   `json:"abstract"`
	Body     string   `json:"body"`
	Tags     []string `json:"tags"`
	Kind     string   `json:"kind"`
	Chapters []struct {
		Heading string `json:"heading"`
		Pages   int    `json:"pages" pawl:"min=1"`
	} `json:"chapters"`
}

// check returns what is wrong with a dossier, as gates would say it.
func (d dossier) check() []string {
	pages := 0
	for _, c := range d.Chapters {
		pages += c.Pages
	}
	var wrong []string
	for _, c := range []struct {
		field  string
		n      int
		unit   string
		lo, hi int
	}{
		{"title", len(strings.Fields(d.Title)), "words", 1, 3},
		{"abstract", len(strings.Fields(d.Abstract)), "words", 20, 30},
		{"body", len(strings.Fields(d.Body)), "words", 210, 230},
		{"tags", len(d.Tags), "tags", 5, 5},
		{"chapters", len(d.Chapters), "chapters", 6, 7},
		{"the pages of chapters add up to", pages, "pages", 96, 96},
	} {
		if c.n < c.lo || c.n > c.hi {
			wrong = append(wrong, fmt.Sprintf("- %s: has %d %s, wants %d to %d", c.field, c.n, c.unit, c.lo, c.hi))
		}
	}
	if d.Kind != "memo" && d.Kind != "brief" {
		wrong = append(wrong, fmt.Sprintf("- kind is %q, wants one of: memo, brief", d.Kind))
	}
	return wrong
}

// In a language that nothing here reads, the names of gates say what is wanted.
func TestGatesAreEnough(t *testing.T) {
	ask := llm.User("Fülle die Akte über Leuchttürme aus.")
	d := gated[dossier](t, "", []string{
		"type", "title of at most 3 words", "an abstract of 20 to 30 words", "210 to 230 words", "exactly 5 tags", "6 to 7 chapters",
		"pages add up to 96", "kind is one of: memo, brief",
	}, ask)
	if wrong := d.check(); wrong != nil {
		t.Errorf("%s\n%+v", strings.Join(wrong, "\n"), d)
	}
}

// Where there are no such names, complaints say it.
func TestComplaintsAreHeeded(t *testing.T) {
	ask := []llm.Message{llm.User("Fülle die Akte über Leuchttürme aus.")}
	wrong := fill[dossier](t, "", ask...).check()
	if len(wrong) < 4 {
		t.Fatalf("only %q is wrong with an answer that was told nothing", wrong)
	}
	ask = append(ask, llm.Assistant("{}"), llm.User("That answer was not accepted:\n"+strings.Join(wrong, "\n")+"\nAnswer the original request again."))
	if wrong := fill[dossier](t, "", ask...).check(); wrong != nil {
		t.Errorf("after complaints %s", strings.Join(wrong, "\n"))
	}
}
