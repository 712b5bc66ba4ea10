package offline

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const longestCloser = 12

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
	pr := &prose{seed: s, topic: inSentence(p.topic), keys: slices.Clone(p.keys), used: map[uint64]struct{}{}}
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
	first, rest, _ := strings.Cut(s, " ")
	if rest == "" || strings.ToLower(rest) != rest || len(first) < 2 {
		return s
	}
	r, size := utf8.DecodeRuneInString(first)
	if strings.ToLower(first[size:]) != first[size:] {
		return s
	}
	return string(unicode.ToLower(r)) + s[size:]
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
	return b, countWords(string(b[start:]))
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
		switch c := template[i]; c {
		case 't':
			b = append(b, p.topic...)
		case 'k':
			b = append(b, p.keys[key]...)
		case 'q':
			b = append(b, p.other(key)...)
		case 'T':
			b = p.single(b, p.topic)
		case 'K':
			b = p.single(b, p.keys[key])
		case 'Q':
			b = p.single(b, p.other(key))
		default:
			list := slots[c]
			b = append(b, list[p.seed.below(len(list))]...)
		}
	}
	if r, size := utf8.DecodeRune(b[start:]); unicode.IsLower(r) {
		if up := unicode.ToUpper(r); utf8.RuneLen(up) == size {
			utf8.EncodeRune(b[start:], up)
		}
	}
	return b
}

// single appends what, framed if it looks like a plural.
func (p *prose) single(b []byte, what string) []byte {
	first, _, _ := strings.Cut(what, " ")
	if strings.HasSuffix(what, "s") && !strings.HasSuffix(what, "ss") && !clausal[first] {
		b = append(b, frames[p.seed.below(len(frames))]...)
	}
	return append(b, what...)
}

// clausal words open a clause, which is singular whatever its last word is.
var clausal = setOf("why how what when where whether who to")

// other returns a word that is not the one at key.
func (p *prose) other(key int) string {
	return p.keys[(key+1+p.seed.below(len(p.keys)-1))%len(p.keys)]
}

// closer returns a sentence of exactly n words; n is 1 to longestCloser.
func (p *prose) closer(n int) string {
	list := closers[n]
	at := p.seed.below(len(list))
	for i := range list {
		s := list[(at+i)%len(list)]
		h := hash(hashStart, s)
		if _, again := p.used[h]; !again {
			p.used[h] = struct{}{}
			return s
		}
	}
	return list[at]
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

// roughly appends sentences until they have n words or a few more or less.
func (p *prose) roughly(b []byte, n int) ([]byte, int) {
	total := 0
	for total == 0 || total+6 < n {
		if total > 0 {
			b = append(b, ' ')
		}
		var got int
		b, got = p.sentence(b)
		total += got
	}
	return b, total
}
