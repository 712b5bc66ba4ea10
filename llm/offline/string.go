package offline

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl/schema"
)

// text makes the value of a string.
func (w *writer) text(n *schema.Node, h hint) string {
	if n.Format == "date-time" {
		return day(h) + "T09:00:00Z"
	}
	if n.Enum != nil {
		return w.choose(fitting(n.Enum, n), h, true)
	}
	if list := fitting(w.offered(h), n); len(list) > 0 {
		return w.choose(list, h, false)
	}
	return fit(w.free(n, h), n)
}

// offered returns the choices that the description of a field or the prompt
// offers for it, or nil.
func (w *writer) offered(h hint) []string {
	list := choices(h.desc)
	if list == nil {
		list = w.p.choicesFor(h.name)
	}
	if list == nil && refers(h.desc) {
		list = w.p.listed()
	}
	return list
}

// free makes a string that is not chosen from a list.
func (w *writer) free(n *schema.Node, h hint) string {
	size, sizedText := span{}, false
	if n == w.main {
		size, sizedText = w.p.textSize(h.name, h.desc, w.texts)
		if !sizedText {
			size.aim, sizedText = w.usual(h), true
		}
	} else {
		size, sizedText = w.p.namedSize(h.name, h.desc)
	}
	if isShort(h.name, h.desc, n) {
		s := w.short(n, h)
		if sizedText {
			s = w.inWords(s, size)
		}
		return s
	}
	if h.count == 0 && !sizedText {
		if v := w.p.labelled(h.name); v != "" && len(fitting([]string{v}, n)) == 1 {
			return v
		}
	}
	if sizedText {
		s := sheet{words: clamp(size.aim, 1, maxWords)}
		if w.p.wantsHeadings(h.desc) && (n == w.main || strings.Contains(strings.ToLower(h.desc), "heading")) {
			s.title = w.p.title(w.p.seed)
			w.p.plan(&s, false)
		}
		return string(w.prose.write(nil, s))
	}
	count := 1
	if s, ok := combine(fieldAmounts(h.desc, ofSentences)); ok {
		count = clamp(s.aim, 1, 1000)
	} else if h.count == 0 && !strings.Contains(strings.ToLower(h.desc), "sentence") {
		count = 2
	}
	least := 0
	if n.MinLen != nil {
		least = *n.MinLen
	}
	var b []byte
	for i := 0; i < count || utf8.RuneCount(b) < least; i++ {
		if i > 0 {
			b = append(b, ' ')
		}
		b, _ = w.prose.sentence(b)
	}
	return string(b)
}

// usual is the length of a main text when none is asked for. A reworked text is
// about as long as the one in the prompt.
func (w *writer) usual(h hint) int {
	if hasWord(h.name, reworked) || hasWord(h.desc, reworked) {
		return clamp(w.p.material, 120, maxWords)
	}
	return 120
}

// inWords brings a short name to an asked-for number of words.
func (w *writer) inWords(s string, size span) string {
	list := strings.Fields(s)
	if len(list) > size.hi {
		list = list[:max(1, size.aim)]
	}
	r := w.p.seed.with(s)
	for len(list) < min(size.lo, maxWords) {
		pool := slots['a']
		list = append(list, capital(pool[r.below(len(pool))]))
	}
	return strings.Join(list, " ")
}

// choose picks one of a list. The items of a list walk through it in order. A
// verdict is picked by its sense, another single value by the words of the
// prompt.
func (w *writer) choose(list []string, h hint, verdicts bool) string {
	if len(list) == 0 {
		return ""
	}
	set := approving
	if w.reject {
		set = rejecting
	}
	judges := func(s string) bool { return hasWord(words(s), set) }
	if verdicts && slices.ContainsFunc(list, judges) {
		return list[slices.IndexFunc(list, judges)]
	}
	if h.count > 0 {
		if h.count > len(list) {
			return list[h.index*len(list)/h.count]
		}
		return list[h.index%len(list)]
	}
	if label := w.p.labelled(h.name); label != "" {
		if at := slices.IndexFunc(list, func(s string) bool { return strings.EqualFold(s, label) }); at >= 0 {
			return list[at]
		}
	}
	best, most := -1, 0
	r := h.seed.with("choice")
	start := r.below(len(list))
	for i := range list {
		at := (start + i) % len(list)
		if n := w.p.occurrences(words(list[at])); n > most {
			best, most = at, n
		}
	}
	if best < 0 {
		best = start
	}
	return list[best]
}

// occurrences counts the lines of a user that have a word of name. Lines that
// name several choices count as well: they count for all alike.
func (p *prompt) occurrences(name string) int {
	count := 0
	for i := range p.lines {
		l := &p.lines[i]
		if l.source != fromUser {
			continue
		}
		if sharesWord(l.text, name) {
			count++
		}
	}
	return count
}

// fitting keeps the strings that the bounds of n accept.
func fitting(list []string, n *schema.Node) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		runes := utf8.RuneCountInString(s)
		return n.MinLen != nil && runes < *n.MinLen || n.MaxLen != nil && runes > *n.MaxLen
	})
}

// fit brings s within the bounds of n, without a space at its end.
func fit(s string, n *schema.Node) string {
	lo, hi := 0, unbounded
	if n.MinLen != nil {
		lo = *n.MinLen
	}
	if n.MaxLen != nil {
		hi = *n.MaxLen
	}
	runes := []rune(s)
	if len(runes) > hi {
		cut := hi
		for cut > lo && cut > 0 && runes[cut] != ' ' {
			cut--
		}
		if cut <= hi/2 || cut < lo {
			cut = hi
		}
		runes = runes[:cut]
	}
	for _, r := range strings.Repeat(" and more", (lo-min(lo, len(runes)))/9+1) {
		if len(runes) >= lo {
			break
		}
		runes = append(runes, r)
	}
	for i := len(runes) - 1; i >= 0 && runes[i] == ' '; i-- {
		if i >= lo {
			runes = runes[:i]
		} else {
			runes[i] = '.'
		}
	}
	return string(runes)
}

func day(h hint) string {
	d := strconv.Itoa(h.index%28 + 1)
	if len(d) == 1 {
		d = "0" + d
	}
	return "2026-01-" + d
}

// refers reports whether a description points at names given elsewhere.
func refers(desc string) bool {
	d := strings.ToLower(desc)
	for _, s := range []string{"one of the", "name of one of", "name of the", "named in", "as in the", "from the plan", "from the list", "as given", "as listed", "exactly as"} {
		if strings.Contains(d, s) {
			return true
		}
	}
	return false
}

var (
	approving = setOf("approve approved accept accepted pass passed yes ok publish")
	rejecting = setOf("reject rejected decline declined fail failed no revise denied")
	reworked  = setOf("final revised rewritten edited complete improved translated corrected polished")
)
