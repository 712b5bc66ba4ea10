package offline

import (
	"slices"
	"strings"
)

const longestCloser = 8

// prose makes sentences about a prompt. It avoids saying one twice.
type prose struct {
	seed  seed
	topic string
	keys  []string
	order []int // of templates; used up before one comes again
	next  int
	used  map[uint64]struct{}
}

func newProse(p *prompt, s seed) *prose {
	topic := p.topic
	if hasUnspaced(topic) { // it stands in the title
		topic = "the subject"
	}
	pr := &prose{seed: s, topic: inSentence(topic), keys: slices.Clone(p.keys), used: map[uint64]struct{}{}}
	for _, at := range pr.seed.order(len(company)) {
		if len(pr.keys) > 3 {
			break
		}
		pr.keys = append(pr.keys, company[at])
	}
	return pr
}

// inSentence lowers the first letter of a phrase unless it looks like a name.
func inSentence(s string) string {
	first, rest, many := strings.Cut(s, " ")
	lower := strings.ToLower(first)
	if many && len(lower) == len(first) && len(first) > 1 && lower[1:] == first[1:] && strings.ToLower(rest) == rest {
		return lower + " " + rest
	}
	return s
}

// sentence appends a new sentence to b and returns its number of words.
func (p *prose) sentence(b []byte) ([]byte, int) {
	start := len(b)
	for range 8 {
		if p.next == len(p.order) {
			p.order, p.next = p.seed.order(len(templates)), 0
		}
		b = p.fill(b[:start], templates[p.order[p.next]])
		p.next++
		h := hash(hashStart, b[start:])
		if _, again := p.used[h]; !again {
			p.used[h] = struct{}{}
			break
		}
	}
	return b, countWords(b[start:])
}

// sentences appends n sentences.
func (p *prose) sentences(b []byte, n int) []byte {
	for i := range n {
		if i > 0 {
			b = append(b, ' ')
		}
		b, _ = p.sentence(b)
	}
	return b
}

// fill appends a template with its slots filled and a capital at its start.
func (p *prose) fill(b []byte, template string) []byte {
	start := len(b)
	key := p.seed.below(len(p.keys))
	for i := 0; i < len(template); i++ {
		if template[i] != '%' {
			b = append(b, template[i])
			continue
		}
		i++
		what := p.topic
		switch template[i] {
		case 't', 'T':
		case 'k', 'K':
			what = p.keys[key]
		case 'q', 'Q':
			what = p.keys[(key+1+p.seed.below(len(p.keys)-1))%len(p.keys)]
		default:
			list := slots[template[i]]
			what = list[p.seed.below(len(list))]
		}
		if template[i] < 'a' && isPlural(what) {
			b = append(b, frames[p.seed.below(len(frames))]...)
		}
		b = append(b, what...)
	}
	if c := b[start]; 'a' <= c && c <= 'z' {
		b[start] -= 'a' - 'A'
	}
	return b
}

// isPlural reports whether a phrase looks like a plural. One that opens a clause
// is singular whatever its last word is.
func isPlural(s string) bool {
	first, _, _ := strings.Cut(s, " ")
	return strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "ss") && !clausal[first]
}

var clausal = setOf("why how what when where whether which while who to")

// closer returns a sentence of exactly n words; n is 1 to longestCloser.
func (p *prose) closer(n int) string {
	list := closers[n]
	return list[p.seed.below(len(list))]
}

// exactly appends sentences of together n words.
func (p *prose) exactly(b []byte, n int) []byte {
	for first := true; n > 0; first = false {
		if !first {
			b = append(b, ' ')
		}
		start, got := len(b), 0
		for try := 0; n > longestCloser/2 && try < 12; try++ {
			b, got = p.sentence(b[:start])
			// A rest that is too short for a good sentence is avoided.
			if got == n || got+4 <= n {
				break
			}
			got = 0
		}
		if got == 0 {
			got = min(n, longestCloser)
			if n > longestCloser && n-got < 4 {
				got = longestCloser / 2
			}
			b = append(b[:start], p.closer(got)...)
		}
		n -= got
	}
	return b
}

// paragraphs appends paragraphs of together n words.
func (p *prose) paragraphs(b []byte, n int) []byte {
	for n > 110 {
		for left := 45 + p.seed.below(35); left > 6; {
			var got int
			b, got = p.sentence(b)
			b = append(b, ' ')
			n, left = n-got, left-got
		}
		b = append(b[:len(b)-1], "\n\n"...)
	}
	return p.exactly(b, n)
}
