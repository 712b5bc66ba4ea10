package offline

import (
	"slices"
	"strings"
)

func ofWords(b bound) bool     { return b.of == inWords && !b.sum }
func ofSentences(b bound) bool { return b.of == inSentences && !b.sum }
func ofThings(b bound) bool    { return b.of == things && !b.sum }

// textSize finds how many words a text is to have: from the description of its
// field, else from a bound that names the field, else, if it is the main text,
// from the other bounds of the request; those that name another text are left
// for that. name and texts are in the form of words; an empty name stands for
// the whole answer.
func (p *prompt) textSize(name, desc string, main bool, texts []string) (size, bool) {
	s, ok := combine(readBounds(desc), ofWords)
	if !ok && name != "" {
		s, ok = combine(p.bounds, func(b bound) bool { return ofWords(b) && mentions(b.in, name) })
	}
	if !ok && main {
		s, ok = combine(p.bounds, func(b bound) bool {
			return ofWords(b) && !slices.ContainsFunc(texts, func(other string) bool { return other != name && mentions(b.in, other) })
		})
	}
	if !ok && main {
		s, ok = combine(p.bounds, ofWords)
	}
	return s, ok
}

// answerSize is how many words the answer as a whole is to have.
func (p *prompt) answerSize() (size, bool) { return p.textSize("", "", true, nil) }

// itemCount finds how many items a list is to have. What is said under a
// condition ("at least 1 issue unless approved") is left to it.
func (p *prompt) itemCount(name, desc string) (size, bool) {
	counts := func(b bound) bool { return ofThings(b) && !hasWord(b.in, conditional) }
	if s, ok := combine(readBounds(desc), counts); ok {
		return s, true
	}
	return combine(p.bounds, func(b bound) bool { return counts(b) && sharesWord(b.noun, name) })
}

// sum finds what the numbers named name have to add up to. Only says that there
// is no other number that a sum could be meant for.
func (p *prompt) sum(name, desc string, only bool) (int, bool) {
	says := addsUp(desc)
	s, ok := combine(append(readBounds(desc), p.bounds...), func(b bound) bool {
		return b.sum && (says || only || sharesWord(b.in, name))
	})
	if !ok && (says || hasWord(name, sized)) {
		s, ok = p.answerSize()
	}
	return s.aim, ok
}

// addsUp reports whether a number is described as part of a sum.
func addsUp(desc string) bool {
	return hasAny(strings.ToLower(desc), "add up", "adds up", "sum", "together")
}

// choicesFor finds a complaint, a gate or an instruction that names the field
// and offers choices.
func (p *prompt) choicesFor(name string) []string {
	for _, gate := range slices.Concat(p.complaints, p.gates) {
		if out := choices(gate); out != nil && mentions(gate, name) {
			return out
		}
	}
	for _, in := range p.instructions {
		if strings.Contains(in.own, "one of") && mentions(in.own, name) {
			if out := choices(in.text); out != nil {
				return out
			}
		}
	}
	return nil
}

// choices returns what "one of: red, green" offers in s, or nil.
func choices(s string) []string {
	_, rest, _ := strings.Cut(strings.Replace(s, "One of", "one of", 1), "one of")
	rest, _, _ = strings.Cut(rest, ". ")
	intro, list, colon := strings.Cut(rest, ":") // "one of these names: ..."
	if colon = colon && countWords(intro) <= 3; colon {
		rest = list
	}
	var out []string
	for item := range strings.SplitSeq(choiceMarks.Replace(rest), ",") {
		item = strings.Trim(strings.TrimPrefix(strings.TrimSpace(item), "and "), " .'")
		if countWords(item) > 8 {
			return nil // prose
		}
		if item != "" {
			out = append(out, item)
		}
	}
	if len(out) == 1 && !colon {
		return nil
	}
	return out
}

var choiceMarks = strings.NewReplacer(", or ", ",", " or ", ",", "|", ",", "[", "", "]", "", `"`, "", "`", "", "“", "", "”", "")

var (
	sized       = setOf("length word size")
	conditional = setOf("unless if when")
)
