package wire

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pawlrun/pawl/llm"
)

// templates are parts of the names, in lower case, of models whose chat template writes
// the mark before the thought, so that a server without a parser sends only the end.
var templates = []string{
	"deepseek-r1", // https://huggingface.co/deepseek-ai/DeepSeek-R1, tokenizer_config.json
	"qwq",         // https://huggingface.co/Qwen/QwQ-32B
	"-thinking",   // https://huggingface.co/Qwen/Qwen3-235B-A22B-Thinking-2507
}

// Thoughts returns what takes the thoughts of a model out of a stream. Of a model whose
// thoughts have no beginning nothing can be let go of before their end. Other models are
// not known to be such until one of their answers was. The vendor's own server keeps thoughts
// apart: there every mark is part of the answer.
func (e *Endpoint) Thoughts(model string) *Thoughts {
	t := new(Thoughts)
	if e.own {
		t.at = inAnswer
		return t
	}
	if end, ok := e.unopened.Load(model); ok {
		t.expect(end.(string))
		return t
	}
	for _, part := range templates {
		if strings.Contains(strings.ToLower(model), part) {
			t.expect(marks[0].end)
			break
		}
	}
	return t
}

// Answer takes out of a whole text what a model thought before its answer, and a fence
// around that. typed says that JSON was asked for, apart that the server sent thoughts in a
// field of their own: then an end without a beginning is none.
func (e *Endpoint) Answer(model, text string, typed, apart bool) (answer string, thought bool) {
	if typed && json.Valid([]byte(text)) {
		return text, false
	}
	answer = text
	switch {
	case e.own:
	case apart:
		var t Thoughts
		answer = t.Add(text) + t.End()
		thought = t.found
	default:
		var unopened string
		if answer, unopened, thought = takeAnswer(text); unopened != "" {
			e.unopened.Store(model, unopened)
		}
	}
	if !typed {
		return unfenceText(answer), thought
	}
	answer = unfenceJSON(answer)
	if behind, ok := jsonBehindThought(answer); ok {
		return behind, true
	}
	return answer, thought
}

// jsonBehindThought finds JSON behind the end of a thought wherever that stands: no prose
// that speaks of the mark goes on with it.
func jsonBehindThought(text string) (string, bool) {
	for _, m := range marks {
		if _, behind, ok := cutLast(text, m.end); ok && m.alone {
			if behind = unfenceJSON(strings.TrimSpace(behind)); json.Valid([]byte(behind)) {
				return behind, true
			}
		}
	}
	return "", false
}

// takeAnswer takes the thoughts out of a text. unopened is the mark at the end of one
// that had none at its beginning, where that is sure.
func takeAnswer(text string) (answer, unopened string, thought bool) {
	var t Thoughts
	answer = t.Add(text) + t.End()
	for _, m := range marks {
		if !m.alone {
			continue
		}
		i, sure := endAlone(answer, m)
		if i < 0 {
			continue
		}
		if m.end == finalMessage { // it begins a message, whose end is to be found
			i -= len(m.end)
		}
		inner := Thoughts{found: true}
		if sure && !t.found { // else the thought spoke of its own end
			unopened = m.end
		}
		return inner.Add(answer[i:]) + inner.End(), unopened, true
	}
	return answer, "", t.found
}

// endAlone returns where a text goes on behind the end of a thought that has no
// beginning, or -1, and whether it is sure to be one. A text may speak of the mark: then
// its beginning is mentioned first, or it stands in a block of code, or within a sentence.
func endAlone(text string, m mark) (from int, sure bool) {
	limit := len(text)
	if m.open != m.end {
		if i := strings.Index(text, m.open); i >= 0 {
			limit = i
		}
	}
	fences, from := 0, 0
	for {
		i := strings.Index(text[from:limit], m.end)
		if i < 0 {
			return -1, false
		}
		fences += strings.Count(text[from:from+i], "```")
		i += from
		from = i + len(m.end)
		if fences%2 != 0 {
			continue
		}
		if m.end == finalMessage && endsMessage(text[:i]) {
			return from, true
		}
		if ends, sure := standsAlone(text[:i], text[from:]); ends {
			return from, sure
		}
	}
}

// endsMessage reports whether a text ends as gpt-oss writes it before a final message.
func endsMessage(text string) bool {
	text = strings.TrimRightFunc(text[max(0, len(text)-maxHeader):], unicode.IsSpace)
	return strings.HasSuffix(text, startMark+"assistant") || strings.HasSuffix(text, "<|end|>")
}

// standsAlone reports whether a mark between two texts ends a thought: it has a line of
// its own, which is sure, or follows the end of a sentence. Within a sentence it is
// mentioned, and so it is with spaces before it in its line.
func standsAlone(before, behind string) (ends, sure bool) {
	said := strings.TrimRight(before, " \t")
	line := said == "" || said[len(said)-1] == '\n'
	directly := len(said) == len(before)
	rest := strings.TrimLeft(behind, " \t\r")
	if rest == "" || rest[0] == '\n' {
		if line {
			return directly, directly
		}
	} else if next, _ := utf8.DecodeRuneInString(behind); !directly || line {
		if line && !directly || !unicode.IsLetter(next) && !unicode.IsDigit(next) {
			return false, false
		}
	}
	if said = strings.TrimRightFunc(said, unicode.IsSpace); said == "" {
		return true, false
	}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(said, `"'”’»)]*_`))
	return strings.ContainsRune(".!?…。！？", last), false
}

// unfenceJSON takes one code fence off a JSON text, as models write it that were not
// held to the schema. What is then not JSON is left as it came.
func unfenceJSON(s string) string {
	inner, ok := strings.CutPrefix(strings.TrimSpace(s), "```")
	if !ok {
		return s
	}
	if inner, ok = strings.CutSuffix(inner, "```"); !ok {
		return s
	}
	inner = strings.TrimLeft(inner, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
	if inner = strings.TrimSpace(inner); !json.Valid([]byte(inner)) {
		return s
	}
	return inner
}

// unfenceText takes the fence off a text that is one block of Markdown as a whole: the
// text was asked for, and the fence is how a model shows it. Blocks of other languages
// are what was asked for.
func unfenceText(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	first, last := strings.TrimSpace(lines[0]), len(lines)-1
	name := strings.TrimLeft(first, "`")
	fence := first[:len(first)-len(name)]
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "", "markdown", "md", "text", "txt":
	default:
		return s
	}
	if len(fence) < 3 || last < 2 || closingFence(lines[1:], len(fence)) != last-1 {
		return s
	}
	inner := strings.TrimSpace(strings.Join(lines[1:last], "\n"))
	if inner == "" {
		return s
	}
	return inner
}

// closingFence returns which of the lines closes a fence of so many ticks: the first bare
// one that closes no block within.
func closingFence(lines []string, ticks int) int {
	within := false
	for i, line := range lines {
		line = strings.TrimSpace(line)
		name := strings.TrimLeft(line, "`")
		switch n := len(line) - len(name); {
		case n < 3:
		case name != "":
			within = true
		case within:
			within = false
		case n >= ticks:
			return i
		}
	}
	return -1
}

// NoText is the error of an answer that is complete and empty.
func NoText(thought bool) llm.Error {
	if thought {
		return llm.Error{Kind: llm.Overloaded, Message: "the answer is complete but holds nothing except reasoning",
			Hint: "if this stays, turn the model's thinking off or check the server's reasoning parser"}
	}
	return llm.Error{Kind: llm.Overloaded, Message: "the answer is complete but has no text"}
}
