package wire

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// lacks are the words, in lower case, by which a server says that it does not know
// something.
var lacks = []string{
	"not supported", "unsupported", "not support", "not permitted", "not allowed", "not implemented", // OpenAI, Groq, Anthropic, Cerebras
	"unknown", "unrecognized", "cannot find field", // Gemini; older versions of Azure
	"extra inputs", "extra_forbidden", // Mistral, vLLM
}

// lacksForm are those by which some say it of a form of answers. Of other things they say
// that a value is wrong.
var lacksForm = append([]string{
	"unavailable", "not available", // DeepSeek
	"must be", "should be", "invalid value", // llama.cpp; servers built on pydantic
	"not enabled", // Gemini's address, for Gemma 3: vercel/ai issue 8080
}, lacks...)

// roleSentences say, in lower case, that a chat template does not take a role system.
// last: at all; else where it stands.
var roleSentences = []struct {
	part string
	last bool
}{
	{"system role not supported", true},                   // Gemma's template, in vLLM, SGLang and llama.cpp
	{"does not support 'system'", true},                   // OpenAI's o1-mini: 'messages[0].role' does not support ...
	{"developer instruction is not enabled", true},        // Gemini's address, for Gemma 3
	{"only user and assistant roles are supported", true}, // Mistral 7B's template
	{"system message must be at the beginning", false},    // Qwen3.5's template
	{"conversation roles must alternate", false},          // Mistral's and Gemma's templates
}

// grammarSentences say, in lower case, that a schema as a whole could not be made a
// grammar.
var grammarSentences = []string{
	"features not supported by",      // vLLM: "The provided JSON schema contains features not supported by xgrammar."
	"failed to parse grammar",        // llama.cpp
	"json schema conversion failed",  // llama.cpp
	"failed to compile json grammar", // SGLang
	"compiled grammar is too large",  // Anthropic: anthropics/anthropic-sdk-python issue 1185

	"exceeds the maximum allowed nesting depth", // Gemini: googleapis/js-genai issue 882
	"too many states for serving",               // Gemini: googleapis/python-genai issue 660
	"request contains an invalid argument.",     // Gemini, where it says no more: googleapis/python-genai issue 2170, vercel/ai issue 21192
}

// known are the words, in lower case, behind which servers list what they do take.
var known = []string{
	"expected one of",                                                // servers written in Rust (serde): "unknown field `x`, expected one of `model`, `stream`"
	"supported values are", "supported parameters", "must be one of", // OpenAI; gateways
	"supported fields", "allowed fields", "valid fields", "known fields", "allowed parameters", "valid parameters", // gateways
}

// refused returns the part of a sentence that names what is refused.
func refused(m string) string {
	for _, words := range known {
		if i := strings.Index(m, words); i >= 0 {
			m = m[:i+len(words)]
		}
	}
	return m
}

// after returns the dialect that a refusal asks for, and in words what changes. None:
// the error is about something else, or nothing is left to leave out. listened says that
// the answer was streamed if the dialect has it so.
func (d Dialect) after(req llm.Request, listened bool, e *llm.Error, limits [2]string) (next Dialect, change string, ok bool) {
	switch e.Status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusNotImplemented:
	default:
		return d, "", false
	}
	if e.Kind != llm.Invalid && e.Kind != llm.Overloaded {
		return d, "", false
	}
	m := refused(strings.ToLower(e.Message))
	if listened {
		if next, change, ok = d.afterStream(m); ok {
			return next, change, true
		}
	}
	for _, find := range []func(llm.Request, string, [2]string) (Dialect, string, bool){d.afterMost, d.afterLimit, d.afterRole, d.afterSchema} {
		if next, change, ok = find(req, m, limits); ok {
			return next, change, true
		}
	}
	return d, "", false
}

func (d Dialect) afterLimit(req llm.Request, m string, limits [2]string) (Dialect, string, bool) {
	if d.OtherLimit || req.MaxTokens == 0 || limits[1] == "" || !strings.Contains(m, limits[0]) || !containsAny(m, lacks...) {
		return d, "", false
	}
	return Dialect{OtherLimit: true}, fmt.Sprintf("the server takes no %s; the limit is sent as %s", limits[0], limits[1]), true
}

func (d Dialect) afterRole(req llm.Request, m string, _ [2]string) (Dialect, string, bool) {
	if d.system == systemNever || !slices.ContainsFunc(req.Messages, func(m llm.Message) bool { return m.Role == llm.RoleSystem }) {
		return d, "", false
	}
	for _, s := range roleSentences {
		switch {
		case !strings.Contains(m, s.part):
		case s.last || d.system == systemFirst:
			return Dialect{system: systemNever}, "the model takes no system messages; they are sent as the user's", true
		default:
			return Dialect{system: systemFirst}, "the model takes system messages at the beginning alone; others are sent as the user's", true
		}
	}
	return d, "", false
}

func (d Dialect) afterSchema(req llm.Request, m string, _ [2]string) (Dialect, string, bool) {
	if req.Schema == nil || d.Form == FormWords {
		return d, "", false
	}
	grammar := containsAny(m, grammarSentences...)
	if d.Form == FormStrict && (grammar || lacksWord(m)) {
		if without := d.refusedKeywords(req, m, grammar); len(without) > 0 {
			return Dialect{Without: without}, fmt.Sprintf("the server takes no %s in a schema; it is sent without, and checked here", strings.Join(without, ", ")), true
		}
	}
	if !grammar && !lacksWord(m) && !refusesForm(m) {
		return d, "", false
	}
	if d.Form == FormStrict && d.vendor.Object == "" {
		return Dialect{Form: FormWords}, fmt.Sprintf("the server takes no %s %s, or not this one; the schema is sent in words alone", d.vendor.Answers, d.vendor.Strict), true
	}
	if d.Form == FormStrict {
		return Dialect{Form: FormObject}, fmt.Sprintf("the server takes no %s %s, or not this one; a JSON object is asked for, with the schema in words", d.vendor.Answers, d.vendor.Strict), true
	}
	return Dialect{Form: FormWords}, fmt.Sprintf("the server takes no %s %s; the schema is sent in words alone", d.vendor.Answers, d.vendor.Object), true
}

// refusesForm reports whether a server lacks a form of answers, and does not find fault
// with the schema itself.
func refusesForm(m string) bool {
	return containsAny(m, "response_format", "response format", "text.format", "json_schema", "json_object", "output_config", "output format", "output_format", "json mode") && containsAny(m, lacksForm...) &&
		!containsAny(m, "invalid schema", "invalid json schema", "invalid json_schema")
}

// lacksWord reports whether a server lacks a word of the schema.
func lacksWord(m string) bool { return strings.Contains(m, "schema") && containsAny(m, lacks...) }

// refusedKeywords returns which keywords of the schema that was sent a server named, with
// those of their kind; if it named none and could make nothing of the whole, all that
// can be left out.
func (d Dialect) refusedKeywords(req llm.Request, m string, whole bool) []string {
	_, schema, err := d.Format(req)
	if err != nil {
		return nil
	}
	sent := keywordsIn(schema)
	var named, all []string
	for _, kind := range bounds {
		present := slices.DeleteFunc(slices.Clone(kind), func(k string) bool { return !sent[k] })
		all = append(all, present...)
		if slices.ContainsFunc(present, func(k string) bool { return mentions(m, k) }) {
			named = append(named, present...)
		}
	}
	if len(named) == 0 && whole {
		return all
	}
	return named
}

// mentions reports whether a sentence in lower case names a keyword: in quotes, or by
// itself where it is no common word. Vertex AI writes min_items.
func mentions(m, keyword string) bool {
	plain := strings.ToLower(keyword)
	for _, quote := range []string{"'", `"`, "`"} {
		if strings.Contains(m, quote+plain+quote) {
			return true
		}
	}
	if plain == "format" || plain == "pattern" {
		return false
	}
	return containsWord(m, plain) || containsWord(m, snake(keyword))
}

func containsWord(s, word string) bool {
	for {
		i := strings.Index(s, word)
		if i < 0 {
			return false
		}
		before, behind := s[:i], s[i+len(word):]
		if !endsInWord(before) && (behind == "" || !isWordByte(behind[0])) {
			return true
		}
		s = behind
	}
}

func endsInWord(s string) bool { return s != "" && isWordByte(s[len(s)-1]) }

func isWordByte(b byte) bool { return b >= 'a' && b <= 'z' || b == '_' || b >= '0' && b <= '9' }

// snake writes minItems as min_items.
func snake(keyword string) string {
	var b strings.Builder
	for _, r := range keyword {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
