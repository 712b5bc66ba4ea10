package offline

import "strings"

const (
	maxWords     = 100_000 // no answer is longer, whatever is asked
	sectionWords = 160     // of a long text, unless asked otherwise
)

// sheet describes a text to write.
type sheet struct {
	words      int      // exactly so many, as strings.Fields counts
	title      string   // empty: none
	headings   []string // empty: paragraphs only
	conclusion bool     // the last heading is "Conclusion"
}

// plainText answers a request for text without a schema.
func plainText(p *prompt) string {
	pr := newProse(p, p.seed)
	size, ok := p.textSize("", "", nil)
	if !ok {
		if n, ok := p.sentenceCount(); ok {
			var b []byte
			for i := range n {
				if i > 0 {
					b = append(b, ' ')
				}
				b, _ = pr.sentence(b)
			}
			return string(b)
		}
		size.aim = 60
		if p.wantsHeadings("") || p.material > 30 {
			size.aim = 180
		}
	}
	s := sheet{words: clamp(size.aim, 1, maxWords)}
	if p.wantsHeadings("") {
		s.title = p.title(p.seed)
		p.plan(&s, true)
	}
	return string(pr.write(nil, s))
}

func (p *prompt) sentenceCount() (int, bool) {
	for _, a := range p.amounts {
		if a.unit == ofSentences && a.rank >= rankInstruction {
			s, _ := combine([]amount{a})
			return clamp(s.aim, 1, 1000), true
		}
	}
	return 0, false
}

// wantsHeadings reports whether the description of a field, or else the prompt,
// asks for a text with headings.
func (p *prompt) wantsHeadings(desc string) bool {
	d := strings.ToLower(desc)
	if bare(d) {
		return false
	}
	if strings.Contains(d, "heading") || strings.Contains(d, "markdown") {
		return true
	}
	for s := range p.instructions {
		if bare(s) {
			return false
		}
	}
	return p.says("heading", "markdown", "conclusion")
}

// bare reports whether s asks for a text without headings.
func bare(s string) bool {
	return strings.Contains(s, "no heading") || strings.Contains(s, "without heading") ||
		strings.Contains(s, "without a heading") || strings.Contains(s, "no title or heading")
}

// title returns the title the prompt gives, or one made of the topic.
func (p *prompt) title(s seed) string {
	if t := tidy(p.labelled("title"), 16, 200); t != "" {
		return t
	}
	r := s.with("title")
	return strings.Replace(titles[r.below(len(titles))], "%t", capitals(p.topic), 1)
}

// plan chooses the headings of a text: those the prompt lists, or as many as it
// asks for or the length suggests.
func (p *prompt) plan(s *sheet, count bool) {
	if s.words < 45 {
		return
	}
	n := clamp(s.words/sectionWords+1, 2, 12)
	if list := p.listed(); list != nil && s.words >= 20*len(list) {
		for _, name := range list {
			if name = tidy(name, 16, 200); name != "" {
				s.headings = append(s.headings, name)
			}
		}
	}
	if count && len(s.headings) == 0 {
		for _, a := range p.amounts {
			if a.rank >= rankInstruction && a.unit == ofThings && hasStem(a.nouns, "section", "heading", "part", "chapter") {
				sp, _ := combine([]amount{a})
				n = clamp(sp.aim, 1, max(1, s.words/20))
				break
			}
		}
	}
	if len(s.headings) == 0 {
		nm := newNamer(p, p.seed.with("headings"))
		for range clamp(n, 1, max(1, s.words/25)) {
			s.headings = append(s.headings, nm.name())
		}
	}
	last := strings.ToLower(s.headings[len(s.headings)-1])
	s.conclusion = !strings.Contains(last, "conclu") && !strings.Contains(last, "closing") && !strings.Contains(last, "summary")
	if s.conclusion {
		s.headings = append(s.headings, "Conclusion")
	}
}

// write appends the text to b.
func (pr *prose) write(b []byte, s sheet) []byte {
	used := 0
	if s.title != "" && len(s.headings) > 0 {
		b = append(append(b, "# "...), s.title...)
		b = append(b, "\n\n"...)
		used = 1 + countWords(s.title)
	}
	heads := 0
	for _, h := range s.headings {
		heads += 1 + countWords(h)
	}
	if s.words-used-heads < 6*len(s.headings) {
		s.headings, heads = nil, 0
	}
	left := s.words - used - heads
	if left <= 0 { // only a title fits, and not even that
		return pr.exactly(b[:0], s.words)
	}
	parts := max(1, len(s.headings))
	for i := range parts {
		if len(s.headings) > 0 {
			b = append(append(b, "## "...), s.headings[i]...)
			b = append(b, "\n\n"...)
		}
		if i == parts-1 {
			b = pr.paragraphs(b, left)
			break
		}
		// Each part takes an equal share and leaves enough for those to come.
		share := min(left/(parts-i), left-6*(parts-1-i))
		b = pr.paragraphs(b, share)
		left -= share
		b = append(b, "\n\n"...)
	}
	return b
}

// paragraphs appends paragraphs of together n words.
func (pr *prose) paragraphs(b []byte, n int) []byte {
	for n > 110 {
		var got int
		b, got = pr.roughly(b, 45+pr.seed.below(35))
		b = append(b, "\n\n"...)
		n -= got
	}
	if n > 0 {
		b = pr.exactly(b, n)
	}
	return b
}

func hasStem(list []string, stems ...string) bool {
	for _, w := range list {
		for _, s := range stems {
			if w == s {
				return true
			}
		}
	}
	return false
}

func clamp(n, lo, hi int) int { return max(lo, min(n, hi)) }
