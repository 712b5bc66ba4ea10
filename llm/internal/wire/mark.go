package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mark is what a model writes around a thought, before its answer. Servers take it out
// if they have a parser for the model and it is turned on.
type mark struct {
	open, end string

	// alone: the chat template of some models has written open already, so that the
	// text begins with the thought and only end stands in it.
	alone bool

	// weak: open is a word, which is no mark unless a capital follows and end comes.
	weak bool
}

// opening is what stands at the beginning of a text.
type opening int

const (
	noThought    opening = iota
	undecided            // more of the text tells
	maybeThought         // if its end comes
	aThought
)

// maxMention is how long a sentence is, at most, that begins with the mark of a thought and
// mentions its end: "<think> and </think> are ...".
const maxMention = 80

// begins tells what a text is that begins with the mark, by what stands behind that. Two
// marks are words at the beginning of a sentence if that goes on behind both.
func (m mark) begins(rest string) opening {
	if m.weak {
		switch next, _ := utf8.DecodeRuneInString(rest); {
		case !utf8.FullRuneInString(rest):
			return undecided
		case unicode.IsUpper(next):
			return maybeThought
		}
		return noThought
	}
	switch on, sure := goesOn(rest); {
	case !sure:
		return undecided
	case !on:
		return aThought
	}
	window := rest[:min(len(rest), maxMention+len(m.end))]
	inner, _, ended := strings.Cut(window, m.end)
	switch {
	case strings.Contains(inner, "\n"):
		return maybeThought
	case !ended && len(rest) < maxMention+len(m.end):
		return undecided
	case !ended:
		return maybeThought
	}
	switch on, sure := goesOn(rest[len(inner)+len(m.end):]); {
	case !sure:
		return undecided
	case on:
		return noThought
	}
	return maybeThought
}

// goesOn reports whether a sentence goes on with a text behind a mark, and whether more of
// it could not change that.
func goesOn(text string) (on, sure bool) {
	rest := strings.TrimPrefix(text, " ")
	if !utf8.FullRuneInString(rest) {
		return false, false
	}
	next, _ := utf8.DecodeRuneInString(rest)
	if len(rest) < len(text) {
		return unicode.IsLower(next), true
	}
	return strings.ContainsRune(",;:.)", next), true
}

var marks = []mark{
	{open: "<think>", end: "</think>", alone: true},           // DeepSeek-R1, QwQ, Qwen3, GLM-4.5, MiniMax-M2 (parsers of vLLM and SGLang)
	{open: "<thinking>", end: "</thinking>", alone: true},     // models that are prompted to
	{open: "<thought>", end: "</thought>"},                    // Gemini's compatible address with include_thoughts
	{open: "<seed:think>", end: "</seed:think>", alone: true}, // Seed-OSS (vLLM, seedoss_reasoning_parser)
	{open: "[THINK]", end: "[/THINK]"},                        // Magistral
	{open: "◁think▷", end: "◁/think▷"},                        // Kimi-VL (SGLang, KimiDetector)
	{open: `<|START_THINKING|>`, end: `<|END_THINKING|>`},     // Command A Reasoning
	{open: "<|channel>thought", end: "<channel|>"},            // Gemma 4
	{open: "analysis", end: "assistantfinal", weak: true},     // gpt-oss where a server takes its marks for nothing to print
	{open: finalMessage, end: finalMessage, alone: true},      // gpt-oss behind a thought whose own mark is lost
}
