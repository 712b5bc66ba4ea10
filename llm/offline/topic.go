package offline

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pawlrun/pawl/internal/late"
)

const (
	maxTopicWords = 8
	maxTopicRunes = 60
	maxKeys       = 24
)

// topicLabels announce what a request is about, the surest first.
const topicLabels = "topic subject theme title question request about"

var topical = setOf(topicLabels)

// findTopic sets topic and keys.
func (p *prompt) findTopic() {
	full := ""
	for _, label := range strings.Fields(topicLabels) {
		full = cmp.Or(full, p.labels[label])
	}
	if full == "" {
		full = p.asked()
	}
	p.topic = tidy(full, maxTopicWords, maxTopicRunes)
	p.findKeys(full)
	if len(p.keys) == 0 {
		p.findKeys(p.text)
	}
	if len(p.keys) == 0 {
		p.keys = []string{"the subject"}
	}
	if p.topic == "" {
		p.topic = strings.Join(p.keys[:min(2, len(p.keys))], " and ")
	}
}

// about finds what follows "about" or "on".
var about = late.Regexp(` (?:about|on) ([^.,;:!?(0-9]+)`)

// asked finds the subject in the user's instructions: what they quote, or else
// what they are about.
func (p *prompt) asked() string {
	found := ""
	for _, in := range p.instructions {
		if !in.user {
			continue
		}
		if q := strings.Trim(quotation().FindString(in.text), "\"“”«»„`"); tidy(q, 1, maxTopicRunes) != "" {
			return q
		}
		if m := about().FindStringSubmatch(in.text); m != nil && found == "" {
			found = m[1]
		}
	}
	return found
}

// tidy makes one line of a few words, without marks that mean something in
// Markdown. It is empty if no letter, digit or symbol is left.
func tidy(s string, words, runes int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("#*_`<>|[]{}\\\"“”«»„()~^=:;", r), unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' || unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s[:min(len(s), 2000)], ""))
	var kept []string
	for w := range strings.FieldsSeq(s) {
		n := utf8.RuneCountInString(w)
		if len(kept) == words || len(kept) > 0 && n > runes {
			break
		}
		kept = append(kept, string([]rune(w)[:min(n, runes)]))
		runes -= n + 1
	}
	s = strings.Trim(strings.Join(kept, " "), ".,;:!?-–—'’/&+@ ")
	if !strings.ContainsFunc(s, func(r rune) bool { return wordRune(r) || r > unicode.MaxLatin1 }) {
		return ""
	}
	return s
}

// findKeys ranks the words of a text that matter, the frequent ones first.
func (p *prompt) findKeys(s string) {
	counts := map[string]int{}
	run := ""
	flush := func() {
		if len(run) > 3 {
			counts[run]++
		}
		run = ""
	}
	for w := range strings.FieldsSeq(s[:min(len(s), 4000)]) { // runs of up to three words
		bare := strings.TrimFunc(w, func(r rune) bool { return !wordRune(r) })
		key := strings.ToLower(bare)
		if len(key) < 3 || len(key) > 60 || common[key] || common[stem(key)] || verbs[stem(key)] || strings.ContainsFunc(key, notKey) {
			flush()
			continue
		}
		if run = strings.TrimSpace(run + " " + key); strings.Count(run, " ") == 2 || !strings.HasSuffix(w, bare) {
			flush()
		}
	}
	flush()
	p.keys = slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	p.keys = p.keys[:min(len(p.keys), maxKeys)]
}

// notKey reports whether a word with r is no key.
func notKey(r rune) bool { return !wordRune(r) || '0' <= r && r <= '9' || unspaced(r) }
