package offline

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl/schema"
)

// text makes the value of a string.
func (w *writer) text(n *schema.Node, at place) string {
	if n.Format == "date-time" {
		return strings.Replace(samples["date"], "%", strconv.Itoa(11+at.index%18), 1) + "T09:00:00Z"
	}
	if list := w.offered(n, at); n.Enum != nil || slices.ContainsFunc(list, fits(n)) {
		return w.choose(n, at, list)
	}
	return fit(w.free(n, at), n)
}

// offered returns the choices that the schema, the description of a field, a
// gate or the prompt offers for a string, or nil.
func (w *writer) offered(n *schema.Node, at place) []string {
	if n.Type != "string" || n.Enum != nil {
		return n.Enum
	}
	if list := choices(at.desc); list != nil {
		return list
	}
	return w.p.choicesFor(at.name)
}

// choose picks one of a list. The items of a list walk through it in order. A
// verdict is picked by its sense, another single value by the words of the
// prompt.
func (w *writer) choose(n *schema.Node, at place, list []string) string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !fits(n)(s) })
	sense := approving
	if w.reject {
		sense = rejecting
	}
	verdict := slices.IndexFunc(list, func(s string) bool { return hasWord(words(s), sense) })
	label := slices.IndexFunc(list, func(s string) bool { return strings.EqualFold(s, w.p.labels[at.name]) })
	switch {
	case n.Enum != nil && verdict >= 0:
		return list[verdict]
	case at.count > 0:
		return list[at.index%len(list)]
	case label >= 0:
		return list[label]
	}
	r := at.seed.with("choice")
	best, most := list[r.below(len(list))], 0
	text := strings.ToLower(w.p.text)
	for _, choice := range list {
		if count := strings.Count(text, stem(words(choice))); count > most && len(choice) > 3 {
			best, most = choice, count
		}
	}
	return best
}

// free makes a string that is not chosen from a list.
func (w *writer) free(n *schema.Node, at place) string {
	label, main := w.p.labels[at.name], n == w.main
	size, asked := w.p.textSize(at.name, at.desc, main, w.texts)
	switch {
	case label != "" && at.count == 0 && fits(n)(label) && (!asked || isShort(at.name, at.desc, n)):
		return label
	case isShort(at.name, at.desc, n):
		s := w.short(n, at)
		if asked && countWords(s) > size.hi {
			s = firstWords(s, max(1, size.aim))
		}
		for asked && countWords(s) < min(size.lo, maxWords) {
			s += " " + w.p.keys[0]
		}
		return s
	case main && !asked:
		size.aim, asked = 120, true
		if hasWord(at.name, reworked) || hasWord(at.desc, reworked) { // about as long as what is given
			size.aim = clamp(countWords(w.p.text), 120, maxWords)
		}
	}
	if asked {
		s := sheet{words: clamp(size.aim, 1, maxWords)}
		if main && w.p.wantsHeadings(at.desc) {
			w.p.plan(&s)
		}
		return string(w.prose.write(nil, s))
	}
	least, _ := limits(n.MinLen, nil)
	count, _ := combine(readBounds(at.desc), ofSentences)
	b := w.prose.sentences(nil, clamp(count.aim, 1, 1000))
	for utf8.RuneCount(b) < least {
		b = w.prose.sentences(append(b, ' '), 1)
	}
	return string(b)
}

// short makes a short string: a title, an address, a date or a name.
func (w *writer) short(n *schema.Node, at place) string {
	last := lastWord(at.name)
	if at.count == 0 && (last == "title" || last == "headline" || last == "subject") {
		return w.p.title(at.seed)
	}
	if s, ok := samples[last]; ok {
		return strings.Replace(s, "%", strconv.Itoa(11+at.index%18), 1)
	}
	for range len(names) {
		if s := at.names.name(); fits(n)(s) {
			return s
		}
	}
	return "P" + strconv.Itoa(at.index+1) // too little room for a name, still distinct
}

// samples are values of fields with such names; % stands for two digits.
var samples = map[string]string{
	"date": "2026-01-%", "day": "2026-01-%", "email": "someone%@example.com", "mail": "someone%@example.com",
	"url": "https://example.com/%", "link": "https://example.com/%", "website": "https://example.com/%",
	"id": "A-1%", "number": "A-1%", "code": "A-1%", "sku": "A-1%",
}

// isShort reports whether a string is a name rather than a sentence.
func isShort(name, desc string, n *schema.Node) bool {
	switch {
	case n.MaxLen != nil && *n.MaxLen <= 60:
		return true
	case n.MinLen != nil && *n.MinLen > 60:
		return false
	case shortNames[stem(lastWord(name))]:
		return true
	}
	return longText(name, desc) == 0 && !strings.Contains(desc, "sentence") && hasWord(firstWords(desc, 6), labels)
}

// longText says how much a field looks like a long text.
func longText(name, desc string) int {
	score := 0
	if hasWord(name, bodies) {
		score += 3
	}
	if hasAny(strings.ToLower(desc), "words", "markdown", "full text", "whole text", "paragraph") {
		score += 2
	}
	return score
}

// fits returns whether the bounds of n accept a string.
func fits(n *schema.Node) func(string) bool {
	lo, hi := limits(n.MinLen, n.MaxLen)
	return func(s string) bool {
		runes := utf8.RuneCountInString(s)
		return lo <= runes && runes <= hi
	}
}

// fit brings s within the bounds of n, without a space at its end.
func fit(s string, n *schema.Node) string {
	lo, hi := limits(n.MinLen, n.MaxLen)
	runes := []rune(s)
	if len(runes) > hi {
		cut := hi
		for cut > max(lo, hi/2) && runes[cut] != ' ' {
			cut--
		}
		runes = []rune(strings.TrimRight(string(runes[:cut]), " "))
	}
	for len(runes) < lo {
		runes = append(runes, '.')
	}
	return string(runes)
}

var (
	approving  = setOf("approve approved accept accepted pass passed yes ok publish")
	rejecting  = setOf("reject rejected decline declined fail failed no revise denied")
	reworked   = setOf("final revised rewritten edited complete improved translated corrected polished")
	labels     = setOf("short name label title heading tag")
	shortNames = setOf("name title headline heading label id key category tag slug author city country currency code " +
		"number type date day email mail url link website keyword sku person company customer supplier vendor owner subject " +
		"topic section chapter part")
	bodies = setOf("content text body draft version essay story letter message markdown report document post " +
		"page reply response answer final summary script speech")
)
