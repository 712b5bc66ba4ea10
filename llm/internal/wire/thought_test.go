package wire

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// hear feeds a text in pieces of so many runes, and returns what was let go of.
func hear(t *Thoughts, text string, runes int) string {
	var heard strings.Builder
	for text != "" {
		n := 0
		for range runes {
			_, size := utf8.DecodeRuneInString(text[n:])
			n += size
		}
		heard.WriteString(t.Add(text[:n]))
		text = text[n:]
	}
	heard.WriteString(t.End())
	return heard.String()
}

func TestThoughts(t *testing.T) {
	const tick = "`"
	for _, tt := range []struct{ name, text, want string }{
		{"none", "The tides rise.", "The tides rise."},
		{"white space alone", " \n ", " \n "},
		{"white space before", "\n The tides rise.", "\n The tides rise."},
		{"nothing", "", ""},
		{"think", "<think>hm</think>\n\nThe tides rise.\n", "The tides rise.\n"},
		{"white space before it", "\n\n<think>hm</think>The tides", "The tides"},
		{"thinking", "<thinking>hm</thinking>The tides", "The tides"},
		{"two", "<think></think>\n<think>hm</think>The tides", "The tides"},
		{"Gemini", "<thought>hm</thought>The tides", "The tides"},
		{"Magistral", "[THINK]hm[/THINK]The tides", "The tides"},
		{"Kimi", "◁think▷hm◁/think▷The tides", "The tides"},
		{"Gemma", "<|channel>thought\nhm\n<channel|>The tides", "The tides"},
		{"Seed", "<seed:think>hm</seed:think>The tides", "The tides"},
		{"Command A", "<|START_THINKING|>hm<|END_THINKING|>The tides", "The tides"},
		{"broken off", "<think>hm", ""},
		{"broken off in the mark", "<thi", "<thi"},
		{"broken off in the last mark", "<think>hm</thin", ""},
		{"nothing behind", "<think>hm</think>\n", ""},

		{"mentioned", "Models write <think> and </think> around it.", "Models write <think> and </think> around it."},
		{"mentioned at the end of a line", "Models write <think>\nand </think>\naround it.", "Models write <think>\nand </think>\naround it."},
		{"mentioned alone", "The tag </think> ends it.", "The tag </think> ends it."},
		{"mentioned in code", "It ends with " + tick + "</think>" + tick + ".", "It ends with " + tick + "</think>" + tick + "."},
		{"mentioned in quotes", "It ends with \"</think>\".", "It ends with \"</think>\"."},
		{"in a block of code", "It ends so:\n" + tick + tick + tick + "\n</think>\n" + tick + tick + tick + "\nAlways.", "It ends so:\n" + tick + tick + tick + "\n</think>\n" + tick + tick + tick + "\nAlways."},
		{"mentioned where a line is wrapped", "Thoughts of the model end with the tag </think>\nand only then does the answer begin.", "Thoughts of the model end with the tag </think>\nand only then does the answer begin."},
		{"mentioned in German quotes", "Die Marke „</think>“ beendet ihn. Danach folgt die Antwort.", "Die Marke „</think>“ beendet ihn. Danach folgt die Antwort."},
		{"mentioned without spaces", "推理模型用</think>结束思考，然后给出答案。", "推理模型用</think>结束思考，然后给出答案。"},
		{"mentioned in corner brackets", "終了タグは「</think>」です。その後に回答が続きます。", "終了タグは「</think>」です。その後に回答が続きます。"},
		{"mentioned in bold", "Thoughts end with **</think>** in its template. Then the answer follows.", "Thoughts end with **</think>** in its template. Then the answer follows."},
		{"mentioned in a link", "See [</think>](https://example.com/tags) for the end.", "See [</think>](https://example.com/tags) for the end."},
		{"mentioned in indented code", "A thought ends so.\n\n    </think>\n\nand the answer follows.", "A thought ends so.\n\n    </think>\n\nand the answer follows."},
		{"mentioned in a table", "|begin|end|\n|-|-|\n|none|</think>|\n\nThat is all.", "|begin|end|\n|-|-|\n|none|</think>|\n\nThat is all."},
		{"mentioned between slashes", "The marks are (begin)/</think>/(end).", "The marks are (begin)/</think>/(end)."},
		{"mentioned first in a sentence", "It is a tag. </think> ends a thought.", "It is a tag. </think> ends a thought."},
		{"the text begins with the end", "</think> ends a thought.", "</think> ends a thought."},
		{"the text begins with the mark", "<think> is the tag that models write before a thought.", "<think> is the tag that models write before a thought."},
		{"the text begins with another mark", "[THINK], with a slash at the end, is its mark.", "[THINK], with a slash at the end, is its mark."},
		{"the text begins with both", "<think> and </think> are the tags around it.", "<think> and </think> are the tags around it."},
		{"the text begins with both and is long", "<think> and </think> are the tags" + strings.Repeat(" around it", 20), "<think> and </think> are the tags" + strings.Repeat(" around it", 20)},
		{"the text begins so and goes on for long", "<think> is" + strings.Repeat(" a tag", 30), "<think> is" + strings.Repeat(" a tag", 30)},
		{"a thought in small letters", "<think> hm, so </think>\nThe tides", "The tides"},
		{"a long thought in small letters", "<think> hm" + strings.Repeat(", so", 30) + "</think> the tides", "the tides"},
		{"a thought of two lines in small letters", "<think> hm\nso</think> the tides", "the tides"},
		{"a thought in small letters and nothing behind", "<think> hm, so </think>", ""},
		{"the mark alone", "<think>", ""},
		{"the mark and a space", "<think> ", ""},
		{"behind a thought", "<think>hm</think>Write <think> first.", "Write <think> first."},
		{"a word that begins like a mark", "<thinker> is an element.", "<thinker> is an element."},
		{"a list", "[THIS] is one.", "[THIS] is one."},
		{"of gpt-oss's, mentioned", "It writes <|channel|>, then <|message|>.", "It writes <|channel|>, then <|message|>."},

		{"gpt-oss", "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>The tides<|return|>", "The tides"},
		{"gpt-oss with its first mark", "<|start|>assistant<|channel|>analysis<|message|>hm<|end|>\n<|start|>assistant<|channel|>final<|message|>The tides", "The tides"},
		{"gpt-oss, final alone", "<|channel|>final<|message|>a < b <| c<|end|>", "a < b <| c"},
		{"gpt-oss calls a tool", "<|channel|>commentary to=functions.x <|constrain|>json<|message|>{}<|call|>", ""},
		{"gpt-oss without a start between", "<|channel|>analysis<|message|>hm<|channel|>final<|message|>The tides", "The tides"},
		{"gpt-oss in llama.cpp without a parser", "<|channel|>analysis<|message|>hm<|end|>The tides", "The tides"},
		{"gpt-oss without a channel", "<|start|>assistant<|message|>The tides<|end|>", "The tides"},
		{"gpt-oss, text behind the end", "<|channel|>final<|message|>The tides<|return|>hm", "The tides"},
		{"gpt-oss, broken off in a header", "<|channel|>analysis<|message|>hm<|end|><|start|>assis", ""},
		{"gpt-oss, broken off in a mark", "<|channel|>final<|message|>The tides<|ret", "The tides<|ret"},
		{"gpt-oss without marks", "analysisWe need words.assistantfinalThe tides", "The tides"},
		{"a word that begins so", "analysisResult := 1", "analysisResult := 1"},
		{"the word alone", "analysis", "analysis"},
		{"the word in a sentence", "analysis of the tides, assistantfinal", "analysis of the tides, assistantfinal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, _, _ := takeAnswer(tt.text); got != tt.want {
				t.Errorf("whole: %q, wants %q", got, tt.want)
			}
			for runes := 1; runes < 4; runes++ {
				if got := hear(new(Thoughts), tt.text, runes); got != tt.want {
					t.Errorf("in pieces of %d: %q, wants %q", runes, got, tt.want)
				}
			}
		})
	}
}

// Some thoughts have no beginning in the text. A listener cannot know of the first. That
// the model is such is learned where an end has a line of its own.
func TestThoughtsWithoutABeginning(t *testing.T) {
	for _, tt := range []struct {
		name, text, want, end string
		sure                  bool
	}{
		{"on a line of its own", "hm\n</think>\n\nThe tides", "The tides", "</think>", true},
		{"on a line of its own, as on Windows", "hm\r\n</think> \r\nThe tides", "The tides", "</think>", true},
		{"at the end of a sentence", "That is it.</think>The tides", "The tides", "</think>", false},
		{"at the end of a Chinese one", "就是这样。</think>潮汐", "潮汐", "</think>", false},
		{"behind a bracket", "(That is it.)</think>\n\nThe tides", "The tides", "</think>", false},
		{"before a line's end", "That is it. </think>\nThe tides", "The tides", "</think>", false},
		{"glued to the answer", "That is it. </think>The tides", "The tides", "</think>", false},
		{"glued to it on a line", "That is it.\n</think>The tides", "The tides", "</think>", false},
		{"nothing thought", "</think>The tides", "The tides", "</think>", false},
		{"quotes around", "say \"hi\"\n</think>\n\"Hi.\"", "\"Hi.\"", "</think>", true},
		{"again", "hm\n</think>\n<think>hm</think>The tides", "The tides", "</think>", true},
		{"thinking", "hm\n</thinking>\nThe tides", "The tides", "</thinking>", true},
		{"gpt-oss", "hm<|end|><|start|>assistant<|channel|>final<|message|>The tides<|return|>", "The tides", finalMessage, true},
		{"nothing behind", "hm\n</think>\n", "", "</think>", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, end, thought := takeAnswer(tt.text)
			if got != tt.want || end == tt.end != tt.sure || !thought {
				t.Errorf("got %q behind %q (%v)", got, end, thought)
			}
			for runes := 1; runes < 4; runes++ {
				var known Thoughts
				known.expect(tt.end)
				if got := hear(&known, tt.text, runes); got != tt.want {
					t.Errorf("in pieces of %d: %q, wants %q", runes, got, tt.want)
				}
			}
		})
	}
}

// Where thoughts are kept apart, a text about marks is whole: all of it at OpenAI's own
// address, and elsewhere what stands before an end that has no beginning.
func TestThoughtsThatAreKeptApart(t *testing.T) {
	const lone, both = "The end is\n</think>\nin its template.", "<think>hm</think>The tides"
	own := New(Options{Vendor: testVendor, APIKey: "sk-123456789"})
	other := New(Options{Vendor: testVendor, BaseURL: "http://localhost/v1", KeyOptional: true})
	for _, tt := range []struct {
		e          *Endpoint
		text, want string
		apart      bool
	}{
		{own, lone, lone, false},
		{own, both, both, false},
		{other, lone, lone, true},
		{other, both, "The tides", true},
	} {
		if got, _ := tt.e.Answer("deepseek-r1", tt.text, false, tt.apart); got != tt.want {
			t.Errorf("%s: got %q, wants %q", tt.e.account, got, tt.want)
		}
	}
	for _, text := range []string{lone, both} {
		if got := hear(own.Thoughts("deepseek-r1"), text, 3); got != text {
			t.Errorf("of %q is heard %q", text, got)
		}
	}
}

// A model is not taken for one whose thoughts have no beginning for what it mentions.
func TestMentionsTeachNothing(t *testing.T) {
	e := New(Options{Vendor: testVendor, BaseURL: "http://localhost/v1", KeyOptional: true})
	for _, text := range []string{"It ends with </think>\nand goes on.", "That is it. </think>The tides", "</think>The tides"} {
		e.Answer("m", text, false, false)
		if got := e.Thoughts("m").Add("hello"); got != "hello" {
			t.Errorf("after %q nothing is heard before the end", text)
		}
	}
}

func TestModelsWhoseThoughtsHaveNoBeginning(t *testing.T) {
	e := New(Options{Vendor: testVendor, BaseURL: "http://localhost/v1", KeyOptional: true})
	for model, want := range map[string]string{"deepseek-r1:8b": "", "Qwen/QwQ-32B": "", "qwen3-30b-a3b-thinking-2507": "", "qwen3:8b": "hm", "gpt-5.4-mini": "hm"} {
		thoughts := e.Thoughts(model)
		if got := thoughts.Add("hm"); got != want {
			t.Errorf("%s: %q is let go of, wants %q", model, got, want)
		}
		if want == "" && thoughts.Clear() != "hm" { // the server has a parser
			t.Errorf("%s: what was held back is lost", model)
		}
	}
}

// In front of JSON no mark is prose.
func TestJSONBehindThoughts(t *testing.T) {
	e := New(Options{Vendor: testVendor, BaseURL: "http://localhost/v1", KeyOptional: true})
	for text, want := range map[string]string{
		`hm </think> {"a":1}`: `{"a":1}`, "so </think> ```json\n{\"a\":1}\n```": `{"a":1}`, "<think>\"</think>\", hm</think>{}": "{}",
		`{"a":"</think> {}"}`: `{"a":"</think> {}"}`, `"</think> 1`: "1", `hm </think> so`: `hm </think> so`, `<think>{}`: "",
	} {
		if got, _ := e.Answer("m", text, true, false); got != want {
			t.Errorf("%s is %s, wants %s", text, got, want)
		}
	}
}

// A thought that speaks of its own end is no sign that thoughts have no beginning.
func TestThoughtsThatSpeakOfTheirEnd(t *testing.T) {
	got, end, thought := takeAnswer("<think>\nIt ends with \"</think>\".\n</think>\nThe tides")
	if got != "The tides" || end != "" || !thought {
		t.Errorf("got %q behind %q (%v)", got, end, thought)
	}
}

// The work grows with the text alone, whatever is in it.
func TestThoughtsWithoutEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("works on megabytes")
	}
	begun := time.Now()
	for _, text := range []string{"<think>", " ", "<|channel|>", "<|start|>x<|message|>", "<|channel|>final<|message|><|", "analysisA", "\n</think>'", "\"</think>\" ", "<think></think>", "<think> a</think> ", "<think> ", "a.</think> ", "```\n", "``"} {
		text = strings.Repeat(text, 1<<20/len(text))
		takeAnswer(text)
		unfenceText(text)
		unfenceJSON(text)
		hear(new(Thoughts), text, 4)
	}
	if d := time.Since(begun); d > time.Minute {
		t.Errorf("took %v", d)
	}
}

func FuzzThoughts(f *testing.F) {
	for _, seed := range []string{"<think>a</think>b", "<|channel|>analysis<|message|>a<|end|>b<|start|>c<|message|>d", "analysisA assistantfinal b", " \n<thi", "a</think>b", "<think> a</think> b", "a\n</think>\nb", "[THINK]◁think▷"} {
		f.Add(seed, 1)
	}
	f.Fuzz(func(t *testing.T, text string, runes int) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		var whole Thoughts
		want := whole.Add(text) + whole.End()
		if got := hear(new(Thoughts), text, 1+max(0, runes)%5); got != want {
			t.Errorf("%q in pieces is %q, and whole %q", text, got, want)
		}
		answer, unopened, thought := takeAnswer(text)
		if !thought && (answer != text || unopened != "") {
			t.Errorf("%q without a thought is %q", text, answer)
		}
		unfenceText(text)
	})
}
