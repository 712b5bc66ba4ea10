package offline

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxWords     = 100_000 // no answer is longer, whatever is asked
	sectionWords = 160     // of a long text, unless asked otherwise
)

// sheet describes a text to write.
type sheet struct {
	words    int      // exactly so many, as strings.Fields counts
	title    string   // empty: none
	headings []string // empty: paragraphs only
}

// plainText answers a request for text without a schema.
func plainText(p *prompt) string {
	pr := newProse(p, p.seed)
	headed := p.wantsHeadings("")
	size, ok := p.answerSize()
	if !ok {
		if n, ok := combine(p.bounds, ofSentences); ok {
			return string(pr.sentences(nil, clamp(n.aim, 1, 1000)))
		}
		size.aim = 60
		if headed || countWords(p.text) > 30 {
			size.aim = 180
		}
	}
	s := sheet{words: clamp(size.aim, 1, maxWords)}
	if headed {
		p.plan(&s)
	}
	return string(pr.write(nil, s))
}

// wantsHeadings reports whether the description of a field or a gate, or else
// the prompt, asks for a text with headings.
func (p *prompt) wantsHeadings(desc string) bool {
	asked := strings.ToLower(desc + "\n" + strings.Join(p.gates, "\n"))
	if !headed(asked) && !bare(asked) {
		for _, in := range p.instructions {
			asked += "\n" + in.own
		}
	}
	return headed(asked) && !bare(asked)
}

func headed(s string) bool { return hasAny(s, "heading", "markdown", "conclusion") }

// bare reports whether s asks for a text without headings.
func bare(s string) bool {
	return hasAny(s, "no heading", "without heading", "without a heading", "without its heading", "no title or heading")
}

// title returns the title the prompt gives, or one made of the topic.
func (p *prompt) title(s seed) string {
	if t := tidy(p.labels["title"], 16, 200); t != "" {
		return t
	}
	r := s.with("title")
	return strings.Replace(titles[r.below(len(titles))], "%t", capitals(p.topic), 1)
}

// plan gives a text its title and headings: those the prompt lists, or as many
// as it asks for or the length suggests.
func (p *prompt) plan(s *sheet) {
	s.title = p.title(p.seed)
	if s.words < 45 {
		return
	}
	if s.words >= 20*len(p.list) {
		for _, name := range p.list {
			if name = tidy(name, 16, 200); name != "" {
				s.headings = append(s.headings, name)
			}
		}
	}
	if len(s.headings) == 0 {
		n := clamp(s.words/sectionWords+1, 2, 12)
		if asked, ok := p.itemCount("section", ""); ok && asked.hi < unbounded {
			n = asked.aim
		}
		nm := newNamer(p, p.seed.with("headings"))
		for range clamp(n, 1, max(1, s.words/25)) {
			s.headings = append(s.headings, nm.name())
		}
	}
	if last := strings.ToLower(s.headings[len(s.headings)-1]); !hasAny(last, "conclu", "closing", "summary") {
		s.headings = append(s.headings, "Conclusion")
	}
}

// write appends the text to b.
func (pr *prose) write(b []byte, s sheet) []byte {
	left := s.words
	if s.title != "" && len(s.headings) > 0 {
		b = append(append(append(b, "# "...), s.title...), "\n\n"...)
		left -= 1 + countWords(s.title)
	}
	heads := 0
	for _, h := range s.headings {
		heads += 1 + countWords(h)
	}
	if left-heads < 6*len(s.headings) {
		s.headings, heads = nil, 0
	}
	if left -= heads; left <= 0 { // only a title fits, and not even that
		return pr.exactly(b[:0], s.words)
	}
	if len(s.headings) == 0 {
		return pr.paragraphs(b, left)
	}
	for i, h := range s.headings {
		if i > 0 {
			b = append(b, "\n\n"...)
		}
		b = append(append(append(b, "## "...), h...), "\n\n"...)
		// Each part takes an equal share and leaves enough for those to come.
		after := len(s.headings) - 1 - i
		share := min(left/(after+1), left-6*after)
		b = pr.paragraphs(b, share)
		left -= share
	}
	return b
}

// namer makes short names, each once.
type namer struct {
	keys  []string
	seed  seed
	order []int
	next  int
}

func newNamer(p *prompt, s seed) *namer {
	s = s.with("names")
	return &namer{keys: p.keys, seed: s, order: s.order(len(names))}
}

func (n *namer) name() string {
	at, round := n.order[n.next%len(n.order)], n.next/len(n.order)
	n.next++
	s := strings.Replace(names[at], "%k", capitals(n.keys[n.seed.below(len(n.keys))]), 1)
	if round > 0 {
		s += " " + strconv.Itoa(round+1)
	}
	return s
}

// capitals raises the first letter of the first word and of each that is not
// merely a link.
func capitals(s string) string {
	list := strings.Split(s, " ")
	for i, w := range list {
		if w != "" && (i == 0 || !links[w]) {
			r, size := utf8.DecodeRuneInString(w)
			list[i] = string(unicode.ToUpper(r)) + w[size:]
		}
	}
	return strings.Join(list, " ")
}

var links = setOf("a an and as at by for from in into is of on or the to with")
