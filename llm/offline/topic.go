package offline

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// topical labels announce a subject. The set is only read.
var topical = map[string]bool{
	"topic": true, "subject": true, "theme": true, "title": true, "question": true, "request": true, "about": true,
}

const (
	maxTopicWords = 8
	maxTopicRunes = 60
	maxKeys       = 24
)

// findTopic sets subject, if a label or a quotation shows it, topic and keys.
func (p *prompt) findTopic() {
	full := p.labelledTopic()
	if full == "" {
		full = p.quotedTopic()
	}
	p.subject, p.topic = full, phrase(full)
	p.findKeys(full)
	if p.topic == "" {
		p.topic = p.aboutTopic()
	}
	if p.topic == "" && len(p.keys) > 0 {
		p.topic = strings.Join(p.keys[:min(2, len(p.keys))], " and ")
	}
	if p.topic == "" {
		p.topic = "the subject"
	}
	if len(p.keys) == 0 {
		p.keys = []string{"the subject"}
		if countWords(p.topic) <= 3 && !strings.Contains(p.topic, ",") {
			p.keys[0] = p.topic
		}
	}
}

// labelledTopic finds what a topical label, tag or heading announces: the first
// one of the last message that has any.
func (p *prompt) labelledTopic() string {
	found, msg := "", -1
	for i := range p.lines {
		l := &p.lines[i]
		if l.source != fromUser || l.region == material && l.label == "" || l.msg == msg {
			continue
		}
		label, value := l.label, l.value
		if l.head {
			label, value = words(l.value), ""
		}
		if !topical[label] {
			continue
		}
		if value == "" && i+1 < len(p.lines) {
			if next := &p.lines[i+1]; next.source == fromUser && !next.head && next.label == "" {
				value = next.text
			}
		}
		if value != "" {
			found, msg = value, l.msg
		}
	}
	return found
}

// quotedTopic finds the first quotation on a line of the author's own.
func (p *prompt) quotedTopic() string {
	for i := range p.lines {
		l := &p.lines[i]
		if l.source != fromUser || l.region != authored {
			continue
		}
		for _, q := range quotes(l.text) {
			if s := strings.Trim(l.text[q[0]:q[1]], "\"“«„`"); phrase(s) != "" {
				return s
			}
		}
	}
	return ""
}

// aboutTopic finds what follows "about" or "on" in the author's own words, or
// takes a short message as it is.
func (p *prompt) aboutTopic() string {
	var only *line
	count := 0
	for i := range p.lines {
		l := &p.lines[i]
		if l.source != fromUser {
			continue
		}
		only = l
		count++
		if l.region != authored {
			continue
		}
		for _, mark := range []string{" about ", " on "} {
			_, rest, ok := strings.Cut(l.text, mark)
			if !ok || rest == "" || unicode.IsDigit(rune(rest[0])) {
				continue
			}
			if end := strings.IndexAny(rest, ".,;:!?("); end >= 0 {
				rest = rest[:end]
			}
			if s := phrase(rest); s != "" {
				return s
			}
		}
	}
	if count == 1 && countWords(only.text) <= maxTopicWords {
		return phrase(only.text)
	}
	return ""
}

// phrase makes a subject fit for a heading or the middle of a sentence: tidy,
// and without anything that reads as an amount, so that no later prompt takes
// it for one. It is empty if nothing is left but the words around an amount.
func phrase(s string) string {
	s = tidy(s, maxTopicWords, maxTopicRunes)
	as := readAmounts(s)
	for i := len(as) - 1; i >= 0; i-- {
		a := as[i]
		if a.manner != plainly || a.unit != ofThings {
			s = s[:a.start] + " " + s[a.end:]
			counts := map[string]int{}
			if countKeys(counts, s); len(counts) == 0 {
				return ""
			}
		}
	}
	return tidy(s, maxTopicWords, maxTopicRunes)
}

// tidy makes one line of a few words, without marks that mean something in
// Markdown. It is empty if no letter, digit or symbol is left.
func tidy(s string, words, runes int) string {
	if len(s) > 2000 {
		s = strings.ToValidUTF8(s[:2000], "")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("#*_`<>|[]{}\\\"“”«»„()~^=:;", r), unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' || unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, s)
	var kept []string
	size := 0
	for w := range strings.FieldsSeq(s) {
		n := utf8.RuneCountInString(w)
		if len(kept) == words || len(kept) > 0 && size+n > runes {
			break
		}
		if n > runes {
			w = string([]rune(w)[:runes])
		}
		kept = append(kept, w)
		size += n + 1
	}
	s = strings.TrimFunc(strings.Join(kept, " "), func(r rune) bool {
		return strings.ContainsRune(".,;:!?-–—'’/&+@ ", r)
	})
	if strings.IndexFunc(s, func(r rune) bool { return wordRune(r) || r > unicode.MaxLatin1 }) < 0 {
		return ""
	}
	return s
}

// findKeys ranks the words that matter: those of the subject, then the frequent
// ones of the material, then those of the rest.
func (p *prompt) findKeys(full string) {
	seen := map[string]bool{}
	add := func(counts map[string]int, least int) {
		list := make([]string, 0, len(counts))
		for w, n := range counts {
			if n >= least {
				list = append(list, w)
			}
		}
		slices.SortFunc(list, func(a, b string) int {
			if c := cmp.Compare(counts[b], counts[a]); c != 0 {
				return c
			}
			return cmp.Compare(a, b)
		})
		for _, w := range list {
			if len(p.keys) < maxKeys && !seen[stem(w)] {
				seen[stem(w)] = true
				p.keys = append(p.keys, w)
			}
		}
	}
	subject, stuff, rest := map[string]int{}, map[string]int{}, map[string]int{}
	countKeys(subject, full[:min(len(full), 4000)])
	add(subject, 1)
	if len(p.keys) >= 3 {
		return
	}
	for i := range p.lines {
		l := &p.lines[i]
		switch {
		case l.source != fromUser:
		case l.region == authored:
			countKeys(rest, l.text)
		case l.value != "":
			countKeys(stuff, l.value)
		default:
			countKeys(stuff, l.text)
		}
	}
	add(stuff, 2)
	if len(p.keys) == 0 {
		add(stuff, 1)
	}
	if len(p.keys) == 0 {
		add(rest, 1)
	}
}

// countKeys counts runs of up to three words that say something.
func countKeys(counts map[string]int, s string) {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return !wordRune(r) && r != ' ' && r != '\'' && r != '’' }) {
		var run []string
		flush := func() {
			if k := strings.Join(run, " "); len(k) > 3 {
				counts[k]++
			}
			run = run[:0]
		}
		for w := range strings.FieldsSeq(part) {
			w = strings.ToLower(w)
			if len(w) < 3 || len(w) > 60 || strings.ContainsFunc(w, numeral) ||
				common[w] || cueing[w] || common[stem(w)] || len(w) == 3 && brief[w] {
				flush()
				continue
			}
			if run = append(run, w); len(run) == 3 {
				flush()
			}
		}
		flush()
	}
}

// numeral reports whether a word with r is no key: a number, or one with an
// apostrophe.
func numeral(r rune) bool { return '0' <= r && r <= '9' || r == '\'' || r == '’' }

// common words say nothing about a subject. The set is only read.
var common = setOf("about above after again against also although always among another answer because been " +
	"before being below best better both cannot could does doing done down during each either else even ever every " +
	"find first five following four from full good great given goes half have having heading headings here home " +
	"into itself just keep know last less like little long look made make many markdown matter maybe mean might " +
	"more most much must name never next none note number often once only other others over part people perhaps " +
	"please point quite rather really same section sections sentence sentences seven shall short should since some " +
	"someone something still such sure take tell text than that their them then there these they thing this those " +
	"three through title topic under until upon user very want well were what when where whether which while whole " +
	"whom whose will with within without word words work works would write writing year your yours yourself up down " +
	"conclusion json schema format output style audience reader")

// brief are the words of three letters that say nothing. The set is only read.
var brief = setOf("the and but for nor yet are was has had did can may its his her our you she who how why all any " +
	"out off not one two six ten too now get got let put set see say use way own per via new old few add sum")
